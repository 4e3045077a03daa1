#include "common/crypto/key_file.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "common/crypto/field_sealer.hpp"

namespace hotline::crypto {
namespace {

namespace fs = std::filesystem;

class key_directory {
 public:
  key_directory() {
    std::string name = (fs::temp_directory_path() / "hotline-keys-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~key_directory() { fs::remove_all(path_); }
  key_directory(const key_directory&) = delete;
  key_directory& operator=(const key_directory&) = delete;

  fs::path file() const { return path_ / "keys.textproto"; }
  void write(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(file()) << text;
    REQUIRE(::chmod(file().c_str(), mode) == 0);
  }
  std::string text() const {
    std::ifstream in(file());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path_), {}));
  }

 private:
  fs::path path_;
};

constexpr const char* good =
    "keys { id: 1 suite: CIPHER_SUITE_AES_256_GCM\n"
    "  secret: \"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\" state: KEY_STATE_ACTIVE }\n"
    "keys { id: 2 suite: CIPHER_SUITE_SM4_CTR_HMAC_SM3\n"
    "  secret: \"ISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0A=\" state: KEY_STATE_READ_ONLY }\n"
    "index_key { suite: HASH_SUITE_SM3\n"
    "  secret: \"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2A=\" }\n"
    "signing_seed: \"YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4A=\"\n";

TEST_CASE("a good key file") {
  const key_directory here;
  here.write(good);
  const auto ring = read_key_file(here.file());
  REQUIRE_MESSAGE(ring.has_value(), ring.error().detail);
  REQUIRE((*ring)->keys.size() == 2);
  CHECK((*ring)->keys[0].id == 1);
  CHECK((*ring)->keys[0].active);
  CHECK((*ring)->keys[0].value.bytes().substr(0, 3) == "\x01\x02\x03");
  CHECK((*ring)->keys[1].suite == v1::CIPHER_SUITE_SM4_CTR_HMAC_SM3);
  CHECK_FALSE((*ring)->keys[1].active);
  CHECK((*ring)->index_suite == v1::HASH_SUITE_SM3);
  CHECK((*ring)->index_key.bytes().substr(0, 2) == "AB");
  CHECK((*ring)->signing_seed.bytes().substr(0, 2) == "ab");
}

struct mistake {
  const char* part;  // of the good file
  const char* instead;
  const char* where;
  const char* says;
};

constexpr mistake mistakes[] = {
    {"id: 1 ", "id: 0 ", ":1:", "1 to 65535"},
    {"id: 1 ", "id: 65536 ", ":1:", "1 to 65535"},
    {"id: 1 ", "id: -1 ", ":1:", "1 to 65535"},
    {"id: 2 ", "id: 1 ", ":3:", "twice"},
    {"id: 2 ", "id: 2 id: 3 ", ":3:", "multiple times"},
    {"id: 2 ", "id: 2 note: 3 ", ":3:", "note"},
    {"KEY_STATE_READ_ONLY", "KEY_STATE_ACTIVE", ":3:", "so is another"},
    {"KEY_STATE_ACTIVE", "KEY_STATE_READ_ONLY", ":1:", "no key is active"},
    {"state: KEY_STATE_READ_ONLY", "", ":3:", "state"},
    {"suite: CIPHER_SUITE_AES_256_GCM", "", ":1:", "suite"},
    {"CIPHER_SUITE_AES_256_GCM", "CIPHER_SUITE_ROT13", ":", "ROT13"},
    {"CIPHER_SUITE_AES_256_GCM", "\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\"", ":1:", "…"},
    {"suite: HASH_SUITE_SM3", "", ":5:", "suite"},
    {"GRobHB0eHyA=", "GRobHB0eHw==", ":1:", "32 bytes"},
    {"GRobHB0eHyA=", "GRobHB0eHyAh", ":1:", "32 bytes"},
    {"GRobHB0eHyA=", "GRobHB0eHyB=", ":1:", "32 bytes"},
    {"OTo7PD0+P0A=", "OTo7PD0-P0A=", ":3:", "32 bytes"},
    {"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
     ":1:", "no random bytes"},
    {"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2A=", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
     ":5:", "twice"},
    {"signing_seed: \"YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4A=\"", "", ":1:", "signing_seed"},
    {"signing_seed: ", "signing_seed = ", ":7:", ""},
};

TEST_CASE("every mistake is named with file and line") {
  const key_directory here;
  for (const mistake& one : mistakes) {
    std::string text = good;
    const auto at = text.find(one.part);
    REQUIRE(at != std::string::npos);
    here.write(text.replace(at, std::string_view(one.part).size(), one.instead));
    const auto ring = read_key_file(here.file());
    CAPTURE(text);
    REQUIRE_FALSE(ring.has_value());
    CHECK(ring.error().code == errc::misconfigured);
    CAPTURE(ring.error().detail);
    CHECK(ring.error().detail.starts_with(here.file().string() + one.where));
    CHECK(ring.error().detail.find(one.says) != std::string::npos);
    CHECK(ring.error().detail.find("AQIDBAUG") == std::string::npos);  // never a secret
  }
  here.write("");
  CHECK(read_key_file(here.file()).error().code == errc::misconfigured);
}

TEST_CASE("a file others may use is refused, whichever permission it is") {
  const key_directory here;
  for (const mode_t bit : {0040U, 0020U, 0010U, 0004U, 0002U, 0001U}) {
    here.write(good, 0600 | bit);
    const auto ring = read_key_file(here.file());
    REQUIRE_FALSE(ring.has_value());
    CHECK(ring.error().code == errc::misconfigured);
    CHECK(ring.error().detail.find("chmod 0600") != std::string::npos);
  }
  here.write(good, 0400);
  CHECK(read_key_file(here.file()).has_value());
}

TEST_CASE("no file, or no file at all") {
  const key_directory here;
  CHECK(read_key_file(here.file()).error().code == errc::io_error);
  CHECK(read_key_file(here.file().parent_path()).error().code == errc::misconfigured);
}

TEST_CASE("a new key file is private, good, fresh, and never written over another") {
  const key_directory here;
  for (const auto suite : {v1::CIPHER_SUITE_AES_256_GCM, v1::CIPHER_SUITE_SM4_CTR_HMAC_SM3}) {
    REQUIRE(create_key_file(here.file(), suite).has_value());
    struct stat about{};
    REQUIRE(::stat(here.file().c_str(), &about) == 0);
    CHECK((about.st_mode & 07777U) == 0600U);
    const auto ring = read_key_file(here.file());
    REQUIRE_MESSAGE(ring.has_value(), ring.error().detail);
    CHECK((*ring)->keys.at(0).suite == suite);
    const std::string before = here.text();
    const auto again = create_key_file(here.file(), suite);
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().code == errc::io_error);
    CHECK(here.text() == before);
    fs::remove(here.file());
    REQUIRE(create_key_file(here.file(), suite).has_value());
    CHECK(here.text() != before);
    fs::remove(here.file());
  }
}

