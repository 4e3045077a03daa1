// Single forgeries worth a word of their own.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include "common/store/keys.hpp"
#include "tests/audit/audit_fixture.hpp"

namespace hotline::test {
namespace {

using store::tampering;

TEST_CASE(
    "without the signed heads a chain that is cut with its end is not found; with them it is") {
  audit_fixture f;
  f.fill("3708", 5, "370883");
  f.seal();
  f.keep();
  // The whole record of the shard is gone: histories, outbox, chain.
  for (int i = 1; i <= 5; ++i)
    f.exec("DEL", fmt::format("{{3708}}:history:3708-20261123-{:05}", i));
  f.exec("DEL", "{3708}:events", "{3708}:seal", "{3708}:seal:head");
  CHECK(f.verify(false).clean());
  CHECK(f.verify(true).counts.contains(tampering::chain_cut));
}

TEST_CASE("an event taken out of the outbox before it is sealed is missed in the chain") {
  audit_fixture f;
  const auto numbers = f.fill("3708", 5, "370883");
  const auto entries = f.exec("XRANGE", "{3708}:events", "-", "+");
  f.exec("XDEL", "{3708}:events", entries.at(2).at(0).string());
  f.seal();
  const auto report = f.verify(false);
  REQUIRE(report.problems.size() == 1);
  CHECK(report.problems[0].kind == tampering::event_unsealed);
  CHECK(report.problems[0].ticket_no == numbers[2]);
}

TEST_CASE("something strange in the outbox is sealed, and named") {
  audit_fixture f;
  f.fill("3708", 2, "370883");
  f.exec("XADD", "{3708}:events", "*", "e", "no event");
  f.exec("XADD", "{3708}:events", "*", "other", "field", "e", "x");
  f.seal();
  CHECK(f.verify(false).counts.at(tampering::event_foreign) == 2);
}

TEST_CASE("an event repeated in the outbox is sealed twice, and named") {
  audit_fixture f;
  f.fill("3708", 2, "370883");
  const auto entries = f.exec("XRANGE", "{3708}:events", "-", "+");
  f.exec("XADD", "{3708}:events", "*", "e", entries.at(0).at(1).at(1).string());
  f.seal();
  CHECK(f.verify(false).counts.at(tampering::event_twice) == 1);
}

TEST_CASE("a chain of another data set does not follow") {
  audit_fixture f;
  f.fill("3708", 2, "370883");
  f.seal();
  auto options = f.verify_options(false);
  options.data_set = std::string(32, 'a');
  const auto report = f.run(store::verify_seals(*f.redis.client, options));
  REQUIRE(report);
  CHECK(report->problems.at(0).kind == tampering::chain_broken);
  CHECK(report->problems.at(0).entry == 1);
}

TEST_CASE("keys of another type, and an end that cannot be read, are named") {
  audit_fixture f;
  f.fill("3708", 2, "370883");
  f.seal();
  f.exec("HSET", "{3708}:seal:head", "n", "x");
  CHECK(f.verify(false).counts.contains(tampering::chain_unreadable));
  f.exec("SET", "{3708}:seal:head", "x");
  f.exec("SET", "{3708}:seal", "x");
  CHECK(f.verify(false).counts.contains(tampering::chain_unreadable));
  f.exec("SET", "{3708}:history:3708-20261123-00001", "x");
  CHECK_FALSE(f.verify(false).clean());
}

TEST_CASE("an entry that is too far away is a gap, and no memory is taken for it") {
  audit_fixture f;
  f.fill("3708", 2, "370883");
  f.seal();
  f.exec("XADD", "{3708}:seal", "4000000000000000000-0", "b", "x", "h", std::string(32, 'h'));
  const auto report = f.verify(false);
  CHECK(report.counts.contains(tampering::chain_gap));
  CHECK(report.counts.contains(tampering::chain_unreadable));
}

}  // namespace
}  // namespace hotline::test
