// 10,000 forgeries at random: each is found, and its place is named.
#include <doctest/doctest.h>

#include <map>

#include "tests/audit/forger.hpp"

namespace hotline::test {
namespace {

constexpr int forgeries = 10'000;

TEST_CASE("every edit, deletion, swap, truncation and insertion is found and located") {
  audit_fixture f;
  f.fill_and_seal();
  const auto before = f.digest();
  const auto options = f.verify_options();
  std::map<std::string, int> missed;
  std::map<std::string, int> done;
  forger hand(f, 20'261'123);
  for (int i = 0; i < forgeries; ++i) {
    const auto wanted = hand.forge();
    ++done[wanted.what];
    const auto report = f.run(store::verify_seals(*f.redis.client, options));
    REQUIRE(report);
    if (!wanted.met_by(*report) && ++missed[wanted.what] == 1)
      MESSAGE(wanted.what, " in ", wanted.shard, " was not located; found:\n", complaints(*report));
    hand.put_back();
  }
  for (const auto& [what, count] : missed) FAIL_CHECK(what, ": ", count, " of ", done[what]);
  CHECK(done.size() >= 20);
  CHECK(f.digest() == before);
  CHECK(complaints(f.verify()) == "");
}

}  // namespace
}  // namespace hotline::test
