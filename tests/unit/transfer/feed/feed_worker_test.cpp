// What a partner tells us, applied to real tickets on a real Redis: in order, once, and again after
// whoever was at it is gone.
#include "services/transfer/feed_worker.hpp"

#include <doctest/doctest.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "tests/store/store_fixture.hpp"

namespace hotline::transfer {
namespace {

using test::monday;

exchange::partner jining() {
  v1::Partner config;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(R"(
    name: "jining-12345" title: "济宁市12345" unit: "p-12345-370800" source: SOURCE_HOTLINE_12345
    return_limit: "2wd"
    inbound {
      push {}
      signature { scheme: SIGNATURE_SCHEME_HMAC_SHA256 keys { id: "k1" secret_file: "k1.key" } }
      format { syntax: SYNTAX_JSON }
      fields { theirs: "no" ours: "external_no" required: true }
      fields { theirs: "content" ours: "intake.matter.content" required: true }
      answer_code_path: "code" answer_ok: "0" answer_refused: "1"
    })",
                                                        &config));
  const auto made = exchange::partner::compile(config, *test::shipped_province());
  REQUIRE_MESSAGE(made.has_value(), (made ? "" : domain::join_mistakes(made.error())));
  return *made;
}

v1::PartnerEvent event_of(v1::PartnerEventKind kind, const std::string& serial,
                          std::int64_t sequence = 0) {
  v1::PartnerEvent event;
  event.set_partner("jining-12345");
  event.set_kind(kind);
  event.set_external_no("JN1");
  event.set_serial(serial);
  event.set_sequence(sequence);
  event.set_text("对方的话");
  if (kind != v1::PARTNER_EVENT_KIND_CREATE) return event;
  auto& intake = *event.mutable_intake();
  intake = test::create_command().create().intake();
  intake.set_source(v1::SOURCE_HOTLINE_12345);
  return event;
}

struct worker_fixture : test::store_fixture {
  worker_fixture()
      : access{redis.server.endpoint(), {}, options(), floor, province(), clock,
               test::keys_for_tests()},
        kit(redis.context.get_executor(), access, "test", test::quiet_log()),
        link(jining(), kit, access, counters),
        tasks(redis.context.get_executor(), task_counts, test::quiet_log()) {
    redis.wait_connected(kit.redis);
    if (!run(link.feed.adopt())) throw std::runtime_error("the partner was not adopted");
    worker = make_worker();
  }
  ~worker_fixture() { kit.redis.stop(); }

  std::unique_ptr<feed_worker> make_worker() {
    return std::make_unique<feed_worker>(link, kit, access.province, clock, feed_worker_options(),
                                         tasks, redis.context.get_executor(), test::quiet_log());
  }

