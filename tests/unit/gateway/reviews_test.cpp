// What partners sent that could not simply be applied: shown masked, dismissed or let in with a
// reason, never without a record.
#include <google/protobuf/text_format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/exchange/charset.hpp"
#include "common/runtime/feed_intake.hpp"
#include "tests/unit/gateway/cast.hpp"

namespace hotline::gateway {
namespace {

constexpr const char* reviews_of_jining = "/v1/partners/jining-12345/reviews";
constexpr const char* create_message =
    R"({"event":"new","no":"A1","serial":"1","content":"拖欠工资，电话 13805310001",
        "name":"赵师傅","phone":"13805310001","area":"370883"})";
constexpr const char* unknown_word =
    R"({"event":"remind","no":"A1","serial":"2","words":"赵师傅 13805310001 再次来电"})";

const sender dispatcher_of_jining{"ROLE_DISPATCHER", "370800", "zhao"};

/// "remind" means nothing to it.
v1::Partner partner_config() {
  v1::Partner made;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(R"(
    name: "jining-12345" title: "济宁市12345热线" unit: "p-12345-370800"
    source: SOURCE_HOTLINE_12345
    inbound {
      push {}
      signature { scheme: SIGNATURE_SCHEME_HMAC_SHA256 keys { id: "k1" secret_file: "k1.key" } }
      format { syntax: SYNTAX_JSON }
      event_path: "event"
      events { kind: PARTNER_EVENT_KIND_CREATE theirs: "new" }
      events { kind: PARTNER_EVENT_KIND_URGE theirs: "urge" }
      fields { theirs: "no" ours: "external_no" required: true }
      fields { theirs: "serial" ours: "serial" required: true }
      fields { theirs: "words" ours: "text" events: [PARTNER_EVENT_KIND_URGE] }
      fields { theirs: "content" ours: "intake.matter.content" required: true
               events: [PARTNER_EVENT_KIND_CREATE] }
      fields { theirs: "name" ours: "intake.caller.name" events: [PARTNER_EVENT_KIND_CREATE] }
      fields { theirs: "phone" ours: "intake.caller.phone" events: [PARTNER_EVENT_KIND_CREATE] }
      answer_code_path: "code" answer_ok: "0" answer_refused: "1"
    })",
                                                        &made));
  return made;
}

/// It is told what is refused.
v1::Partner partner_that_hears() {
  auto made = partner_config();
  REQUIRE(google::protobuf::TextFormat::MergeFromString(R"(
      url: "http://127.0.0.1:1/"
      signature { scheme: SIGNATURE_SCHEME_HMAC_SHA256 keys { id: "k2" secret_file: "k2.key" } }
      format { syntax: SYNTAX_JSON }
      events { kind: PARTNER_EVENT_KIND_REFUSE theirs: "refuse" }
      fields { theirs: "event" ours: "kind" }
      fields { theirs: "no" ours: "external_no" required: true })",
                                                        made.mutable_outbound()));
  return made;
}
constexpr const char* create_without_content = R"({"event":"new","no":"A1","serial":"1"})";
constexpr const char* refusing =
    R"("tell_partner":"TELL_PARTNER_YES","refusal":"ITEM_REFUSAL_INCOMPLETE")";

struct reviews_fixture : gateway_fixture {
  reviews_fixture() {
    REQUIRE(redis.run(feed_of_jining.adopt()));
    open_door(partner_config());
  }

  /// As after a start with another configuration.
  void open_door(const v1::Partner& config) {
    auto partner = exchange::partner::compile(config, *land);
    REQUIRE_MESSAGE(partner.has_value(), (partner ? "" : domain::join_mistakes(partner.error())));
    partners = std::make_unique<partner_parts>(partner_parts{{}, {}, taken_in});
    partners->desks.push_back(
        {feed_of_jining, fetches, {*std::move(partner), feed_of_jining, tickets(), numbers, [this] {
                                     return land;
                                   }}});
    auto with_partners = parts(mode::live);
    with_partners.partners = partners.get();
    door = std::make_unique<gateway>(std::move(with_partners));
  }
  void mend_mapping() {
    auto config = partner_config();
    auto& word = *config.mutable_inbound()->add_events();
    word.set_kind(v1::PARTNER_EVENT_KIND_URGE);
    word.set_theirs("remind");
    open_door(config);
  }

