// Sealed secrets open in their place only.
#include "common/identity/secret_box.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/redis_fixture.hpp"

namespace hotline::identity {
namespace {

TEST_CASE("a sealed secret opens for its owner and with its key only") {
  const secret_box box(secret_box::key{1, 2, 3});
  const std::string sealed = box.seal("a secret", "li");
  CHECK(sealed.starts_with('~'));
  CHECK(sealed.find("secret") == std::string::npos);
  CHECK(box.seal("a secret", "li") != sealed);
  const auto opened = box.open(sealed, "li");
  REQUIRE(opened);
  CHECK(*opened == "a secret");
  CHECK(box.open(sealed, "wang").error().code == errc::corrupt_data);
  CHECK(secret_box(secret_box::key{3}).open(sealed, "li").error().code == errc::corrupt_data);
  for (std::size_t i = 1; i < sealed.size(); ++i) {
    std::string broken = sealed;
    broken[i] = broken[i] == 'A' ? 'B' : 'A';
    const auto result = box.open(broken, "li");
    if (broken != sealed) CHECK_FALSE(result);
  }
  for (const char* other : {"", "~", "~AA", "plain"}) CHECK_FALSE(box.open(other, "li"));
}

TEST_CASE("the key lies in a file of ours alone") {
  const test::temporary_directory directory;
  const std::string file = directory.path() + "/key";
  const auto first = secret_box::open_file(file);
  REQUIRE(first);
  const auto again = secret_box::open_file(file);
  REQUIRE(again);
  CHECK(again->open(first->seal("x", "li"), "li") == std::string("x"));
  struct stat about{};
  REQUIRE(::stat(file.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);

  ::chmod(file.c_str(), 0644);
  CHECK(secret_box::open_file(file).error().code == errc::misconfigured);
  ::chmod(file.c_str(), 0600);
  std::ofstream(file) << "something else";
  CHECK(secret_box::open_file(file).error().code == errc::misconfigured);
  CHECK(secret_box::open_file(directory.path() + "/no/key").error().code == errc::io_error);
}

}  // namespace
}  // namespace hotline::identity
