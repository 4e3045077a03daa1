#include "common/domain/routing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/domain/routing/shipped.hpp"

namespace hotline::domain {
namespace {

using strings = std::vector<std::string>;

bool says(const route_proposal& proposal, const std::string& words) {
  return std::any_of(proposal.reasons.begin(), proposal.reasons.end(),
                     [&](const auto& reason) { return reason.find(words) != std::string::npos; });
}

bool offers(const route_proposal& proposal, v1::Disposal disposal) {
  const auto& all = proposal.disposals;
  return std::find(all.begin(), all.end(), disposal) != all.end();
}

struct expected_route {
  std::string intake;
  std::string rule;
  std::string unit;
  bool sure;
};

/// One line for each shipped rule with a target.
const std::vector<expected_route>& routes() {
  static const std::vector<expected_route> table = {
      {R"(matter { kind: KIND_COMPLAINT category: "union_work.staff" region: "370883" })",
       "union-work", "370800", false},
      {R"(matter { kind: KIND_HELP category: "other.consumer" region: "370883" })",
       "not-union-duty", "370000", false},
      {R"(matter { kind: KIND_PETITION category: "wages.arrears" region: "370883" })", "petition",
       "370883", true},
      {R"(source: SOURCE_ARBITRATION
          matter { kind: KIND_COMPLAINT category: "wages.arrears" region: "370211" })",
       "entrusted-mediation", "370211", true},
      {R"(urgency: URGENCY_CRITICAL
          matter { kind: KIND_REPORT category: "safety.hazard" region: "370306" })",
       "danger", "370306", true},
      {R"(matter { kind: KIND_SUGGEST category: "culture.app" region: "370306" })", "app", "370000",
       false},
      {R"(matter { kind: KIND_SUGGEST category: "culture.palace" region: "370306" })", "suggestion",
       "370300", true},
      {R"(matter { kind: KIND_CONSULT category: "wages.arrears" region: "370306" })",
       "consultation", "370306", true},
      {R"(matter { kind: KIND_COMPLAINT category: "wages.project_arrears" region: "370306" })",
       "project-arrears", "370306", true},
      {R"(matter { kind: KIND_COMPLAINT category: "wages.arrears" region: "370306" })", "wages",
       "370306", true},
      {R"(matter { kind: KIND_COMPLAINT category: "wages" region: "370306" })", "wages", "370306",
       true},
      {R"(matter { kind: KIND_COMPLAINT category: "insurance.owed" region: "370176" })",
       "insurance", "370176", true},
      {R"(matter { kind: KIND_COMPLAINT category: "contract.unsigned" region: "370176" })",
       "contract", "370176", true},
      {R"(matter { kind: KIND_HELP category: "injury.benefits" region: "370883" })", "injury",
       "370883", true},
      {R"(matter { kind: KIND_REPORT category: "hours.overlong" region: "370883" })", "hours",
       "370883", true},
      {R"(matter { kind: KIND_COMPLAINT category: "protection.maternity" region: "370883" })",
       "protection", "370883", true},
      {R"(matter { kind: KIND_REPORT category: "safety.hazard" region: "370883" })", "safety",
       "370883", true},
      {R"(matter { kind: KIND_COMPLAINT category: "newform.ban" region: "370883" })", "new-form",
       "370800", true},
      {R"(matter { kind: KIND_HELP category: "bargaining.wages" region: "370883" })", "bargaining",
       "370883", true},
      {R"(matter { kind: KIND_HELP category: "union.founding" region: "370883" })", "union",
       "370883", true},
      {R"(matter { kind: KIND_HELP category: "relief.illness" region: "370883" })", "relief",
       "370883", true},
      {R"(matter { kind: KIND_HELP category: "mutual.claim" region: "370102" })", "mutual",
       "370100-d03", true},
      {R"(matter { kind: KIND_HELP category: "mental.stress" region: "370883" })", "mental",
       "370000-d02", true},
      {R"(matter { kind: KIND_HELP category: "legal.aid" region: "370883" })", "legal", "370883",
       true},
      {R"(matter { kind: KIND_HELP category: "jobs.seeking" region: "370883" })", "jobs", "370883",
       true},
      {R"(matter { kind: KIND_HELP category: "culture.library" region: "370883" })", "culture",
       "370883", true},
      {R"(matter { kind: KIND_HELP region: "370883" })", "territory", "370883", false},
  };
  return table;
}