  void receive(std::string bytes) {
    auto& intake = partners->desks.front().intake;
    REQUIRE(redis.run(intake.take_in(std::move(bytes), {}, clock.now())));
  }
  /// The rules refuse the next item of A1.
  void refuse_next() {
    const auto items = waiting();
    REQUIRE_FALSE(items.empty());
    v1::FeedReview review;
    review.set_reason(v1::REVIEW_REASON_REJECTED);
    review.set_text("工单已归档");
    *review.mutable_item() = items.front().content;
    REQUIRE(*redis.run(feed_of_jining.settle("A1", items.front(), review, clock.now())));
  }
  std::vector<store::waiting_items::item> waiting() {
    return redis.run(feed_of_jining.waiting("A1"))->items;
  }
  std::string only_id() {
    const auto page = redis.run(feed_of_jining.reviews(0, 10));
    REQUIRE(page->reviews.size() == 1);
    return page->reviews.front().id;
  }
  std::int64_t count() { return redis.run(feed_of_jining.reviews(0, 10))->total; }
  net::response resolve(const std::string& id, const char* how,
                        const sender& who = dispatcher_of_jining) {
    return post(who, fmt::format("{}/{}:resolve", reviews_of_jining, id),
                fmt::format(R"({{"how":"REVIEW_DECISION_{}","reason":"已与对方核实"}})", how));
  }
  net::response dismiss(const std::string& id, const std::string& decision) {
    return post(dispatcher_of_jining, fmt::format("{}/{}:resolve", reviews_of_jining, id),
                R"({"how":"REVIEW_DECISION_DISMISS","reason":"缺少内容，联系人 13805310001",)" +
                    decision + "}");
  }
  /// What the partner is about to be told.
  std::vector<store::taken_message> told() {
    return *redis.run(queue.take(clock.now(), milliseconds(0), 10));
  }
  std::vector<std::string> records() {
    std::vector<std::string> found;
    const auto body = parse(get(auditor, "/v1/audit"));
    if (const auto* all = body.as_object().if_contains("records"))
      for (const auto& one : all->as_array())
        found.emplace_back(one.as_object().at("action").as_string().c_str());
    return found;
  }

  store::exchange_vault keys{test::keys_for_tests()};
  store::exchange_feed feed_of_jining{*redis.client, keys, "jining-12345", data_set()};
  store::exchange_queue queue{*redis.client, keys, "jining-12345", data_set()};
  store::exchange_fetches fetches{*redis.client, keys, "jining-12345", data_set()};
  store::number_source numbers{redis.context.get_executor(), *redis.client, data_set()};
  feed_counters taken_in;
  std::unique_ptr<partner_parts> partners;
};

using records = std::vector<std::string>;

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

TEST_CASE("one that is dismissed is gone, and nothing of it is applied") {
  reviews_fixture f;
  f.receive(unknown_word);
  const auto id = f.only_id();
  const auto done = f.resolve(id, "DISMISS");
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "how") == "REVIEW_DECISION_DISMISS");
  CHECK(f.count() == 0);
  CHECK(f.waiting().empty());
  CHECK(f.resolve(id, "DISMISS").status == 404);
  CHECK(f.resolve(id, "RETRY").status == 404);
  CHECK(f.records() == records{"review.dismiss"});
}

TEST_CASE("a CREATE that is dismissed is refused to the partner, by its own number") {
  reviews_fixture f;
  f.open_door(partner_that_hears());
  f.receive(create_without_content);
  const auto id = f.only_id();
  const auto undecided = f.resolve(id, "DISMISS");
  CHECK(undecided.status == 422);
  CHECK(text_at(undecided, "field") == "tell_partner");
  CHECK(text_at(f.dismiss(id, R"("tell_partner":"TELL_PARTNER_YES")"), "field") == "refusal");
  CHECK(f.records().empty());

  const auto done = f.dismiss(id, refusing);
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "external_no") == "A1");
  CHECK(text_at(done, "told_id").ends_with(".-999"));
  CHECK(text_at(done, "not_told").empty());
  CHECK(f.count() == 0);
  CHECK(f.records() == records{"review.dismiss"});
  CHECK(f.get(auditor, "/v1/audit").body.find("ITEM_REFUSAL_INCOMPLETE external_no A1") !=
        std::string::npos);
  const auto told = f.told();
  REQUIRE(told.size() == 1);
  const auto& event = told.front().message.event();
  CHECK(event.kind() == v1::PARTNER_EVENT_KIND_REFUSE);
  CHECK(event.external_no() == "A1");
  CHECK(event.reason_code() == "ITEM_REFUSAL_INCOMPLETE");
  CHECK(event.text() == "缺少内容，联系人 138****0001");
  CHECK(event.serial() == to_string(told.front().id));
  CHECK_FALSE(event.has_intake());
  CHECK(f.dismiss(id, refusing).status == 404);
}