  store::feed_status put(const v1::PartnerEvent& event) {
    store::feed_entry entry;
    *entry.item.mutable_event() = event;
    entry.item.set_original("{}");
    entry.item.set_received_at(to_unix_ms(clock.now()));
    if (event.kind() == v1::PARTNER_EVENT_KIND_CREATE) {
      entry.proposed_no = *run(numbers->next("3708", clock.now()));
    }
    auto answer = run(link.feed.put({{entry}, {}, {}}, clock.now(), milliseconds(300'000)));
    if (!answer) throw std::runtime_error(to_string(answer.error()));
    if (!answer->outcomes[0].ticket_no.empty()) no = answer->outcomes[0].ticket_no;
    return answer->outcomes[0].status;
  }

  /// Until nobody has anything to do now.
  void settle() {
    while (true) {
      const auto begun = run(worker->take_up());
      if (!begun) throw std::runtime_error(to_string(begun.error()));
      if (*begun == 0) return;
      test::run_until(redis.context, [&] { return worker->in_hand() == 0; });
    }
  }

  v1::Ticket ticket() { return run(tickets->load(no))->value(); }
  /// How often the partner itself did this to the ticket.
  int count(v1::EventKind kind) {
    const auto events = run(tickets->history(no, 1, 1000));
    return static_cast<int>(std::ranges::count_if(*events, [&](const v1::Event& event) {
      return event.kind() == kind && event.actor().role() == v1::ROLE_PARTNER;
    }));
  }
  std::vector<store::stored_review> reviews() { return run(link.feed.reviews(0, 100))->reviews; }
  std::size_t waiting() { return run(link.feed.waiting("JN1"))->items.size(); }

  runtime::store_access access;
  runtime::store_kit kit;
  partner_counters counters;
  partner_link link;
  runtime::task_counters task_counts;
  runtime::task_group tasks;
  std::unique_ptr<feed_worker> worker;
  std::string no;
};

constexpr auto create = v1::PARTNER_EVENT_KIND_CREATE;
constexpr auto urge = v1::PARTNER_EVENT_KIND_URGE;
constexpr auto progress = v1::PARTNER_EVENT_KIND_PROGRESS;

TEST_CASE("a create becomes a ticket under the number that was told, with its return limit") {
  worker_fixture f;
  CHECK(f.put(event_of(create, "1", 1)) == store::feed_status::taken);
  CHECK(f.put(event_of(create, "1", 1)) == store::feed_status::duplicate);
  f.settle();
  const auto made = f.ticket();
  CHECK(made.no() == f.no);
  CHECK(made.state() == v1::STATE_ACCEPTED);
  CHECK(made.intake().external_partner() == "p-12345-370800");
  CHECK(made.intake().external_no() == "JN1");
  CHECK(made.intake().partner_return_until_at() > to_unix_ms(monday));
  CHECK(f.waiting() == 0);
  CHECK(f.counters.applied == 1);
  CHECK(f.reviews().empty());
}

TEST_CASE("what comes early waits for what is before it, and is applied in order") {
  worker_fixture f;
  f.put(event_of(urge, "3", 3));
  f.put(event_of(progress, "2", 2));
  f.settle();
  CHECK(f.waiting() == 2);
  f.put(event_of(create, "1", 1));
  f.settle();
  CHECK(f.waiting() == 0);
  CHECK(f.count(v1::EVENT_KIND_URGED) == 1);
  CHECK(f.count(v1::EVENT_KIND_ANNOTATED) == 1);
  const auto events = f.run(f.tickets->history(f.no, 1, 100));
  REQUIRE(events->size() == 3);
  CHECK(events->at(1).kind() == v1::EVENT_KIND_ANNOTATED);
  CHECK(events->at(2).kind() == v1::EVENT_KIND_URGED);
}

TEST_CASE("a gap that does not close is for a person, and what comes behind it goes on") {
  worker_fixture f;
  f.put(event_of(create, "1", 1));
  f.put(event_of(urge, "3", 3));
  f.settle();
  CHECK(f.count(v1::EVENT_KIND_URGED) == 0);
  REQUIRE(f.clock.set(monday + std::chrono::hours(25), 0));
  f.put(event_of(urge, "4", 4));
  f.settle();
  REQUIRE(f.reviews().size() == 1);
  CHECK(f.reviews()[0].review.reason() == v1::REVIEW_REASON_GAP);
  CHECK(f.reviews()[0].review.item().event().serial() == "3");
  CHECK(f.count(v1::EVENT_KIND_URGED) == 1);
  CHECK(f.waiting() == 0);
}

TEST_CASE("what the rules refuse is kept for a person with the reason") {
  worker_fixture f;
  f.put(event_of(create, "1", 1));
  f.put(event_of(v1::PARTNER_EVENT_KIND_REFUSE, "2", 2));
  f.settle();
  REQUIRE(f.reviews().size() == 1);
  CHECK(f.reviews()[0].review.reason() == v1::REVIEW_REASON_REJECTED);
  CHECK(f.reviews()[0].review.text().find("exchange.not-transferred") != std::string::npos);
  CHECK(f.ticket().version() == 1);
}

TEST_CASE("two at the same partner give each message one effect") {
  worker_fixture f;
  f.put(event_of(create, "1", 1));
  f.settle();
  f.put(event_of(urge, "2", 2));
  f.put(event_of(progress, "3", 3));
  auto other = f.make_worker();
  REQUIRE(*f.run(f.worker->take_up()) == 1);
  REQUIRE(f.clock.set(monday + std::chrono::minutes(2),
                      0));  // the lease is over before anything was done
  REQUIRE(*f.run(other->take_up()) == 1);
  test::run_until(f.redis.context,
                  [&] { return f.worker->in_hand() == 0 && other->in_hand() == 0; });
  f.settle();
  CHECK(f.waiting() == 0);
  CHECK(f.count(v1::EVENT_KIND_URGED) == 1);
  CHECK(f.count(v1::EVENT_KIND_ANNOTATED) == 1);
  CHECK(f.reviews().empty());
}

TEST_CASE("what was carried out and not settled has no second effect, days later either") {
  for (const int days : {0, 5}) {
    CAPTURE(days);
    worker_fixture f;
    f.put(event_of(create, "1"));
    f.settle();
    f.put(event_of(urge, "2"));
    const auto item = f.run(f.link.feed.waiting("JN1"))->items.at(0);
    f.settle();
    const auto version = f.ticket().version();
    // As if it had been killed before it could say that it is done.
    f.exec("RPUSH", "{p:jining-12345}:waiting:JN1", item.stored);
    f.exec("ZADD", "{p:jining-12345}:due", to_unix_ms(monday), "JN1");
    REQUIRE(f.clock.set(monday + std::chrono::days(days), 0));
    f.settle();
    CHECK(f.waiting() == 0);
    CHECK(f.ticket().version() == version);
    CHECK(f.count(v1::EVENT_KIND_URGED) == 1);
  }
}

}  // namespace
}  // namespace hotline::transfer
