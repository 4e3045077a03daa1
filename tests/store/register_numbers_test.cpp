// Which ticket a row of a register was given: once, for ever, and noticed when it is damaged.
#include "common/store/register_numbers.hpp"

#include <doctest/doctest.h>

#include "common/store/keys.hpp"
#include "common/store/people_check.hpp"
#include "common/store/verify.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using kind = store::register_place::kind;

constexpr const char* first_no = "3708-20261123-00001";
constexpr const char* second_no = "3708-20261123-00002";

struct register_fixture : store_fixture {
  store::register_row row(std::string_view text, std::string_view said = "x",
                          std::string_view unanswered = {}) {
    return {vault.fingerprint(text), vault.fingerprint(said),
            unanswered.empty() ? std::string() : vault.fingerprint(unanswered)};
  }

  store::register_place reserve(store::register_row row, const std::string& no) {
    const auto place = run(numbers_of_rows.reserve(std::move(row), no));
    REQUIRE(place);
    return *place;
  }

  std::vector<std::string> problems() {
    const auto report = run(store::check_people(*redis.client));
    REQUIRE(report);
    return report->problems;
  }

  store::register_numbers numbers_of_rows{*redis.client, floor, guard.data_set()};
};

TEST_CASE("the first number a row is given is the one every repeat is told") {
  register_fixture f;
  CHECK(f.run(f.numbers_of_rows.find(f.row("a")))->how == kind::unknown);
  const auto before = f.floor.of(store::people_shard);
  const auto first = f.reserve(f.row("a"), first_no);
  CHECK(first.how == kind::reserved);
  CHECK(first.ticket_no == first_no);
  CHECK(f.floor.of(store::people_shard) == before + 1);
  const auto again = f.reserve(f.row("a"), second_no);
  CHECK(again.how == kind::known);
  CHECK(again.ticket_no == first_no);
  CHECK(f.run(f.numbers_of_rows.find(f.row("a")))->ticket_no == first_no);
  CHECK(f.floor.of(store::people_shard) == before + 1);
  CHECK(f.reserve(f.row("b"), second_no).how == kind::reserved);
}

TEST_CASE("a row that says something else now is told its number, and nothing changes") {
  register_fixture f;
  f.reserve(f.row("a", "one"), first_no);
  const auto other = f.reserve(f.row("a", "two"), second_no);
  CHECK(other.how == kind::differs);
  CHECK(other.ticket_no == first_no);
  CHECK(f.reserve(f.row("a", "one"), second_no).how == kind::known);
  // The same row, answered since.
  const auto answered = f.reserve(f.row("a with an answer", "one", "a"), second_no);
  CHECK(answered.how == kind::differs);
  CHECK(answered.ticket_no == first_no);
  CHECK(f.reserve(f.row("c with an answer", "one", "c"), second_no).how == kind::reserved);
}

TEST_CASE("another data set, and a damaged memory, are refused and found") {
  register_fixture f;
  store::register_numbers elsewhere(*f.redis.client, f.floor, std::string(32, 'a'));
  CHECK(f.run(elsewhere.reserve(f.row("a"), first_no)).error().code == errc::wrong_data_set);
  f.reserve(f.row("a"), first_no);
  CHECK(f.problems().empty());
  // It is no set of tickets that `verify` could take for extra.
  CHECK(f.run(store::verify(*f.redis.client, {}))->clean());
  const auto field = f.exec("HKEYS", store::register_key()).at(0);
  f.exec("HSET", store::register_key(), std::string(32, 'b'),
         std::string(f.exec("HGET", store::register_key(), field.string()).string()));
  CHECK(f.problems().size() == 1);
  f.exec("HSET", store::register_key(), field.string(), "nothing");
  CHECK(f.problems().size() == 1);
  CHECK(f.run(f.numbers_of_rows.find(f.row("a"))).error().code == errc::corrupt_data);
  f.exec("DEL", store::register_key());
  f.exec("SET", store::register_key(), "x");
  CHECK(f.problems().size() == 1);
}

}  // namespace
}  // namespace hotline::test