TEST_CASE("after the time to return it a CREATE counts as accepted: it is not refused any more") {
  reviews_fixture f;
  auto config = partner_that_hears();
  config.set_return_limit("2wd");
  f.open_door(config);
  f.receive(create_without_content);
  const auto listed = parse(f.get(dispatcher_of_jining, reviews_of_jining));
  CHECK(listed.as_object().at("reviews").at(0).as_object().contains("return_until_at"));
  f.clock.set(f.clock.now() + std::chrono::days(7), 0);
  const auto late = f.dismiss(f.only_id(), refusing);
  CHECK(late.status == 422);
  CHECK(text_at(late, "code") == "return_too_late");
  CHECK(text_at(late, "rule") == "partner.return-limit");
  CHECK(f.count() == 1);
  CHECK(f.told().empty());
  // A ticket was made of it by hand.
  CHECK(f.dismiss(f.only_id(), R"("tell_partner":"TELL_PARTNER_NO")").status == 200);
}

TEST_CASE("what the rules refused is refused under the number the partner was told") {
  reviews_fixture f;
  f.open_door(partner_that_hears());
  f.receive(create_message);
  const auto no = f.redis.run(f.feed_of_jining.waiting("A1"))->ticket_no;
  f.refuse_next();
  const auto done = f.dismiss(f.only_id(), refusing);
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "told_id") == no + ".-999");
  REQUIRE(f.told().size() == 1);
}

TEST_CASE("the partner is told nothing where that is decided, or where it cannot be") {
  reviews_fixture f;
  const auto untold = [&](const char* message, const std::string& decision) {
    f.receive(message);
    const auto done = f.dismiss(f.only_id(), decision);
    REQUIRE_MESSAGE(done.status == 200, done.body);
    CHECK(text_at(done, "told_id").empty());
    CHECK(f.told().empty());
    CHECK(f.count() == 0);
    CHECK(f.get(auditor, "/v1/audit").body.find("partner not told: " + text_at(done, "not_told")) !=
          std::string::npos);
    return text_at(done, "not_told");
  };
  CHECK(untold(create_without_content, refusing) == "该对接方未约定接收退回");
  f.open_door(partner_that_hears());
  CHECK(untold(create_without_content, R"("tell_partner":"TELL_PARTNER_NO")") ==
        "按决定不告知对方");
  CHECK(untold(R"({"event":"new","serial":"1","content":"无编号"})", refusing) ==
        "对方未告知工单号，无法退回");
  CHECK(untold(unknown_word, refusing) == "不是派单，或无法辨认，无可退回");
  CHECK(untold("{", refusing) == "不是派单，或无法辨认，无可退回");
}

TEST_CASE("a number that has a ticket by now is not refused") {
  reviews_fixture f;
  f.open_door(partner_that_hears());
  f.receive(create_without_content);
  f.receive(create_message);
  const auto done = f.dismiss(f.only_id(), refusing);
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "not_told") == "该对方工单号在我方已有工单，不退回");
  CHECK(f.told().empty());
  CHECK(f.waiting().size() == 1);
}

TEST_CASE("it stays while the mapping does not know it, and is let in when that was mended") {
  reviews_fixture f;
  f.receive(unknown_word);
  const auto id = f.only_id();
  const auto received_at = to_unix_ms(f.clock.now());
  const auto still = f.resolve(id, "RETRY");
  CHECK(still.status == 409);
  CHECK(text_at(still, "code") == "review_unreadable");
  CHECK(still.body.find("event") != std::string::npos);
  CHECK(f.count() == 1);
  CHECK(f.records().empty());

  f.mend_mapping();
  REQUIRE(f.clock.set(f.clock.now() + std::chrono::hours(2), 0));
  const auto done = f.resolve(id, "RETRY");
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "kind") == "PARTNER_EVENT_KIND_URGE");
  CHECK(text_at(done, "external_no") == "A1");
  CHECK(done.body.find("13805310001") == std::string::npos);
  CHECK(f.count() == 0);
  const auto items = f.waiting();
  REQUIRE(items.size() == 1);
  CHECK(items[0].content.event().text() == "赵师傅 13805310001 再次来电");
  CHECK(items[0].content.received_at() == received_at);
  CHECK(f.taken_in.taken == 1);
  CHECK(f.resolve(id, "RETRY").status == 404);
  CHECK(f.waiting().size() == 1);
  CHECK(f.records() == records{"review.retry"});
}

