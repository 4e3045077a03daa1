// The exchange with one partner on a store, and short things to say and to be told.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "common/store/exchange_feed.hpp"
#include "common/store/exchange_fetches.hpp"
#include "common/store/exchange_ledger.hpp"
#include "common/store/exchange_queue.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {

struct exchange_kit : store_fixture {
  static constexpr const char* partner = "jining-12345";
  static constexpr milliseconds window{300'000};
  static constexpr milliseconds lease{60'000};

  exchange_kit() { REQUIRE(run(feed.adopt())); }

  /// They tell us something about a ticket; with a number of ours it is new.
  void receive(const std::string& their, const std::string& serial, const std::string& our_no = {},
               instant now = monday) {
    store::feed_entry entry;
    auto& event = *entry.item.mutable_event();
    event.set_external_no(their);
    event.set_serial(serial);
    event.set_kind(our_no.empty() ? v1::PARTNER_EVENT_KIND_URGE : v1::PARTNER_EVENT_KIND_CREATE);
    entry.item.set_original("13800001234 " + serial);
    entry.item.set_received_at(to_unix_ms(now));
    entry.proposed_no = our_no;
    store::feed_document document;
    document.entries.push_back(std::move(entry));
    REQUIRE(run(feed.put(std::move(document), now, window)));
  }
  /// Something that cannot be mapped.
  void receive_nonsense(const std::string& bytes, instant now = monday) {
    store::feed_document document;
    document.entries.resize(1);
    document.entries[0].item.set_original(bytes);
    REQUIRE(run(feed.put(std::move(document), now, window)));
  }
  /// The first item of a ticket needs nothing more, or a person has to look at it.
  void settle(const std::string& their, bool for_review = false, instant now = monday) {
    const auto waiting = run(feed.waiting(their));
    REQUIRE(waiting);
    REQUIRE_FALSE(waiting->items.empty());
    std::optional<v1::FeedReview> review;
    if (for_review) review.emplace().set_reason(v1::REVIEW_REASON_REJECTED);
    REQUIRE(run(feed.settle(their, waiting->items.front(), review, now)).value());
  }

  static v1::OutMessage message_of(const std::string& no) {
    v1::OutMessage message;
    message.mutable_event()->set_ticket_no(no);
    message.set_made_at(to_unix_ms(monday));
    return message;
  }
  void tell(const std::string& no, std::int64_t version, instant now = monday) {
    REQUIRE(run(queue.put({no, version}, message_of(no), now)).value());
  }
  /// They have heard it.
  void hear(const std::string& no, std::int64_t version, const std::string& their = {},
            instant now = monday) {
    REQUIRE(run(queue.settle({no, version}, "10000", their, now)).value());
  }

  std::string key(const std::string& name) const { return "{p:jining-12345}:" + name; }

  store::exchange_vault exchange_keys{keys_for_tests()};
  store::exchange_feed feed{*redis.client, exchange_keys, partner, guard.data_set()};
  store::exchange_queue queue{*redis.client, exchange_keys, partner, guard.data_set()};
  store::exchange_fetches fetches{*redis.client, exchange_keys, partner, guard.data_set()};
  store::exchange_ledger ledger{*redis.client, partner, guard.data_set()};
};

}  // namespace hotline::test
