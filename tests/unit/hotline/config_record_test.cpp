// Telling two configurations apart, file by file.
#include "services/hotline/config_record.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "services/hotline/audit_thread.hpp"
#include "tests/support/redis_fixture.hpp"

namespace hotline::program {
namespace {

TEST_CASE("a fingerprint has every file, and changes with every byte") {
  const test::temporary_directory here;
  const auto write = [&](const std::string& file, const std::string& text) {
    std::ofstream(here.path() + "/" + file) << text;
  };
  write("a", "one");
  write("b", "two");
  const auto before = config_fingerprint(here.path(), {"a", "b"});
  REQUIRE(before);
  CHECK(config_fingerprint(here.path(), {"a", "b"}).value() == *before);
  write("b", "twp");
  const auto after = config_fingerprint(here.path(), {"a", "b"}).value();
  CHECK(after != *before);
  CHECK(config_difference(*before, after).starts_with("changed: b "));
  CHECK(config_fingerprint(here.path(), {"c"}).error().code == errc::io_error);
}

TEST_CASE("what was changed, added and removed is named") {
  const std::string before = "a 0123456789abcdef00\nb 1111\nwith blank 2222\n";
  const std::string after = "a ffff456789abcdef00\nc 3333\nwith blank 2222\n";
  CHECK(config_difference(before, after) ==
        "changed: a ffff456789abcdef; added: c 3333; removed: b");
  CHECK(config_difference(before, before) == "");
  CHECK(config_difference("", "a 1234\n") == "added: a 1234");
}

TEST_CASE("the signing key: made once, private, at the place that is set") {
  const test::temporary_directory here;
  v1::AuditSettings settings;
  const auto first = open_signing_key(settings, here.path());
  REQUIRE(first);
  CHECK(open_signing_key(settings, here.path()).value()->public_key() == (*first)->public_key());
  settings.set_key_file(here.path() + "/other.textproto");
  CHECK(open_signing_key(settings, here.path()).value()->public_key() != (*first)->public_key());
  settings.set_key_file(here.path() + "/nowhere/keys.textproto");
  CHECK(open_signing_key(settings, here.path()).error().code == errc::io_error);
}

TEST_CASE("places outside Redis") {
  v1::AuditSettings settings;
  CHECK(heads_path(settings, "/data") == "/data/audit/heads.jsonl");
  settings.set_directory("/other");
  CHECK(heads_path(settings, "/data") == "/other/heads.jsonl");
  CHECK(audit_directory(settings, "/data") == "/other");
  settings.set_heads_file("/mnt/heads.jsonl");
  CHECK(heads_path(settings, "/data") == "/mnt/heads.jsonl");
}

}  // namespace
}  // namespace hotline::program
