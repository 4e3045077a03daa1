// What citizens ask for by the public channels, what they may do to their tickets, and what they
// are told of them.
#include "common/domain/citizen.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <google/protobuf/text_format.h>

#include <array>
#include <string>
#include <vector>

#include "common/domain/form.hpp"
#include "story.hpp"

using hotline::test::shipped_province;
using hotline::test::story;
namespace domain = hotline::domain;
namespace v1 = hotline::v1;

namespace {

constexpr std::array web_only{v1::SOURCE_WEB};

v1::CitizenRequest request_of(const std::string& text) {
  v1::CitizenRequest request;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &request));
  return request;
}

/// What a request asks for, with `more` besides.
domain::ruled<v1::CreateTicket> asked(const std::string& text, const std::string& more = {},
                                      std::span<const v1::Source> sources = web_only) {
  auto request = request_of(text);
  request.MergeFrom(request_of(more));
  return domain::create_of(request, sources, shipped_province().org);
}

constexpr const char* whole = R"(caller { name: '赵师傅' phone: '13805310001' }
    employer { name: '某置业公司' } matter { kind: KIND_COMPLAINT category: 'wages.arrears'
    content: '拖欠三个月工资' })";

/// A ticket taken in by the web form, dispatched to 370883.
story& from_web(story& s) { return s.accepted("source: SOURCE_WEB").dispatched(); }

v1::Progress told(const story& s) {
  return domain::progress_of(shipped_province().org, s.ticket(), nullptr);
}

std::vector<v1::CitizenStep> steps_of(const v1::Progress& p) {
  std::vector<v1::CitizenStep> steps;
  for (const int step : p.steps()) steps.push_back(static_cast<v1::CitizenStep>(step));
  return steps;
}

}  // namespace

TEST_CASE("a whole request is accepted, one with gaps is a draft for an operator") {
  struct row {
    const char* without;
    std::string text;
    bool draft;
  };
  const std::vector<row> rows{
      {"nothing", whole, false},
      {"kind",
       "caller { phone: '13805310001' } employer { name: 'e' } matter { category: "
       "'wages.arrears' content: 'c' }",
       true},
      {"category",
       "caller { phone: '13805310001' } employer { name: 'e' } matter { kind: "
       "KIND_COMPLAINT content: 'c' }",
       true},
      {"place",
       "caller { phone: '13805310001' } matter { kind: KIND_COMPLAINT category: "
       "'wages.arrears' content: 'c' }",
       true},
  };
  for (const auto& r : rows) {
    INFO("without " << r.without);
    const auto order = asked(r.text);
    REQUIRE(order.has_value());
    CHECK(order->draft() == r.draft);
    CHECK(order->intake().source() == v1::SOURCE_WEB);
  }
}

