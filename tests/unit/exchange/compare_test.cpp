// Comparing both sides (对账): every kind of difference, and no difference where there is none.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <random>

#include "common/exchange/compare.hpp"

namespace hotline::exchange {
namespace {

v1::Partner words() {
  v1::Partner partner;
  const auto add = [&](v1::State state, const char* theirs) {
    auto& word = *partner.add_states();
    word.set_state(state);
    word.set_theirs(theirs);
  };
  add(v1::STATE_DISPATCHED, "0");
  add(v1::STATE_HANDLING, "1");
  add(v1::STATE_REPLIED, "1");
  add(v1::STATE_HANDLING, "1a");  // a second word of theirs for the same
  add(v1::STATE_CLOSED, "2");
  return partner;
}

our_ticket handled() {
  return {
      .external_no = "A1", .ticket_no = "3708-1", .state = v1::STATE_HANDLING, .expected = true};
}

struct row {
  const char* what;
  std::vector<listed_ticket> theirs;
  std::vector<our_ticket> ours;
  v1::DifferenceKind kind;  ///< unspecified: they agree
};

our_ticket with(void (*change)(our_ticket&)) {
  our_ticket ticket = handled();
  change(ticket);
  return ticket;
}

TEST_CASE("each number is agreed on, or differs in one way") {
  const auto agreed = v1::DIFFERENCE_KIND_UNSPECIFIED;
  const auto here = v1::DIFFERENCE_KIND_MISSING_HERE;
  const auto there = v1::DIFFERENCE_KIND_MISSING_THERE;
  const auto state = v1::DIFFERENCE_KIND_STATE;
  const auto waits_here = v1::DIFFERENCE_KIND_WAITING_HERE;
  const auto waits_there = v1::DIFFERENCE_KIND_WAITING_THERE;
  const std::vector<row> table{
      {"the same state", {{"A1", "1"}}, {handled()}, agreed},
      {"another word for it", {{"A1", "1a"}}, {handled()}, agreed},
      {"they list no states", {{"A1", ""}}, {handled()}, agreed},
      {"no word for our state",
       {{"A1", "7"}},
       {with([](our_ticket& t) { t.state = v1::STATE_SUSPENDED; })},
       agreed},
      {"the state they were told last",
       {{"A1", "0"}},
       {with([](our_ticket& t) { t.told_word = "0"; })},
       agreed},
      {"they are told nothing",
       {{"A1", "0"}},
       {with([](our_ticket& t) { t.withheld = true; })},
       agreed},
      {"the last of two lines counts", {{"A1", "0"}, {"A1", "1"}}, {handled()}, agreed},
      {"merged, its main ticket is handled",
       {{"A1", "1"}},
       {with([](our_ticket& t) { t.state = v1::STATE_MERGED; })},
       agreed},
      {"merged, ended with its main ticket",
       {{"A1", "2"}},
       {with([](our_ticket& t) {
         t.state = v1::STATE_MERGED;
         t.has_ended = true;
       })},
       agreed},
      {"merged and ended, open for them",
       {{"A1", "1"}},
       {with([](our_ticket& t) {
         t.state = v1::STATE_MERGED;
         t.has_ended = true;
       })},
       state},
      {"merged and open, ended for them",
       {{"A1", "2"}},
       {with([](our_ticket& t) { t.state = v1::STATE_MERGED; })},
       state},
      {"of another day, not listed", {}, {with([](our_ticket& t) { t.expected = false; })}, agreed},
      {"never made, not listed",
       {},
       {with([](our_ticket& t) { t.state = v1::STATE_UNSPECIFIED; })},
       agreed},
      {"another state", {{"A1", "2"}}, {handled()}, state},
      {"a word nobody knows", {{"A1", "9"}}, {handled()}, state},
      {"of another day, another state",
       {{"A1", "2"}},
       {with([](our_ticket& t) { t.expected = false; })},
       state},
      {"they list what we never heard of", {{"A1", "1"}}, {}, here},
      {"they list what was never made",
       {{"A1", "1"}},
       {with([](our_ticket& t) { t.state = v1::STATE_UNSPECIFIED; })},
       here},
      {"they do not list what we exchanged", {}, {handled()}, there},
      {"not made yet",
       {{"A1", "1"}},
       {with([](our_ticket& t) {
         t.state = v1::STATE_UNSPECIFIED;
         t.unsettled = true;
       })},
       waits_here},
      {"their word is not applied yet",
       {{"A1", "2"}},
       {with([](our_ticket& t) { t.unsettled = t.unsent = true; })},
       waits_here},
      {"our word is not heard yet",
       {{"A1", "0"}},
       {with([](our_ticket& t) { t.unsent = true; })},
       waits_there},
      {"our first word is not heard yet",
       {},
       {with([](our_ticket& t) { t.unsent = true; })},
       waits_there},
      {"something waits that changes no state",
       {{"A1", "1"}},
       {with([](our_ticket& t) { t.unsettled = t.unsent = true; })},
       agreed},
  };
  for (const row& one : table) {
    CAPTURE(one.what);
    const auto made = compare(words(), one.theirs, one.ours);
    const bool differs = one.kind != agreed;
    CHECK(made.agreed == (differs ? 0 : 1));
    REQUIRE(made.differences.size() == (differs ? 1 : 0));
    if (differs) CHECK(made.differences[0].kind() == one.kind);
  }
}

TEST_CASE("both sides are counted by state") {
  const auto ticket = [](const char* number, v1::State state, bool expected = true) {
    return our_ticket{
        .external_no = number, .ticket_no = number, .state = state, .expected = expected};
  };
  const std::vector<listed_ticket> theirs{
      {"A1", "1"}, {"A2", "1a"}, {"A3", "2"}, {"A4", "9"}, {"A5", "1"}};
  const std::vector<our_ticket> ours{
      ticket("A1", v1::STATE_HANDLING),   ticket("A2", v1::STATE_HANDLING),
      ticket("A3", v1::STATE_REPLIED),    ticket("A4", v1::STATE_SUSPENDED),
      ticket("A6", v1::STATE_MERGED),     ticket("A7", v1::STATE_CLOSED, false),
      ticket("A8", v1::STATE_UNSPECIFIED)};
  std::vector<std::string> lines;
  for (const auto& one : compare(words(), theirs, ours).states)
    lines.push_back(
        fmt::format("{} {}/{} of {}", one.word(), one.theirs(), one.ours(), one.our_states_size()));
  CHECK(lines == std::vector<std::string>{" 0/1 of 1", "1 2/3 of 3", "1a 1/1 of 1", "2 1/0 of 0",
                                          "9 1/0 of 0"});
}

TEST_CASE("a difference names both sides") {
  const auto made =
      compare(words(), std::vector<listed_ticket>{{"A1", "2"}}, std::vector<our_ticket>{handled()});
  REQUIRE(made.differences.size() == 1);
  const auto& one = made.differences[0];
  CHECK(one.external_no() == "A1");
  CHECK(one.ticket_no() == "3708-1");
  CHECK(one.our_state() == v1::STATE_HANDLING);
  CHECK(one.our_word() == "1");
  CHECK(one.their_word() == "2");
}

TEST_CASE("a ticket they list by one of its numbers is missing under no other") {
  auto other = handled();
  other.external_no = "JT1";
  const std::vector<our_ticket> both{handled(), other};
  CHECK(compare(words(), std::vector<listed_ticket>{{"A1", "1"}}, both).agreed == 2);
  CHECK(compare(words(), std::vector<listed_ticket>{}, both).differences.size() == 2);
}

/// Lists both sides agree on, and then a known number of differences of each kind put in.
TEST_CASE("exactly what was changed is found") {
  const auto partner = words();
  for (unsigned seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto chance = [&](unsigned one_in) { return random() % one_in == 0; };
    std::vector<listed_ticket> theirs;
    std::vector<our_ticket> ours;
    std::map<std::string, v1::DifferenceKind> put_in;
    const int tickets = static_cast<int>(random() % 60);
    for (int i = 0; i < tickets; ++i) {
      const auto& word = partner.states(static_cast<int>(random() % 5));
      const std::string number = fmt::format("N{:03}", i);
      listed_ticket listed{number, word.theirs()};
      our_ticket have{.external_no = number,
                      .ticket_no = fmt::format("no-{}", i),
                      .state = word.state(),
                      .expected = chance(2)};
      if (chance(8)) {
        put_in[number] = v1::DIFFERENCE_KIND_MISSING_HERE;
        theirs.push_back(listed);
        continue;
      }
      if (chance(8)) {
        have.expected = true;
        put_in[number] = v1::DIFFERENCE_KIND_MISSING_THERE;
        ours.push_back(have);
        continue;
      }
      if (chance(6)) {
        listed.state = "9";
        put_in[number] = v1::DIFFERENCE_KIND_STATE;
        have.unsent = chance(3);
        if (have.unsent) put_in[number] = v1::DIFFERENCE_KIND_WAITING_THERE;
        have.unsettled = chance(3);
        if (have.unsettled) put_in[number] = v1::DIFFERENCE_KIND_WAITING_HERE;
      }
      theirs.push_back(listed);
      ours.push_back(have);
    }
    std::ranges::shuffle(theirs, random);
    std::ranges::shuffle(ours, random);
    const auto made = compare(partner, theirs, ours);
    std::map<std::string, v1::DifferenceKind> found;
    for (const auto& one : made.differences) found[one.external_no()] = one.kind();
    CHECK(found == put_in);
    CHECK(made.agreed == tickets - static_cast<int>(put_in.size()));
    int counted = 0;
    for (const auto& kind : count_kinds(made.differences)) counted += kind.count();
    CHECK(counted == static_cast<int>(put_in.size()));
  }
}

}  // namespace
}  // namespace hotline::exchange
