// Addresses of files: good for what they were made for, as long as they were made for, and nothing
// else.
#include "common/store/file_link.hpp"

#include <doctest/doctest.h>

#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using store::file_link;
using store::file_links;

TEST_CASE("an address says what it was made for, until it is over") {
  const file_links links(keys_for_tests());
  const file_link made{"jining-12345", "3708-20261123-00042", std::string(64, 'a'),
                       monday + std::chrono::days(7)};
  const auto token = links.token_of(made);
  CHECK(links.read(token, monday) == made);
  CHECK(links.read(token, made.until - milliseconds(1)) == made);
  CHECK_FALSE(links.read(token, made.until));
  CHECK(file_links(keys_for_tests()).read(token, monday) == made);  // another process
}

TEST_CASE("nothing of an address can be changed") {
  const file_links links(keys_for_tests());
  const auto token = links.token_of({"jining-12345", "3708-20261123-00042", std::string(64, 'a'),
                                     monday + std::chrono::hours(1)});
  for (std::size_t at = 0; at < token.size(); ++at) {
    auto changed = token;
    changed[at] = changed[at] == '1' ? '2' : '1';
    CAPTURE(changed);
    CHECK_FALSE(links.read(changed, monday));
  }
  CHECK_FALSE(links.read(token + "0", monday));
  CHECK_FALSE(links.read(token.substr(1), monday));
  CHECK_FALSE(links.read("", monday));
  CHECK_FALSE(links.read("....", monday));
  CHECK_FALSE(links.read(std::string(5'000, '.'), monday));
}

}  // namespace
}  // namespace hotline::test
