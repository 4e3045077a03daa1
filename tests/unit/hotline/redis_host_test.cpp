// Who we are for a Redis of one's own.
#include "services/hotline/redis_host.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/support/redis_fixture.hpp"

namespace hotline::program {
namespace {

TEST_CASE("user and password come from the settings and a file, or the start is refused") {
  const test::temporary_directory directory;
  const std::string file = directory.path() + "/password";
  v1::RedisSettings settings;
  settings.set_address("10.0.0.5:6379");
  CHECK(credentials_of(settings)->password.empty());
  settings.set_user("hotline");
  CHECK_FALSE(credentials_of(settings));  // a user without a password
  settings.set_password_file(file);
  CHECK(credentials_of(settings).error().detail.find(file) != std::string::npos);
  std::ofstream(file) << "\n";
  CHECK_FALSE(credentials_of(settings));
  std::ofstream(file) << "secret\nmore\n";
  const auto who = credentials_of(settings);
  REQUIRE(who);
  CHECK(who->username == "hotline");
  CHECK(who->password == "secret");
  settings.mutable_embedded();
  CHECK(credentials_of(settings).error().code == errc::misconfigured);
}

}  // namespace
}  // namespace hotline::program
