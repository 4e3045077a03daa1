// What partners sent that could not simply be applied: shown masked, to few, never without a
// record.
#include "tests/unit/gateway/reviews_kit.hpp"

namespace hotline::gateway {

TEST_CASE("a review is shown with its reason and its bytes, masked; the look is on record") {
  reviews_fixture f;
  f.receive(unknown_word);
  const auto answer = f.get(dispatcher_of_jining, reviews_of_jining);
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  CHECK(answer.body.find("13805310001") == std::string::npos);
  CHECK(number_at(answer, "total") == 1);
  const auto body = parse(answer);
  const auto& review = body.at("reviews").as_array().at(0).as_object();
  CHECK(review.at("id").as_string() == f.only_id());
  CHECK(review.at("reason").as_string() == "REVIEW_REASON_NOT_MAPPED");
  CHECK_FALSE(review.at("text").as_string().empty());
  CHECK(review.at("since_at").as_string() == "2026-11-23T09:00:00.000+08:00");
  CHECK(std::string_view(review.at("original").as_string()).find("138****0001 再次来电") !=
        std::string_view::npos);
  CHECK(*answer.header("Cache-Control") == "no-store");
  CHECK(f.records() == records{"review.read"});
}

TEST_CASE("where the caller is known, the name is not shown either") {
  reviews_fixture f;
  f.receive(create_message);
  f.refuse_next();
  const auto answer = f.get(dispatcher_of_jining, reviews_of_jining);
  REQUIRE(answer.status == 200);
  CHECK(answer.body.find("赵师傅") == std::string::npos);
  CHECK(answer.body.find("13805310001") == std::string::npos);
  const auto body = parse(answer);
  const auto& review = body.at("reviews").as_array().at(0).as_object();
  CHECK(review.at("kind").as_string() == "PARTNER_EVENT_KIND_CREATE");
  CHECK(review.at("external_no").as_string() == "A1");
  CHECK(review.at("ticket_no").as_string().starts_with("37"));
  CHECK(review.at("text").as_string() == "工单已归档");
}

TEST_CASE("bytes of GB18030 are shown as text") {
  reviews_fixture f;
  auto config = partner_config();
  auto& format = *config.mutable_inbound()->mutable_format();
  format.set_syntax(v1::SYNTAX_XML);
  format.set_charset(v1::CHARSET_GB18030);
  format.set_items("items.item");
  f.open_door(config);
  f.receive(
      *exchange::from_utf8("<items><item><event>提醒</event><words>再次来电</words></item></items>",
                           v1::CHARSET_GB18030));
  CHECK(f.get(dispatcher_of_jining, reviews_of_jining).body.find("再次来电") != std::string::npos);
}

TEST_CASE("for dispatchers and supervisors of the partner's part of the tree alone") {
  reviews_fixture f;
  f.receive(unknown_word);
  const auto id = f.only_id();
  const auto none = f.get(dispatcher_of_jining, "/v1/partners/nobody/reviews");
  CHECK(none.status == 404);
  for (const char* role : {"ROLE_OPERATOR", "ROLE_OFFICER", "ROLE_LEAD", "ROLE_AUDITOR",
                           "ROLE_SECURITY_ADMINISTRATOR"}) {
    CAPTURE(role);
    CHECK(f.get({role, "370000"}, reviews_of_jining).status == 404);
    CHECK(f.resolve(id, "DISMISS", {role, "370000"}).status == 404);
  }
  const auto hidden = f.get({"ROLE_DISPATCHER", "370200", "qing"}, reviews_of_jining);
  CHECK(hidden.status == 404);
  CHECK(text_at(hidden, "code") == text_at(none, "code"));
  CHECK(f.resolve(id, "DISMISS", {"ROLE_SUPERVISOR", "370200", "qing"}).status == 404);
  CHECK(f.get(administrator, reviews_of_jining).status == 403);
  CHECK(f.resolve(id, "DISMISS", administrator).status == 403);
  CHECK(f.count() == 1);
  CHECK(f.records().empty());
  CHECK(f.get(dispatcher_of_province, reviews_of_jining).status == 200);
  CHECK(f.get(supervisor_of_jining, reviews_of_jining).status == 200);
}

TEST_CASE("an order says what and why; an id that is none leads nowhere") {
  reviews_fixture f;
  f.receive(unknown_word);
  const auto target = fmt::format("{}/{}:resolve", reviews_of_jining, f.only_id());
  const auto no_reason =
      f.post(dispatcher_of_jining, target, R"({"how":"REVIEW_DECISION_DISMISS"})");
  CHECK(no_reason.status == 422);
  CHECK(text_at(no_reason, "field") == "reason");
  const auto no_way = f.post(dispatcher_of_jining, target, R"({"reason":"r"})");
  CHECK(no_way.status == 422);
  CHECK(text_at(no_way, "field") == "how");
  for (const std::string& id : {std::string("x"), std::string(32, '0'), std::string(32, 'G')}) {
    CAPTURE(id);
    CHECK(f.resolve(id, "DISMISS").status == 404);
  }
  CHECK(f.count() == 1);
  CHECK(f.records().empty());
}

TEST_CASE("of what cannot be mapped names are not shown; in full only for a reason on record") {
  reviews_fixture f;
  const std::string bytes =
      R"({"event":"new","no":"A1","serial":"1","name":"赵师傅","phone":"13805310001","home":"幸福小区"})";
  f.receive(bytes);
  const auto id = f.only_id();
  const auto listed = f.get(dispatcher_of_jining, reviews_of_jining);
  CHECK(listed.body.find("赵师傅") == std::string::npos);
  CHECK(listed.body.find("幸福小区") == std::string::npos);
  const auto body = parse(listed);
  const auto& review = body.at("reviews").as_array().at(0).as_object();
  CHECK(review.at("external_no").as_string() == "A1");
  CHECK(review.at("kind").as_string() == "PARTNER_EVENT_KIND_CREATE");

  const auto target = fmt::format("{}/{}:reveal", reviews_of_jining, id);
  CHECK(f.post(dispatcher_of_jining, target, "{}").status == 422);
  CHECK(f.post(administrator, target, R"({"reason":"核对"})").status == 403);
  CHECK(f.records() == records{"review.read"});
  const auto shown = f.post(dispatcher_of_jining, target, R"({"reason":"与对方核对"})");
  REQUIRE_MESSAGE(shown.status == 200, shown.body);
  CHECK(text_at(shown, "text") == bytes);
  CHECK(*shown.header("Cache-Control") == "no-store");
  const auto kept = f.records();
  CHECK(std::ranges::count(kept, "review.reveal") == 1);
  CHECK(f.count() == 1);
}

}  // namespace hotline::gateway
