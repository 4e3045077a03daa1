// The key file of a running program: another process rotates it, and what that one seals opens here
// at once.
#include "services/hotline/key_keeper.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "common/crypto/key_file.hpp"
#include "tests/support/redis_fixture.hpp"

namespace hotline::program {
namespace {

constexpr const char* no = "3708-20261123-00001";

struct keeper_fixture {
  keeper_fixture() {
    const auto opened = redis.run(keeper.open(*redis.client));
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().detail));
  }

  test::redis_fixture redis;
  test::temporary_directory directory;
  std::filesystem::path file = std::filesystem::path(directory.path()) / "keys.textproto";
  key_keeper keeper{file, v1::CIPHER_SUITE_AES_256_GCM, test::quiet_log()};
};

TEST_CASE("a key that is not held is looked for at once, without the loop that follows the file") {
  keeper_fixture f;
  store::personal_vault vault(f.keeper.source());
  crypto::field_sealer elsewhere(*crypto::read_key_file(f.file));
  const auto early = elsewhere.seal(no, "caller.phone", "13805310001");
  CHECK(vault.open(no, "caller.phone", early) == "13805310001");
  REQUIRE(crypto::add_key(f.file, v1::CIPHER_SUITE_AES_256_GCM) == 2);
  elsewhere.use(*crypto::read_key_file(f.file));
  const auto late = elsewhere.seal(no, "caller.phone", "13905310002");
  CHECK(crypto::key_of(early) == 1);
  CHECK(crypto::key_of(late) == 2);
  CHECK(vault.open(no, "caller.phone", late) == "13905310002");
  CHECK(vault.open(no, "caller.phone", early) == "13805310001");
}

TEST_CASE("a key that is nowhere is looked for once a second, and another one meanwhile") {
  keeper_fixture f;
  const auto source = f.keeper.source();
  CHECK_FALSE(source.look_for(2));
  REQUIRE(crypto::add_key(f.file, v1::CIPHER_SUITE_AES_256_GCM) == 2);
  // Within the second, unless this machine was held up for longer than that.
  const auto begun = steady_now();
  const bool again = source.look_for(2);
  if (steady_now() - begun < std::chrono::milliseconds(500)) CHECK_FALSE(again);
  CHECK_FALSE(source.look_for(3));  // but what is there now is taken
  CHECK(source()->keys.size() == 2);
}

TEST_CASE("what is no token has no key") {
  for (const char* bad : {"", "~", "~AA", "13805310001", "~!!!!"}) {
    CHECK_MESSAGE(!crypto::key_of(bad), bad);
  }
}

}  // namespace
}  // namespace hotline::program