TEST_CASE("adding a key keeps the others for reading") {
  const key_directory here;
  REQUIRE(create_key_file(here.file()).has_value());
  field_sealer sealer(read_key_file(here.file()).value());
  const std::string token = sealer.seal("1", "p", "text");
  CHECK(add_key(here.file(), v1::CIPHER_SUITE_SM4_CTR_HMAC_SM3).value() == 2);
  CHECK(add_key(here.file(), v1::CIPHER_SUITE_AES_256_GCM).value() == 3);
  CHECK(here.files() == 1);
  const auto ring = read_key_file(here.file());
  REQUIRE_MESSAGE(ring.has_value(), ring.error().detail);
  REQUIRE((*ring)->keys.size() == 3);
  CHECK_FALSE((*ring)->keys[0].active);
  CHECK_FALSE((*ring)->keys[1].active);
  CHECK((*ring)->keys[2].active);
  sealer.use(*ring);
  CHECK(sealer.open("1", "p", token).value() == "text");
}

TEST_CASE("adding a key: somebody else at it, no file, a bad file, no id left") {
  const key_directory here;
  CHECK(add_key(here.file(), v1::CIPHER_SUITE_AES_256_GCM).error().code == errc::io_error);
  CHECK(here.files() == 0);
  here.write("keys {}");
  CHECK(add_key(here.file(), v1::CIPHER_SUITE_AES_256_GCM).error().code == errc::misconfigured);
  CHECK(here.text() == "keys {}");
  std::string last = good;
  here.write(last.replace(last.find("id: 2"), 5, "id: 65535"));
  CHECK(add_key(here.file(), v1::CIPHER_SUITE_AES_256_GCM).error().code == errc::misconfigured);
  here.write(good);
  std::ofstream(here.file().string() + ".new") << "somebody's draft";
  const auto busy = add_key(here.file(), v1::CIPHER_SUITE_AES_256_GCM);
  CHECK(busy.error().code == errc::io_error);
  CHECK(here.text() == good);
  CHECK(here.files() == 2);
}

TEST_CASE("a key that is dropped is gone, and its id is not used again") {
  const key_directory here;
  REQUIRE(create_key_file(here.file()).has_value());
  field_sealer sealer(read_key_file(here.file()).value());
  const std::string token = sealer.seal("1", "p", "text");
  CHECK(drop_key(here.file(), 1).error().code == errc::misconfigured);  // it seals
  REQUIRE(add_key(here.file(), v1::CIPHER_SUITE_AES_256_GCM).value() == 2);
  CHECK(drop_key(here.file(), 3).error().code == errc::misconfigured);
  CHECK(read_key_file(here.file()).value()->keys.size() == 2);
  REQUIRE(drop_key(here.file(), 1).has_value());
  CHECK(here.files() == 1);
  const auto ring = read_key_file(here.file()).value();
  REQUIRE(ring->keys.size() == 1);
  CHECK(ring->keys[0].id == 2);
  CHECK(ring->keys[0].active);
  sealer.use(ring);
  CHECK(sealer.open("1", "p", token).error().code == errc::misconfigured);
  CHECK(add_key(here.file(), v1::CIPHER_SUITE_AES_256_GCM).value() == 3);
}

}  // namespace
}  // namespace hotline::crypto
