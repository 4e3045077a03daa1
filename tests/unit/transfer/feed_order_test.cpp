// Which of a ticket's waiting messages comes next, by table.
#include "services/transfer/feed_order.hpp"

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using std::chrono::hours;
using transfer::first_to_give_up;
using transfer::next_to_apply;
using transfer::patience_ends;

constexpr const char* our_no = "3708-20261123-00001";

struct message {
  std::int64_t sequence = 0;
  bool creates = false;
  instant received = monday;
};

store::waiting_items waiting_of(const char* ticket_no, std::int64_t applied,
                                const std::vector<message>& messages) {
  store::waiting_items made;
  made.external_no = "A1";
  made.ticket_no = ticket_no;
  made.applied = applied;
  for (const auto& one : messages) {
    auto& item = made.items.emplace_back().content;
    item.mutable_event()->set_sequence(one.sequence);
    item.mutable_event()->set_kind(one.creates ? v1::PARTNER_EVENT_KIND_CREATE
                                               : v1::PARTNER_EVENT_KIND_URGE);
    item.set_received_at(to_unix_ms(one.received));
  }
  return made;
}

TEST_CASE("the next message of a ticket") {
  const message create{0, true};
  struct row {
    std::string_view what;
    const char* ticket_no;
    std::int64_t applied;
    std::vector<message> messages;
    std::optional<std::size_t> next;
  };
  const std::vector<row> rows{
      {"nothing waits", our_no, 0, {}, {}},
      {"they do not count: in the order in which they came", our_no, 0, {{0}, {0}}, 0},
      {"about a ticket that has not come", "", 0, {{0}, {1}}, {}},
      {"what creates comes first, wherever it stands", our_no, 0, {{0}, {1}, create}, 2},
      {"what creates waits for no number of ours", "", 0, {{1}, create}, 1},
      {"a counted create as well", our_no, 0, {{2}, {1, true}}, 1},
      {"of two that create, the lower sequence", our_no, 0, {{2, true}, {1, true}}, 1},
      {"a create after a gap is not held up", our_no, 0, {{7, true}}, 0},
      {"the lowest that is ready", our_no, 3, {{4}, {2}, {3}}, 1},
      {"the one that follows", our_no, 3, {{5}, {4}}, 1},
      {"one is missing", our_no, 3, {{5}, {6}}, {}},
      {"the first is missing", our_no, 0, {{2}}, {}},
      {"one that is not counted passes those that wait", our_no, 3, {{5}, {0}}, 1},
      {"a late one is not held up", our_no, 9, {{11}, {2}}, 1},
      {"the same sequence again is not held up", our_no, 3, {{3}}, 0},
  };
  for (const auto& r : rows) {
    CAPTURE(r.what);
    CHECK(next_to_apply(waiting_of(r.ticket_no, r.applied, r.messages)) == r.next);
  }
}

TEST_CASE("who is given up first, and when") {
  const auto later = monday + hours(1);
  struct row {
    std::string_view what;
    std::vector<message> messages;
    std::size_t first;
    instant until;  ///< with a day of patience
  };
  const std::vector<row> rows{
      {"a single one", {{5, false, later}}, 0, later + hours(24)},
      {"the lowest sequence, though it came later",
       {{6, false, monday}, {5, false, later}},
       1,
       monday + hours(24)},
      {"of one sequence, the older",
       {{5, false, later}, {5, false, monday}},
       1,
       monday + hours(24)},
      {"one that is not counted, before those that are",
       {{5, false, monday}, {0, false, later}},
       1,
       monday + hours(24)},
  };
  for (const auto& r : rows) {
    CAPTURE(r.what);
    const auto waiting = waiting_of("", 0, r.messages);
    CHECK(first_to_give_up(waiting) == r.first);
    CHECK(patience_ends(waiting, hours(24)) == r.until);
  }
}

}  // namespace
}  // namespace hotline::test