TEST_CASE("what a request cannot ask for is refused by name") {
  struct row {
    std::string text;
    std::string more;
    const char* rule;
  };
  const std::vector<row> rows{
      {whole, "source: SOURCE_PHONE", "request.own-source"},
      {whole, "source: SOURCE_QLGH", "request.own-source"},
      {whole, "caller { tags: 'x' }", "request.for-the-hotline-to-judge"},
      {whole, "matter { complained_unit: '370883' }", "request.for-the-hotline-to-judge"},
      {whole, "matter { breach_clear: ANSWER_YES }", "request.for-the-hotline-to-judge"},
      {whole, "station: 'nowhere'", "request.station"},
      {"matter { content: 'c' }", "", "request.phone"},
      {"caller { phone: '13805310001' }", "", "request.content"},
      {whole, "conversation { text: '" + std::string(6'000, 'a') + "' }", "request.turn-length"},
  };
  for (const auto& r : rows) {
    const auto order = asked(r.text, r.more);
    REQUIRE_FALSE(order.has_value());
    CHECK(order.error().rule() == r.rule);
  }
}

TEST_CASE("a channel of several sources says which; the first stands for none") {
  constexpr std::array both{v1::SOURCE_QLGH, v1::SOURCE_SOCIAL_MEDIA};
  CHECK(asked(whole, "", both)->intake().source() == v1::SOURCE_QLGH);
  CHECK(asked(whole, "source: SOURCE_SOCIAL_MEDIA", both)->intake().source() ==
        v1::SOURCE_SOCIAL_MEDIA);
}

TEST_CASE("a number is the same however it is typed") {
  struct row {
    const char *typed, *plain;
  };
  constexpr std::array rows{
      row{"13805310001", "13805310001"},
      row{"138 0531 0001", "13805310001"},
      row{"138-0531-0001", "13805310001"},
      row{"+86 138-0531-0001", "13805310001"},
      row{"8613805310001", "13805310001"},
      row{"86-138-0531-0001", "13805310001"},
      row{"008613805310001", "13805310001"},
      row{"0086 138 0531 0001", "13805310001"},
      row{"１３８０５３１０００１", "13805310001"},
      row{"　＋８６　１３８—０５３１—０００１ ", "13805310001"},
      row{"0531-86012351", "0531-86012351"},
      row{"(0531)86012351", "053186012351"},
      row{"+86 531-86012351", "0531-86012351"},
      row{"008610-66012351", "010-66012351"},
      row{"+864001234567", "4001234567"},
      row{"12351", "12351"},
      row{"8612351", "8612351"},
      row{"86012351", "86012351"},
      row{"", ""},
      row{"不知道", "不知道"},
  };
  for (const auto& r : rows) {
    CAPTURE(r.typed);
    CHECK(domain::plain_phone(r.typed) == r.plain);
    CHECK(domain::plain_phone(r.plain) == r.plain);
  }
  using list = std::vector<std::string>;
  CHECK(domain::spellings_of("13805310001") == list{"13805310001"});
  CHECK(domain::spellings_of("053186012351") == list{"053186012351", "0531-86012351"});
  CHECK(domain::spellings_of("010-66012351") == list{"010-66012351", "01066012351"});
}

TEST_CASE("a ticket number is the same however it is typed, and what is none stays none") {
  struct row {
    const char *typed, *plain;
  };
  for (const auto& r : {row{"3708-20261123-00042", "3708-20261123-00042"},
                        row{" 3708-20261123-00042\n", "3708-20261123-00042"},
                        row{"３７０８－２０２６１１２３－０００４２", "3708-20261123-00042"},
                        row{"37082026112300042", "3708-20261123-00042"},
                        row{"3708 20261123 00042", "3708-20261123-00042"},
                        row{"3708—20261123—00042", "3708-20261123-00042"}, row{"00042", "00042"},
                        row{"工单3708", "工单3708"}}) {
    CAPTURE(r.typed);
    CHECK(domain::plain_ticket_no(r.typed) == r.plain);
  }
}

TEST_CASE("a conversation becomes the content and notes; a wish to be called back a tag") {
  const auto request = request_of(R"(caller { phone: '13805310001' no_reply_wanted: true }
    call_back { wanted: true time: '下午三点以后' }
    conversation { speaker: CITIZEN text: '老板不发工资' }
    conversation { speaker: MACHINE text: '请问拖欠多久' }
    conversation { speaker: CITIZEN text: '三个月' })");
  const auto order = domain::create_of(request, web_only, shipped_province().org);
  REQUIRE(order.has_value());
  CHECK(order->draft());
  CHECK(order->intake().matter().content() == "老板不发工资\n三个月");
  CHECK_FALSE(order->intake().caller().no_reply_wanted());
  REQUIRE(order->intake().caller().tags_size() == 2);
  CHECK(order->intake().caller().tags(0) == "请求人工回电");
  CHECK(order->intake().caller().tags(1) == "回电时间：下午三点以后");
  CHECK(domain::notes_of(request) ==
        std::vector<std::string>{"职工：老板不发工资\n机器人：请问拖欠多久\n职工：三个月"});
}

TEST_CASE("no note is longer than a note may be, and none of the turns is lost") {
  v1::CitizenRequest request;
  for (int i = 0; i < 40; ++i) {
    auto& turn = *request.add_conversation();
    turn.set_speaker(v1::ConversationTurn::CITIZEN);
    turn.set_text(fmt::format("<{}>", i) + std::string(900, 'x'));
  }
  const auto notes = domain::notes_of(request);
  std::string all;
  for (const auto& note : notes) {
    CHECK(note.size() <= domain::words_bytes_max);
    all += note;
  }
  for (int i = 0; i < 40; ++i) CHECK(all.find(fmt::format("<{}>", i)) != std::string::npos);
}

TEST_CASE("a kiosk's place is that of the union it stands in, unless the citizen names another") {
  constexpr std::array kiosk{v1::SOURCE_KIOSK};
  const std::string at = "station: '370306-s01'";
  CHECK(asked(whole, at, kiosk)->intake().matter().region() == "370306");
  CHECK(asked(whole, at + " matter { region: '370883' }", kiosk)->intake().matter().region() ==
        "370883");
}

TEST_CASE("a channel creates by public sources only") {
  for (int n = v1::Source_MIN; n <= v1::Source_MAX; ++n) {
    if (!v1::Source_IsValid(n)) continue;
    const auto source = static_cast<v1::Source>(n);
    story s;
    s.play(fmt::format(
        "2026-11-23 09:00 CHANNEL@370000 create draft: true intake {{ source: {} "
        "caller {{ phone: '13805310001' }} matter {{ content: 'c' }} }} -> {}",
        v1::Source_Name(source), domain::is_public_source(source) ? "DRAFT" : "!field_invalid"));
  }
}

TEST_CASE("what a citizen hands in is sensitive by its category: nobody else has judged it") {
  const auto taken = [](const char* who, const char* category) {
    story s;
    s.play(
        fmt::format("2026-11-23 09:00 {} create intake {{ source: SOURCE_WEB caller {{ phone: "
                    "'13805310001' }} employer {{ name: 'e' }} matter {{ kind: KIND_COMPLAINT "
                    "category: '{}' content: 'c' }} }} -> ACCEPTED",
                    who, category));
    return s.ticket().intake().sensitivity() == v1::SENSITIVITY_SENSITIVE;
  };
  CHECK(taken("CHANNEL@370000", "protection.harassment"));
  CHECK_FALSE(taken("CHANNEL@370000", "wages.arrears"));
  CHECK_FALSE(taken("OPERATOR@370000", "protection.harassment"));
}

TEST_CASE("a citizen adds to what was said, and replaces nothing of it") {
  story s;
  from_web(s);
  const std::string before = s.ticket().intake().matter().content();
  s.play(R"(
    +1h CHANNEL@370000 supplement intake { matter { people: 12 } } -> !field_invalid
    +0 CHANNEL@370000 supplement intake { caller { name: '别人' } } -> !field_invalid
    +0 CHANNEL@370000 supplement intake { urgency: URGENCY_CRITICAL } -> !field_invalid
    +0 CHANNEL@370000 supplement intake { attachments { name: 'a' } } -> !field_required
    +0 CHANNEL@370000 supplement intake { attachments { name: 'a' reference: 'r' sha256: 'x' size_bytes: 1 } } -> !field_invalid
    +0 CHANNEL@370000 supplement intake { matter { content: '又拖了一个月' } } -> DISPATCHED)");
  const auto& content = s.ticket().intake().matter().content();
  CHECK(content.starts_with(before + "\n【2026-11-23 "));
  CHECK(content.ends_with(" 职工补充】又拖了一个月"));
  const std::string file =
      "attachments { name: 'a' reference: 'r' size_bytes: 1 sha256: "
      "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }";
  s.play("+0 CHANNEL@370000 supplement intake { " + file + " } -> DISPATCHED");
  CHECK(s.events().back().kind() == v1::EVENT_KIND_ATTACHED);
  // The same bytes again are no further file, and the words with them are heard.
  s.play("+0 CHANNEL@370000 supplement intake { matter { content: '再说一遍' } " + file +
         " } -> DISPATCHED");
  CHECK(s.events().back().kind() == v1::EVENT_KIND_SUPPLEMENTED);
  CHECK(s.ticket().intake().attachments_size() == 1);
}

TEST_CASE("what a citizen adds may make the matter urgent") {
  story s;
  from_web(s);
  CHECK(s.ticket().urgency() == v1::URGENCY_NORMAL);
  s.play("+1h CHANNEL@370000 supplement intake { matter { content: '有人要跳楼' } } -> DISPATCHED");
  CHECK(s.ticket().urgency() == v1::URGENCY_CRITICAL);
}

TEST_CASE("what was said grows to its limit and no further") {
  story s;
  from_web(s);
  const std::string long_words(domain::content_bytes_max - 60, 'a');
  s.play("+0 CHANNEL@370000 supplement intake { matter { content: '" + long_words +
         "' } } -> !field_too_long");
}

TEST_CASE("a citizen withdraws, urges and rates their own matter") {
  story s;
  from_web(s);
  s.play(R"(
    +0 CHANNEL@370000 urge text: '请尽快' -> DISPATCHED
    +0 CHANNEL@370000 sign -> !ticket_unknown
    +0 CHANNEL@370000 merge main_no: '3708-20261123-00009' -> !ticket_unknown)");
  CHECK(s.ticket().urges() == 1);
  story rated;
  from_web(rated).handling().replied();
  rated.play(R"(
    +0 LEAD@370800 review pass: true -> REVIEWED
    +0 CHANNEL@370000 record_visit visit { reached: false } -> !field_invalid
    +0 CHANNEL@370000 record_visit visit { reached: true solved: SOLVED_NO } -> !field_required
    +0 CHANNEL@370000 record_visit visit { reached: true solved: SOLVED_YES } -> CLOSED
    +0 CHANNEL@370000 record_visit visit { reached: true solved: SOLVED_YES } -> !state_not_allowed
    +0 CHANNEL@370000 record_visit visit { reached: true solved: SOLVED_YES caller_of: '3708-20261123-00009' } -> !field_invalid)");
  s.play(R"(
    +1h CHANNEL@370000 withdraw -> !field_required
    +0 CHANNEL@370000 withdraw evidence: '已自行解决' -> WITHDRAWN)");
  CHECK(s.ticket().end_reason() == "caller");
}

TEST_CASE("progress is told in a citizen's words, from the call to the end") {
  story s;
  s.accepted("source: SOURCE_WEB");
  CHECK(told(s).stage_text() == "受理中");
  CHECK(told(s).handled_by().empty());
  s.dispatched();
  CHECK(told(s).stage() == v1::PROGRESS_STAGE_ACCEPTED);
  CHECK(told(s).handled_by() == shipped_province().org.find("370883")->name());
  s.handling();
  CHECK(told(s).stage_text() == "办理中");
  s.replied();
  CHECK(told(s).stage() == v1::PROGRESS_STAGE_HANDLING);
  CHECK(told(s).answer().empty());
  CHECK(told(s).result_text().empty());
  CHECK(steps_of(told(s)) == std::vector{v1::CITIZEN_STEP_URGE, v1::CITIZEN_STEP_WITHDRAW});
  s.play("+0 LEAD@370800 review pass: true -> REVIEWED");
  CHECK(told(s).stage() == v1::PROGRESS_STAGE_ANSWERED);
  CHECK_FALSE(told(s).result_text().empty());
  CHECK(steps_of(told(s)).back() == v1::CITIZEN_STEP_RATE);
  s.play("+0 CHANNEL@370000 record_visit visit { reached: true solved: SOLVED_YES } -> CLOSED");
  CHECK(told(s).stage_text() == "已办结");
  CHECK(told(s).closed_at() == hotline::to_unix_ms(s.now()));
  CHECK(told(s).steps().empty());
}

TEST_CASE("the answer told is the one meant for the public, and a direct one as it was given") {
  v1::Ticket t;
  t.set_state(v1::STATE_CLOSED);
  t.mutable_reply()->set_text("内部：已与王科长沟通");
  t.mutable_reply()->set_public_answer("工资已补发");
  t.mutable_reply()->set_result(v1::RESULT_SOLVED);
  const auto& org = shipped_province().org;
  CHECK(domain::progress_of(org, t, nullptr).answer() == "工资已补发");
  CHECK(domain::progress_of(org, t, nullptr).result_text() == "已解决");
  v1::Ticket direct;
  direct.set_state(v1::STATE_ANSWERED);
  direct.set_answer("试用期最长六个月");
  CHECK(domain::progress_of(org, direct, nullptr).answer() == "试用期最长六个月");
  direct.set_state(v1::STATE_HANDLING);
  CHECK(domain::progress_of(org, direct, nullptr).answer().empty());
}

TEST_CASE("a merged ticket goes as its main goes; what the main's caller was told is theirs") {
  v1::Ticket child;
  child.set_no("3708-20261123-00002");
  child.set_state(v1::STATE_MERGED);
  v1::Ticket main;
  main.set_no("3708-20261123-00001");
  main.set_state(v1::STATE_CLOSED);
  main.mutable_reply()->set_public_answer("已向张某支付");
  const auto p = domain::progress_of(shipped_province().org, child, &main);
  CHECK(p.ticket_no() == child.no());
  CHECK(p.merged());
  CHECK(p.stage() == v1::PROGRESS_STAGE_CLOSED);
  CHECK(p.answer().empty());
  CHECK(p.steps().empty());
  CHECK(p.ShortDebugString().find(main.no()) == std::string::npos);
}

TEST_CASE("nothing of other people, remarks or marks is told, in any state") {
  story s;
  from_web(s).handling();
  v1::Ticket t = s.ticket();
  t.set_created_by("SECRET");
  t.mutable_intake()->set_sensitivity(v1::SENSITIVITY_SENSITIVE);
  t.mutable_intake()->mutable_matter()->add_tags("SECRET");
  t.mutable_assignments(0)->set_officer("SECRET");
  t.mutable_assignments(0)->set_advice("SECRET");
  t.mutable_reply()->set_text("SECRET");
  t.mutable_reply()->set_filed_by("SECRET");
  t.add_visits()->set_remark("SECRET");
  t.add_contacts()->set_result("SECRET");
  t.set_end_reason("SECRET");
  for (int n = v1::State_MIN; n <= v1::State_MAX; ++n) {
    if (!v1::State_IsValid(n) || n == v1::STATE_UNSPECIFIED) continue;
    t.set_state(static_cast<v1::State>(n));
    const auto p = domain::progress_of(shipped_province().org, t, nullptr);
    CHECK(p.SerializeAsString().find("SECRET") == std::string::npos);
    CHECK_FALSE(p.stage_text().empty());
  }
}

TEST_CASE("a repeated matter is one of the same employer and category within fifteen days") {
  const auto now = hotline::from_unix_ms(1'795'395'600'000);
  constexpr std::int64_t day = 24LL * 3600 * 1000;
  v1::Intake mine;
  mine.mutable_employer()->set_name("某置业公司");
  mine.mutable_matter()->set_category("wages.arrears");
  const auto earlier = [&](const char* no, std::int64_t age) {
    v1::Ticket t;
    t.set_no(no);
    t.set_state(v1::STATE_HANDLING);
    *t.mutable_intake() = mine;
    t.set_created_at(hotline::to_unix_ms(now) - age);
    return t;
  };
  const auto found = [&](const v1::Ticket& t) {
    return domain::repeated_by(mine, std::vector{t}, now);
  };
  const v1::Ticket same = earlier("3708-20261108-00001", 15 * day);
  CHECK(found(same) == same.no());
  CHECK(found(earlier("3708-20261107-00001", 15 * day + 1)).empty());
  v1::Ticket other = same;
  other.mutable_intake()->mutable_employer()->set_name("别的公司");
  CHECK(found(other).empty());
  other = same;
  other.mutable_intake()->mutable_matter()->set_category("contract");
  CHECK(found(other).empty());
  other = same;
  other.set_state(v1::STATE_CLOSED);
  CHECK(found(other).empty());
  const v1::Ticket newer = earlier("3708-20261120-00007", 3 * day);
  CHECK(domain::repeated_by(mine, std::vector{same, newer, other}, now) == newer.no());
}