TEST_CASE("each shipped rule fires for its matter and names its unit") {
  for (const expected_route& one : routes()) {
    CAPTURE(one.intake);
    const route_proposal proposal = shipped().route(one.intake);
    CHECK(proposal.rule == one.rule);
    CHECK(proposal.unit == one.unit);
    CHECK(proposal.sure == one.sure);
  }
}

TEST_CASE("no shipped rule with a target is missing from the table") {
  std::set<std::string> tested;
  for (const expected_route& one : routes()) tested.insert(one.rule);
  for (const v1::RoutingRule& rule : shipped().policies.routing().rules())
    if (rule.target() != v1::ROUTE_TARGET_UNSPECIFIED) {
      CAPTURE(rule.id());
      CHECK(tested.contains(rule.id()));
    }
}

TEST_CASE("a near miss of a rule goes another way") {
  const auto rule = [](const std::string& intake) { return shipped().route(intake).rule; };
  CHECK(rule(R"(urgency: URGENCY_URGENT
                matter { kind: KIND_REPORT category: "safety.hazard" region: "370306" })") ==
        "safety");
  CHECK(rule(R"(source: SOURCE_PHONE
                matter { kind: KIND_COMPLAINT category: "wages.arrears" region: "370211" })") ==
        "wages");
  CHECK(rule(R"(matter { kind: KIND_HELP category: "culture.app_store" region: "370306" })") ==
        "culture");
  CHECK(rule(R"(matter { kind: KIND_HELP category: "wagesx" region: "370306" })") == "territory");
}

TEST_CASE("rules without a target add what they say and let the search go on") {
  const auto rider = shipped().route(
      R"(caller { platform_work: PLATFORM_WORK_FOOD_DELIVERY }
         matter { kind: KIND_COMPLAINT category: "wages.arrears" region: "370306" })");
  CHECK(rider.rule == "wages");
  CHECK(rider.priority);
  CHECK(says(rider, "新就业形态"));

  const std::string plain =
      R"(matter { kind: KIND_COMPLAINT category: "wages.arrears" region: "370306" })";
  CHECK_FALSE(shipped().route(plain).priority);
  CHECK(shipped().route("caller { migrant_worker: true }" + plain).priority);
  CHECK(shipped().route("caller { hardship: true }" + plain).priority);
}

TEST_CASE("the number of people raises grade, urgency and helpers step by step") {
  const auto of = [](int people) {
    return shipped().route(R"(matter { kind: KIND_COMPLAINT category: "wages.arrears"
                              region: "370306" people: )" +
                           std::to_string(people) + "}");
  };
  CHECK(of(9).grade == v1::GRADE_ORDINARY);
  CHECK(of(9).urgency == v1::URGENCY_NORMAL);
  CHECK_FALSE(of(9).priority);
  CHECK(of(10).grade == v1::GRADE_HARD);
  CHECK(of(10).urgency == v1::URGENCY_URGENT);
  CHECK(of(10).priority);
  CHECK(of(29).grade == v1::GRADE_HARD);
  CHECK(of(30).grade == v1::GRADE_COMPLEX);
  CHECK(offers(of(30), v1::DISPOSAL_JOINT));
  CHECK(of(99).co_units.empty());
  CHECK(of(100).co_units == strings{"370000"});
}