TEST_CASE("what came again meanwhile is not taken in twice") {
  reviews_fixture f;
  f.receive(unknown_word);
  const auto id = f.only_id();
  f.mend_mapping();
  SUBCASE("the same") {
    f.receive(unknown_word);
    const auto done = f.resolve(id, "RETRY");
    CHECK(done.status == 200);
    CHECK(done.body.find(R"("duplicate":true)") != std::string::npos);
    CHECK(f.count() == 0);
  }
  SUBCASE("with another content") {
    f.receive(R"({"event":"urge","no":"A1","serial":"2","words":"另一内容"})");
    const auto done = f.resolve(id, "RETRY");
    CHECK(done.status == 409);
    CHECK(text_at(done, "code") == "review_other_content");
    CHECK(f.count() == 1);
  }
  CHECK(f.waiting().size() == 1);
}

TEST_CASE("another content under a known serial passes when a person says so") {
  reviews_fixture f;
  f.receive(R"({"event":"urge","no":"A1","serial":"2","words":"一"})");
  f.receive(R"({"event":"urge","no":"A1","serial":"2","words":"二"})");
  CHECK(f.resolve(f.only_id(), "RETRY").status == 200);
  const auto items = f.waiting();
  REQUIRE(items.size() == 2);
  CHECK(items[1].content.event().text() == "二");
}

TEST_CASE("what the rules refused is tried once more under the number it was promised") {
  reviews_fixture f;
  f.receive(create_message);
  f.refuse_next();
  const auto no = f.redis.run(f.feed_of_jining.waiting("A1"))->ticket_no;
  REQUIRE_FALSE(no.empty());
  const auto done = f.resolve(f.only_id(), "RETRY");
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "ticket_no") == no);
  CHECK(f.waiting().size() == 1);
}

TEST_CASE("files that could not be fetched are fetched again") {
  reviews_fixture f;
  v1::FetchOrder order;
  order.set_ticket_no("3708-20261123-00001");
  order.mutable_event()->set_external_no("A1");
  order.mutable_event()->add_attachments()->set_reference("http://127.0.0.1:1/1.jpg");
  REQUIRE(*f.redis.run(f.fetches.put(order, f.clock.now())));
  const auto fetch = f.redis.run(f.fetches.take(f.clock.now(), milliseconds(1), 10))->at(0);
  v1::FeedReview review;
  review.set_reason(v1::REVIEW_REASON_ATTACHMENT);
  *review.mutable_item()->mutable_event() = order.event();
  review.mutable_item()->mutable_event()->set_ticket_no(order.ticket_no());
  REQUIRE(*f.redis.run(f.fetches.settle(fetch.id, review, f.clock.now())));
  const auto done = f.resolve(f.only_id(), "RETRY");
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(text_at(done, "ticket_no") == "3708-20261123-00001");
  const auto taken = f.redis.run(f.fetches.take(f.clock.now(), milliseconds(1), 10));
  REQUIRE(taken->size() == 1);
  CHECK(taken->front().order.ticket_no() == order.ticket_no());
  CHECK(taken->front().order.event().SerializeAsString() == order.event().SerializeAsString());
  CHECK(f.count() == 0);
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

/// The word "remind" is known, and messages come in a list.
v1::Partner partner_with_list() {
  auto made = partner_config();
  made.mutable_inbound()->mutable_format()->set_items("list");
  return made;
}

TEST_CASE("a whole document becomes its items, each once, and its review is over") {
  reviews_fixture f;
  const auto urge = [](const char* serial) {
    return fmt::format(R"({{"event":"urge","no":"A1","serial":"{}","words":"再次来电"}})", serial);
  };
  f.receive(urge("1"));
  f.receive("{\"list\":[" + urge("1") + "," + urge("2") + "," + unknown_word + "]}");
  const auto id = f.only_id();
  CHECK(f.resolve(id, "RETRY").status == 409);
  f.open_door(partner_with_list());
  const auto done = f.resolve(id, "RETRY");
  REQUIRE_MESSAGE(done.status == 200, done.body);
  CHECK(number_at(done, "taken_items") == 1);
  CHECK(number_at(done, "duplicate_items") == 1);
  CHECK(number_at(done, "reviewed_items") == 1);
  CHECK(f.waiting().size() == 2);
  CHECK(f.only_id() != id);  // what still means nothing waits alone
  CHECK(f.resolve(id, "RETRY").status == 404);
  CHECK(f.waiting().size() == 2);
  CHECK(f.records() == records{"review.retry"});
}

TEST_CASE("a whole document of which nothing can be read yet stays one review") {
  reviews_fixture f;
  f.receive(fmt::format(R"({{"list":[{0},{0}]}})", unknown_word));
  const auto id = f.only_id();
  f.open_door(partner_with_list());
  CHECK(f.resolve(id, "RETRY").status == 409);
  CHECK(f.only_id() == id);
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

}  // namespace
}  // namespace hotline::gateway
