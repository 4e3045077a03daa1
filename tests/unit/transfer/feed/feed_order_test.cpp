// Which of a ticket's waiting messages comes next.
#include "services/transfer/feed_order.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace hotline::transfer {
namespace {

constexpr auto create = v1::PARTNER_EVENT_KIND_CREATE;
constexpr auto urge = v1::PARTNER_EVENT_KIND_URGE;

struct message {
  v1::PartnerEventKind kind;
  std::int64_t sequence;
  std::int64_t received_at = 1'000;
};

store::waiting_items waiting_of(const std::vector<message>& messages, std::int64_t applied,
                                bool known = true) {
  store::waiting_items waiting;
  waiting.external_no = "A1";
  if (known) waiting.ticket_no = "3708-20261123-00001";
  waiting.applied = applied;
  for (const auto& one : messages) {
    auto& content = waiting.items.emplace_back().content;
    content.mutable_event()->set_kind(one.kind);
    content.mutable_event()->set_sequence(one.sequence);
    content.set_received_at(one.received_at);
  }
  return waiting;
}

TEST_CASE("the next message is the one whose turn it is") {
  struct row {
    std::vector<message> messages;
    std::int64_t applied;
    bool known;
    int next;  ///< -1: all of them wait
  };
  const row rows[] = {
      {{{urge, 2}, {create, 1}}, 0, true, 1},  // the create first
      {{{urge, 0}, {create, 0}}, 0, true, 1},  // also without sequences
      {{{urge, 3}, {urge, 2}}, 1, true, 1},    // in order
      {{{urge, 3}}, 1, true, -1},              // a gap
      {{{urge, 3}, {urge, 0}}, 1, true, 1},    // which holds up none without a sequence
      {{{urge, 0}, {urge, 0}}, 7, true, 0},    // in the order in which they came
      {{{urge, 2}}, 5, true, 0},               // late
      {{{urge, 0}, {urge, 1}}, 0, false, -1},  // the ticket has not come yet
  };
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    CAPTURE(i);
    const auto next = next_to_apply(waiting_of(rows[i].messages, rows[i].applied, rows[i].known));
    CHECK((next ? static_cast<int>(*next) : -1) == rows[i].next);
  }
}

TEST_CASE("when waiting is over the lowest sequence goes first, counted from the oldest") {
  const auto waiting = waiting_of({{urge, 5, 1'000}, {urge, 3, 9'000}}, 1);
  CHECK(first_to_give_up(waiting) == 1);
  CHECK(patience_ends(waiting, milliseconds(500)) == from_unix_ms(1'500));
}

}  // namespace
}  // namespace hotline::transfer