TEST_CASE("a complaint about a union goes to its superior, never to itself") {
  const auto about = [](const std::string& unit) {
    return shipped().route(R"(matter { kind: KIND_COMPLAINT category: "union_work.staff"
                              region: "370883" complained_unit: ")" +
                           unit + "\" }");
  };
  CHECK(about("370883").unit == "370800");
  CHECK(about("370883").sure);
  CHECK(about("370800").unit == "370000");
  CHECK(about("370883-d01").unit == "370883");
  CHECK(about("370306-s01-p01").unit == "370306");
  CHECK(about("370000").unit == "370000");
  CHECK_FALSE(about("370000").sure);
  CHECK(says(about("370000"), "全国总工会"));
  CHECK_FALSE(about("379999").sure);
  CHECK(about("379999").unit == "370000");
  for (const v1::Unit& unit : shipped().units.units()) {
    if (unit.level() == v1::Unit::PROVINCE) continue;
    CHECK_FALSE(shipped().units.is_in_subtree(about(unit.code()).unit, unit.code()));
  }
}

TEST_CASE("that holds whatever category was chosen, and for the helpers") {
  auto config = shipped_config();
  auto& rule = *config.mutable_policies()->mutable_routing()->add_rules();
  rule.set_order(1);
  rule.add_co_units("370883-d01");
  rule.add_co_units("370100");
  const world custom(config);
  const auto proposal = custom.route(R"(matter { kind: KIND_COMPLAINT category: "wages.arrears"
                                        region: "370883" complained_unit: "370883" })");
  CHECK(proposal.unit == "370800");
  CHECK(proposal.co_units == strings{"370100"});
}

TEST_CASE("where the matter belongs") {
  struct place_case {
    std::string facts;
    std::string unit;
    bool sure;
  };
  const std::vector<place_case> cases = {
      {R"(matter { region: "370306-s01" })", "370306", true},
      {R"(matter { region: "370100" })", "370100", true},
      {R"(matter { region: "370000" })", "370000", false},
      {R"(matter { region: "210200" })", "370000", false},
      {R"(matter { region: "370000" place: "济宁邹城" })", "370883", true},
      {R"(matter { place: "济宁邹城" })", "370883", true},
      {R"(matter { place: "市中区" })", "370000", false},
      {R"(matter { place: "历下区，历城区" })", "370100", false},
      {R"(matter { place: "辽宁省大连市" })", "370000", false},
      {R"(matter { place: "工地上" } employer { address: "烟台市福山区" })", "370611", true},
      {R"(employer { name: "济南某公司" })", "370100", false},
      {R"(matter { content: "我在寿光市打工" })", "370783", false},
      {R"(title: "寿光市欠薪")", "370783", false},
      {R"(external_partner: "p-12345-370100")", "370100", true},
      {R"(external_partner: "p-12348")", "370000", false},
      {R"(external_partner: "p-12345-370100" matter { place: "青岛胶州" })", "370281", true},
      {"", "370000", false},
  };
  for (const place_case& one : cases) {
    CAPTURE(one.facts);
    auto intake = parsed<v1::Intake>(one.facts);
    intake.mutable_matter()->set_kind(v1::KIND_COMPLAINT);
    intake.mutable_matter()->set_category("wages.arrears");
    const world& w = shipped();
    const auto proposal = propose_route(intake, w.now, {w.units, w.regions, w.policies});
    CHECK(proposal.unit == one.unit);
    CHECK(proposal.sure == one.sure);
    CHECK(proposal.rule == "wages");
    if (!one.sure) CHECK_FALSE(proposal.reasons.empty());
  }
}

TEST_CASE("what is missing makes the proposal unsure, not empty") {
  CHECK_FALSE(shipped().route(R"(matter { category: "wages" region: "370883" })").sure);
  CHECK_FALSE(shipped().route(R"(matter { kind: KIND_HELP region: "370883" })").sure);
  CHECK_FALSE(
      shipped().route(R"(matter { kind: KIND_HELP category: "nothing" region: "370883" })").sure);
}

