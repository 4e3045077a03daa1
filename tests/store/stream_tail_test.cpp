// The outboxes as an onlooker reads them: nothing twice, nothing missed, or told that it was.
#include <doctest/doctest.h>

#include "common/store/stream_tail.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using store::stream_id;
using store::tail_part;

std::vector<std::string> numbers_of(const tail_part& part) {
  std::vector<std::string> out;
  for (const auto& entry : part.entries) {
    REQUIRE(entry.event.has_value());
    out.push_back(entry.event->ticket_no());
  }
  return out;
}

tail_part recent(store_fixture& f, std::size_t count) {
  const auto parts = f.run(store::stream_tail(*f.redis.client).recent({"3708"}, count));
  REQUIRE(parts.has_value());
  return parts->front();
}

tail_part read(store_fixture& f, stream_id after, std::size_t count) {
  const auto parts = f.run(store::stream_tail(*f.redis.client).read({{"3708", after}}, count));
  REQUIRE(parts.has_value());
  return parts->front();
}

TEST_CASE("an empty outbox begins at zero, and its first event is read") {
  store_fixture f;
  const auto nothing = recent(f, 10);
  CHECK(nothing.entries.empty());
  CHECK(nothing.floor == stream_id{});
  const auto made = f.fill("3708", 3, "370883");
  const auto first = read(f, nothing.floor, 2);
  CHECK(first.entries.size() == 2);
  CHECK(first.more);
  CHECK_FALSE(first.gap);  // nothing was ever trimmed
  const auto rest = read(f, first.entries.back().id, 2);
  CHECK(numbers_of(rest) == std::vector<std::string>{made[2]});
  CHECK_FALSE(rest.more);
  CHECK(read(f, rest.entries.back().id, 2).entries.empty());
}

TEST_CASE("the newest entries, and a floor behind which nothing is missing") {
  store_fixture f;
  const auto made = f.fill("3708", 10, "370883");
  const auto all = recent(f, 100);
  CHECK(all.floor == stream_id{});
  CHECK(numbers_of(all) == made);
  // One of those asked for is the floor itself.
  const auto some = recent(f, 4);
  CHECK(numbers_of(some) == std::vector<std::string>(made.end() - 3, made.end()));
  CHECK(some.floor == all.entries[6].id);

  f.exec("XTRIM", "{3708}:events", "MAXLEN", 2);
  const auto trimmed = recent(f, 100);
  CHECK(numbers_of(trimmed) == std::vector<std::string>{made[9]});
  CHECK(trimmed.floor == all.entries[8].id);
  f.exec("XTRIM", "{3708}:events", "MAXLEN", 0);
  const auto none = recent(f, 100);
  CHECK(none.entries.empty());
  CHECK(none.floor == all.entries[9].id);
}

TEST_CASE("a reader that is behind what was trimmed is told so") {
  store_fixture f;
  f.fill("3708", 10, "370883");
  const auto all = recent(f, 100);
  f.exec("XTRIM", "{3708}:events", "MAXLEN", 6);
  const auto behind = read(f, all.entries[1].id, 5);
  CHECK(behind.more);
  CHECK(behind.gap);
  // The place itself is still there: nothing behind it can be missing.
  const auto exact = read(f, all.entries[4].id, 5);
  CHECK(exact.more);
  CHECK_FALSE(exact.gap);
}

TEST_CASE("an event that cannot be read is passed over, not stumbled over") {
  store_fixture f;
  f.exec("XADD", "{3708}:events", "*", "e", "nonsense");
  f.fill("3708", 1, "370883");
  const auto part = read(f, {}, 10);
  REQUIRE(part.entries.size() == 2);
  CHECK_FALSE(part.entries[0].event.has_value());
  CHECK(part.entries[1].event.has_value());
}

}  // namespace
}  // namespace hotline::test
