// The audit records: appended, read back newest first, and recorded once where nothing changed.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include "tests/audit/audit_fixture.hpp"

namespace hotline::test {
namespace {

TEST_CASE("records come back newest first, page by page") {
  audit_fixture f;
  for (int i = 0; i < 7; ++i) f.record(fmt::format("action.{}", i));
  store::audit_log log(*f.redis.client, f.guard.data_set());
  std::vector<std::string> seen;
  std::optional<std::string> cursor;
  int pages = 0;
  do {
    const auto page = f.run(log.page(cursor, 3));
    REQUIRE(page);
    for (const auto& one : page->records) {
      CHECK(one.readable);
      seen.push_back(one.record.action());
    }
    cursor = page->next;
    ++pages;
  } while (cursor);
  CHECK(pages == 3);
  REQUIRE(seen.size() == 7);
  CHECK(seen.front() == "action.6");
  CHECK(seen.back() == "action.0");
  CHECK(f.run(log.page("nonsense", 3)).error().code == errc::invalid_argument);
}

TEST_CASE("what cannot be read is shown as such") {
  audit_fixture f;
  f.exec("XADD", "{0000}:audit", "*", "e", "\xFF\xFF\xFF");
  store::audit_log log(*f.redis.client, f.guard.data_set());
  const auto page = f.run(log.page({}, 3));
  REQUIRE(page);
  CHECK_FALSE(page->records.at(0).readable);
}

TEST_CASE("a change is recorded once") {
  audit_fixture f;
  store::audit_log log(*f.redis.client, f.guard.data_set());
  const auto change = [&](const std::string& value) {
    return f.run(log.append_if_changed(audit_record("config.change"), "config", value)).value();
  };
  CHECK(f.run(log.note("config")).value() == std::nullopt);
  CHECK(change("a"));
  CHECK_FALSE(change("a"));
  CHECK(change("b"));
  CHECK(change("a"));
  CHECK(f.run(log.note("config")).value() == "a");
  CHECK(f.exec("XLEN", "{0000}:audit").integer() == 3);
}

TEST_CASE("a record goes to the data set it is meant for, and to no other") {
  audit_fixture f;
  const auto before = f.digest();
  store::audit_log other(*f.redis.client, std::string(32, 'a'));
  const auto plain = f.run(other.append(audit_record("config.change")));
  REQUIRE_FALSE(plain);
  CHECK(plain.error().code == errc::wrong_data_set);
  const auto noted = f.run(other.append_if_changed(audit_record("config.change"), "config", "a"));
  REQUIRE_FALSE(noted);
  CHECK(noted.error().code == errc::wrong_data_set);
  CHECK(f.digest() == before);
}

}  // namespace
}  // namespace hotline::test