TEST_CASE("an inactive unit is replaced by its nearest working superior") {
  auto config = shipped_config();
  for (auto& unit : *config.mutable_organisation()->mutable_units())
    if (unit.code() == "370883" || unit.code() == "370100-d03") unit.set_inactive(true);
  const world custom(config);
  const auto county =
      custom.route(R"(matter { kind: KIND_COMPLAINT category: "wages.arrears" region: "370883" })");
  CHECK(county.unit == "370800");
  CHECK(says(county, "已停用"));
  const auto fund =
      custom.route(R"(matter { kind: KIND_HELP category: "mutual.claim" region: "370102" })");
  CHECK(fund.unit == "370000-d01");  // the duty itself moves up to the next who has it
}

TEST_CASE("a named unit, a region and a source as conditions") {
  auto config = shipped_config();
  auto& rule = *config.mutable_policies()->mutable_routing()->add_rules();
  rule = parsed<v1::RoutingRule>(R"(id: "team" order: 2 region: "370100" sources: SOURCE_COURT
                                    target: ROUTE_TARGET_UNIT unit: "370100-t01")");
  const world custom(config);
  const auto route = [&](const std::string& source, const std::string& region) {
    return custom.route("source: " + source +
                        R"( matter { kind: KIND_COMPLAINT category: "wages" region: ")" + region +
                        "\" }");
  };
  CHECK(route("SOURCE_COURT", "370102").unit == "370100-t01");
  CHECK(route("SOURCE_COURT", "370102").rule == "team");
  CHECK(route("SOURCE_PHONE", "370102").rule == "wages");
  CHECK(route("SOURCE_COURT", "370202").rule == "entrusted-mediation");
}

TEST_CASE("every proposal names a working unit of the organisation") {
  const char* regions[] = {"", "370000", "370100", "370883", "370176", "210200"};
  for (const char* region : regions)
    for (int kind = 0; kind <= v1::KIND_PETITION; ++kind)
      for (const v1::Category& category : shipped().policies.categories().categories()) {
        const auto proposal =
            shipped().route("matter { kind: " + std::to_string(kind) + " category: \"" +
                            category.code() + "\" region: \"" + region + "\" }");
        const v1::Unit* unit = shipped().units.find(proposal.unit);
        REQUIRE(unit != nullptr);
        CHECK_FALSE(unit->inactive());
        CHECK_FALSE(proposal.rule.empty());
      }
}

TEST_CASE(
    "the four questions decide how a dispute is settled; what was not asked decides nothing") {
  constexpr auto yes = v1::ANSWER_YES;
  constexpr auto no = v1::ANSWER_NO;
  constexpr auto open = v1::ANSWER_UNSPECIFIED;
  const auto answer = [](v1::Answer facts, v1::Answer breach, v1::Answer aid, v1::Answer complex) {
    v1::Matter matter;
    matter.set_facts_clear(facts);
    matter.set_breach_clear(breach);
    matter.set_aid_conditions_met(aid);
    matter.set_complex(complex);
    return triage(matter);
  };
  constexpr triage_answer cadre{v1::DISPOSAL_CADRE_MEDIATION, "triage.cadre-mediation"};
  constexpr triage_answer model_worker{v1::DISPOSAL_MODEL_WORKER_MEDIATION,
                                       "triage.model-worker-mediation"};
  constexpr triage_answer lawyer{v1::DISPOSAL_LAWYER, "triage.lawyer"};
  constexpr triage_answer joint{v1::DISPOSAL_JOINT, "triage.joint"};
  CHECK(answer(yes, yes, open, open) == cadre);
  CHECK(answer(yes, no, no, no) == model_worker);
  CHECK(answer(no, open, no, no) == model_worker);
  CHECK(answer(no, yes, open, open) == model_worker);
  CHECK(answer(no, no, open, open) == model_worker);
  CHECK_FALSE(answer(open, open, open, open).has_value());
  CHECK_FALSE(answer(yes, open, no, no).has_value());
  CHECK(answer(yes, yes, yes, no) == lawyer);
  CHECK(answer(yes, yes, yes, yes) == joint);
  CHECK(answer(no, no, open, yes) == joint);
}

