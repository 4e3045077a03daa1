// What a partner tells us about its tickets, already understood, and the work on it.
#pragma once

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "services/transfer/feed_worker.hpp"
#include "tests/unit/transfer/transfer_fixture.hpp"

namespace hotline::test {

struct feed_kit : transfer_fixture {
  using change = std::function<void(v1::PartnerEvent&)>;

  using transfer_fixture::transfer_fixture;

  /// A message of ours to read, with a serial of its own; sequence 0: it is not counted.
  v1::FeedItem message(v1::PartnerEventKind kind, std::int64_t sequence = 0,
                       const change& more = {}) {
    v1::FeedItem item;
    auto& event = *item.mutable_event();
    event.set_partner("small");
    event.set_kind(kind);
    event.set_external_no("JN-1");
    event.set_serial(fmt::format("s{}", ++serials_));
    event.set_sequence(sequence);
    if (kind == v1::PARTNER_EVENT_KIND_CREATE) {
      *event.mutable_intake() = create_command().create().intake();
      event.mutable_intake()->clear_source();
      event.mutable_intake()->clear_call();
    }
    if (more) more(event);
    item.set_original("{}");
    item.set_received_at(to_unix_ms(clock.now()));
    return item;
  }
  void receive(const v1::FeedItem& item) {
    store::feed_entry entry{.item = item, .proposed_no = {}, .faults = {}};
    if (item.event().kind() == v1::PARTNER_EVENT_KIND_CREATE)
      entry.proposed_no = *run(numbers->next("3708", clock.now()));
    const auto answer = run(link().feed.put({{std::move(entry)}, {}, {}}, clock.now(), window));
    REQUIRE(answer);
    CHECK(answer->outcomes.at(0).status == store::feed_status::taken);
  }
  v1::FeedItem told(v1::PartnerEventKind kind, std::int64_t sequence = 0, const change& more = {}) {
    auto item = message(kind, sequence, more);
    receive(item);
    return item;
  }
  v1::FeedItem urged(std::int64_t sequence, const std::string& text) {
    return told(v1::PARTNER_EVENT_KIND_URGE, sequence, [&](auto& event) { event.set_text(text); });
  }

  /// Works until nothing is due now.
  void work(transfer::feed_worker_options options = {}) {
    runtime::task_group group(redis.context.get_executor(), tasks, quiet_log());
    const auto land = province();
    transfer::feed_worker worker(link(), kit, land, clock, options, group,
                                 redis.context.get_executor(), quiet_log());
    for (std::size_t begun = 1; begun > 0;) {
      const auto taken = run(worker.take_up());
      REQUIRE(taken);
      begun = *taken;
      REQUIRE(run(group.wait_idle(std::chrono::seconds(30))));
    }
    CHECK(worker.in_hand() == 0);
    CHECK(tasks.leaked_exceptions == 0);
  }
  void pass(milliseconds time) { REQUIRE(clock.set(clock.now() + time, 0)); }

  /// Our number of their ticket; empty: it has none yet.
  std::string our_no(const std::string& external_no = "JN-1") {
    return waiting(external_no).ticket_no;
  }
  store::waiting_items waiting(const std::string& external_no = "JN-1") {
    return *run(link().feed.waiting(external_no));
  }
  std::vector<store::stored_review> reviews() { return run(link().feed.reviews(0, 100))->reviews; }
  /// What a ticket was urged with, in the order in which it was.
  std::vector<std::string> urges(const std::string& external_no = "JN-1") {
    std::vector<std::string> texts;
    for (const auto& event : history(our_no(external_no))) {
      if (event.kind() == v1::EVENT_KIND_URGED) texts.push_back(event.cause().urge().text());
    }
    return texts;
  }
  int times(v1::EventKind kind) {
    return static_cast<int>(std::ranges::count(history(our_no()), kind, &v1::Event::kind));
  }

  static constexpr milliseconds window{300'000};

 private:
  int serials_ = 0;
};

}  // namespace hotline::test
