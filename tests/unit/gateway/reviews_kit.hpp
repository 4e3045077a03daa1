// A partner whose messages wait for a person, and the people who look.
#pragma once

#include <google/protobuf/text_format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/exchange/charset.hpp"
#include "common/runtime/feed_intake.hpp"
#include "tests/unit/gateway/cast.hpp"

namespace hotline::gateway {

inline constexpr const char* reviews_of_jining = "/v1/partners/jining-12345/reviews";
inline constexpr const char* create_message =
    R"({"event":"new","no":"A1","serial":"1","content":"拖欠工资，电话 13805310001",
        "name":"赵师傅","phone":"13805310001","area":"370883"})";
inline constexpr const char* unknown_word =
    R"({"event":"remind","no":"A1","serial":"2","words":"赵师傅 13805310001 再次来电"})";

const sender dispatcher_of_jining{"ROLE_DISPATCHER", "370800", "zhao"};

/// "remind" means nothing to it.
inline v1::Partner partner_config() {
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
inline v1::Partner partner_that_hears() {
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
inline constexpr const char* create_without_content = R"({"event":"new","no":"A1","serial":"1"})";
inline constexpr const char* refusing =
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

}  // namespace hotline::gateway