TEST_CASE("the answer to the four questions comes first, and only for disputes") {
  const std::string facts =
      R"(category: "wages.arrears" region: "370883" facts_clear: ANSWER_YES breach_clear: ANSWER_YES })";
  const auto dispute = shipped().route("matter { kind: KIND_COMPLAINT " + facts);
  REQUIRE_FALSE(dispute.disposals.empty());
  CHECK(dispute.disposals.front() == v1::DISPOSAL_CADRE_MEDIATION);
  CHECK(dispute.triage_rule == "triage.cadre-mediation");
  CHECK(offers(dispute, v1::DISPOSAL_NEGOTIATION));
  const auto question = shipped().route("matter { kind: KIND_CONSULT " + facts);
  CHECK(question.disposals == std::vector<v1::Disposal>{v1::DISPOSAL_CONSULTATION});
  CHECK(question.triage_rule.empty());
}

struct urgency_case {
  std::string intake;
  v1::Urgency urgency;
  std::string rule;
};

TEST_CASE("urgency from words and numbers") {
  const auto normal = v1::URGENCY_NORMAL;
  const auto urgent = v1::URGENCY_URGENT;
  const auto critical = v1::URGENCY_CRITICAL;
  const std::vector<urgency_case> cases = {
      {R"(matter { content: "公司欠我三个月工资" })", normal, ""},
      {R"(matter { content: "再不给钱我就跳楼" })", critical, "suicide"},
      {R"(title: "不 想 活 了")", critical, "suicide"},
      {R"(matter { content: "我要砍人" })", critical, "violence"},
      {R"(matter { content: "担心被打击报复" })", normal, ""},
      {R"(matter { content: "明天大家要去堵路" })", critical, "gathering"},
      {R"(matter { content: "停工留薪期工资怎么算" })", normal, ""},
      {R"(matter { content: "工地坍塌，有人被埋" })", critical, "accident"},
      {R"(matter { people: 9 })", normal, ""},
      {R"(matter { people: 10 })", urgent, "collective"},
      {R"(matter { people: 10 content: "明天罢工" })", critical, "gathering"},
      {R"(matter { employer_absconded: true })", urgent, "absconded"},
      {R"(matter { content: "老板跑路了" })", urgent, "absconded-words"},
      {R"(matter { media_attention: true })", urgent, "media"},
      {R"(matter { legal_limit_date: "2026-11-23" })", urgent, "legal-limit"},
      {R"(matter { legal_limit_date: "2026-11-29" })", urgent, "legal-limit"},
      {R"(matter { legal_limit_date: "2026-11-30" })", normal, ""},
      {R"(matter { legal_limit_date: "2026-11-22" })", normal, ""},
      {R"(matter { legal_limit_date: "soon" })", normal, ""},
      {R"(caller { platform_work: PLATFORM_WORK_COURIER } matter { content: "没地方住了" })",
       urgent, "shelter"},
      {"", normal, ""},
  };
  for (const urgency_case& one : cases) {
    CAPTURE(one.intake);
    const auto proposal = propose_urgency(parsed<v1::Intake>(one.intake), shipped().now,
                                          shipped().policies.routing());
    CHECK(proposal.urgency == one.urgency);
    CHECK(proposal.rule == one.rule);
    CHECK(proposal.reason.empty() == one.rule.empty());
  }
}

