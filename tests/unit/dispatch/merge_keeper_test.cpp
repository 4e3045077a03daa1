// 并单 over a real Redis: the main ticket's list and the end of its children follow the events,
// whatever comes twice, late or in another order.
#include "services/dispatch/merge_keeper.hpp"

#include <doctest/doctest.h>

#include <string>

#include "common/domain/reaction.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using runtime::handled;

constexpr const char* main_no = "3708-20261123-00001";
constexpr const char* other_main_no = "3701-20261123-00001";
constexpr const char* child_no = "3700-20261123-00002";

struct merge_fixture : store_fixture {
  merge_fixture() {
    for (const char* no : {main_no, other_main_no, child_no}) {
      ticket_shape shape;
      shape.no = no;
      commit(nullptr, new_ticket(shape));
    }
  }

  v1::Ticket ticket(const char* no) { return **run(tickets->load(no)); }

  /// Carries a command of the province's operator out; the events it led to.
  std::vector<v1::Event> act(const char* no, auto body) {
    const auto before = ticket(no).version();
    auto command = command_of(no, v1::ROLE_OPERATOR, "370000");
    body(command);
    REQUIRE(run(runner->run(std::move(command))));
    return *run(tickets->history(no, before + 1, ticket(no).version()));
  }
  std::vector<v1::Event> merge_into(const char* main) {
    return act(child_no, [&](v1::Command& c) { c.mutable_merge()->set_main_no(main); });
  }
  std::vector<v1::Event> part() {
    return act(child_no, [](v1::Command& c) { c.mutable_unmerge()->set_reason("不同事项"); });
  }
  std::vector<v1::Event> withdraw_main() {
    return act(main_no, [](v1::Command& c) { c.mutable_withdraw()->set_evidence("录音"); });
  }

  void react(const std::vector<v1::Event>& events) {
    for (const auto& event : events) {
      if (domain::calls_for_merge_care(event)) CHECK(run(keeper.handle(event)) == handled::done);
    }
  }

  dispatch::merge_counters counters;
  dispatch::merge_keeper keeper{*tickets, *runner, counters, logger(make_null_sink(), "merge")};
};

TEST_CASE("a merged ticket is listed on its main ticket and taken off again, once each") {
  merge_fixture f;
  const auto merged = f.merge_into(main_no);
  CHECK(f.ticket(main_no).merged_nos().empty());
  f.react(merged);
  REQUIRE(f.ticket(main_no).merged_nos_size() == 1);
  CHECK(f.ticket(main_no).merged_nos(0) == child_no);
  const auto before = f.digest();
  f.react(merged);
  CHECK(f.digest() == before);

  const auto parted = f.part();
  f.react(parted);
  CHECK(f.ticket(main_no).merged_nos().empty());
  // The first message once more, long after it was overtaken.
  const auto after = f.digest();
  f.react(merged);
  f.react(parted);
  CHECK(f.digest() == after);
}

TEST_CASE("merged into another ticket meanwhile: each list says what the child says") {
  merge_fixture f;
  const auto first = f.merge_into(main_no);
  const auto parted = f.part();
  const auto second = f.merge_into(other_main_no);
  f.react(second);
  f.react(first);
  f.react(parted);
  CHECK(f.ticket(main_no).merged_nos().empty());
  REQUIRE(f.ticket(other_main_no).merged_nos_size() == 1);
}

TEST_CASE("the end of the main ticket is the end of the merged ones, and only of those") {
  merge_fixture f;
  f.react(f.merge_into(main_no));
  const auto ended = f.withdraw_main();
  f.react(ended);
  CHECK(f.ticket(child_no).closed_at() != 0);
  CHECK(f.ticket(child_no).state() == v1::STATE_MERGED);
  // Whoever the merged one came from is told of this event, and how the main ticket ended.
  const auto history = f.run(f.tickets->history(child_no, 1, 100)).value();
  CHECK(history.back().cause().follow_main().ended_as() == v1::STATE_WITHDRAWN);
  const auto before = f.digest();
  f.react(ended);
  CHECK(f.digest() == before);
}

TEST_CASE("what was parted and merged elsewhere does not end with its first main ticket") {
  merge_fixture f;
  f.react(f.merge_into(main_no));
  f.part();
  f.merge_into(other_main_no);
  // The list of the first still names it: nobody has reacted yet.
  REQUIRE(f.ticket(main_no).merged_nos_size() == 1);
  f.react(f.withdraw_main());
  CHECK(f.ticket(child_no).closed_at() == 0);
}

TEST_CASE("merged into a ticket that has ended, it ends at once") {
  merge_fixture f;
  f.react(f.withdraw_main());
  f.react(f.merge_into(main_no));
  CHECK(f.ticket(main_no).merged_nos_size() == 1);
  CHECK(f.ticket(child_no).closed_at() != 0);
}

}  // namespace
}  // namespace hotline::test