TEST_CASE("a word counts unless it is part of a longer one that does not") {
  const auto fired = [](const std::string& content) {
    v1::Intake intake;
    intake.mutable_matter()->set_content(content);
    return propose_urgency(intake, shipped().now, shipped().policies.routing()).rule;
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"工友们商量好了，明天一起停工", "gathering"},
      {"再不发工资我们就停工", "gathering"},
      {"停工留薪期工资没有发，大家准备停工", "gathering"},
      {"受伤后停工留薪期内公司停发工资", ""},
      {"停工停产期间只发了最低工资", ""},
      {"工地停工三个月，工钱一直没结", ""},
      {"天气原因，公司通知停工一周，工资怎么算", ""},
      {"他欠我钱，我要报复", "violence"},
      {"逼急了就报复老板", "violence"},
      {"举报后遭到打击报复，被调去看大门", ""},
      {"我怕被报复，请保密", ""},
      {"公司报复性调岗降薪", ""},
      {"举报以后领导报复我", ""},
      {"我要报复我老板", "violence"},
      {"工地停工讨薪", "gathering"},
      {"怕被报复，但我也要报复他们", "violence"},
      {"今天下班我就砍了他", "violence"},
      {"不给工资砍死他", "violence"},
      {"工友被砍伤了住院", "violence"},
      {"绩效工资被砍掉一半", ""},
      {"奖金砍了，说是效益不好", ""},
      {"在林场砍伐时受伤", ""},
      {"不给钱就把办公楼炸平", "violence"},
      {"我在炸鸡店打工，油炸时烫伤", ""},
      {"催收电话轰炸，群里都炸锅了", ""},
      {"车间发生爆炸", "accident"},
  };
  for (const auto& [content, rule] : cases) {
    CAPTURE(content);
    CHECK(fired(content) == rule);
  }
}

TEST_CASE("each longer word of each shipped urgency rule keeps its rule from firing") {
  for (const v1::UrgencyRule& rule : shipped().policies.routing().urgency_rules())
    for (const std::string& word : rule.unless_words()) {
      CAPTURE(word);
      v1::RoutingPolicy alone;
      *alone.add_urgency_rules() = rule;
      v1::Intake intake;
      intake.mutable_matter()->set_content("他说" + word + "。");
      CHECK(propose_urgency(intake, shipped().now, alone).urgency == v1::URGENCY_NORMAL);
    }
}

TEST_CASE("each word of each shipped urgency rule is found and shown") {
  for (const v1::UrgencyRule& rule : shipped().policies.routing().urgency_rules())
    for (const std::string& word : rule.words()) {
      CAPTURE(word);
      v1::Intake intake;
      intake.mutable_matter()->set_content("他说" + word + "。");
      const auto proposal = propose_urgency(intake, shipped().now, shipped().policies.routing());
      CHECK(proposal.urgency >= rule.urgency());
      CHECK(proposal.reason.find("“") != std::string::npos);
    }
}

TEST_CASE("all conditions of an urgency rule must hold") {
  const auto policy = parsed<v1::RoutingPolicy>(
      R"(urgency_rules { id: "x" urgency: URGENCY_URGENT words: "欠薪" people_min: 3 })");
  const auto of = [&](const std::string& intake) {
    return propose_urgency(parsed<v1::Intake>(intake), shipped().now, policy).urgency;
  };
  CHECK(of(R"(matter { content: "欠薪" people: 3 })") == v1::URGENCY_URGENT);
  CHECK(of(R"(matter { content: "欠薪" people: 2 })") == v1::URGENCY_NORMAL);
  CHECK(of(R"(matter { content: "其他" people: 3 })") == v1::URGENCY_NORMAL);
}

TEST_CASE("a stated urgency is raised by words, never lowered") {
  const auto stated = shipped().route(
      R"(urgency: URGENCY_URGENT matter { kind: KIND_HELP category: "jobs" region: "370883" })");
  CHECK(stated.urgency == v1::URGENCY_URGENT);
  const auto raised = shipped().route(
      R"(urgency: URGENCY_URGENT
         matter { kind: KIND_HELP category: "jobs" region: "370883" content: "我要跳楼" })");
  CHECK(raised.urgency == v1::URGENCY_CRITICAL);
}

TEST_CASE("a category code covers itself and what is below it") {
  CHECK(covers_category("wages", "wages"));
  CHECK(covers_category("wages", "wages.arrears"));
  CHECK_FALSE(covers_category("wages.arrears", "wages"));
  CHECK_FALSE(covers_category("wages", "wagesx"));
  CHECK_FALSE(covers_category("wages", ""));
}

}  // namespace
}  // namespace hotline::domain
