// Old entries leave Redis and stay part of the chain.
#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <filesystem>
#include <fstream>

#include "common/store/seal_archive.hpp"
#include "tests/audit/audit_fixture.hpp"

namespace hotline::test {
namespace {

namespace fs = std::filesystem;

/// Many small entries, so that Redis can drop whole nodes.
void fill_long(audit_fixture& f, int events) {
  auto step = new_ticket();
  f.commit(nullptr, step);
  f.seal();
  for (int i = 1; i < events; ++i) {
    auto next = annotated(step.ticket);
    f.commit(&step.ticket, next);
    step = std::move(next);
    f.seal();
  }
}

TEST_CASE("the chain verifies across archive and Redis, and not without the archive") {
  audit_fixture f(20);
  fill_long(f, 400);
  CHECK(f.exec("XLEN", "{3708}:seal").integer() == 400);
  f.keep();
  const auto left = f.exec("XLEN", "{3708}:seal").integer();
  CHECK(left < 200);
  CHECK(left >= 20);
  const auto report = f.verify();
  CHECK(complaints(report) == "");
  CHECK(report.entries == 400);
  CHECK(report.events == 400);
  CHECK(f.verify(true, false).counts.contains(store::tampering::chain_gap));
  // It goes on, in another process too.
  f.keep();
  sealing other(f, f.audit_directory(), 20);
  CHECK(f.run(other.sealer.seal_once()));
  CHECK(f.run(other.sealer.keep_once()));  // the lock is ours: it does nothing
  CHECK(complaints(f.verify()) == "");
}

TEST_CASE("a crash after writing to the archive and before dropping from Redis") {
  audit_fixture f(20);
  fill_long(f, 100);
  fs::create_directories(f.audit_directory());
  {
    auto archive = store::seal_archive::open(store::archive_path(f.audit_directory(), "3708"));
    REQUIRE(archive);
    REQUIRE(archive->append(f.run(store::read_seals(*f.redis.client, "3708", 1, 50)).value()));
  }
  CHECK(complaints(f.verify(false)) == "");
  f.keep();
  CHECK(complaints(f.verify()) == "");
}

TEST_CASE("a torn record at the end of an archive is moved aside") {
  audit_fixture f(20);
  fill_long(f, 60);
  fs::create_directories(f.audit_directory());
  const auto path = store::archive_path(f.audit_directory(), "3708");
  const auto seals = f.run(store::read_seals(*f.redis.client, "3708", 1, 10)).value();
  std::uintmax_t nine = 0;
  {
    auto archive = store::seal_archive::open(path);
    REQUIRE(archive);
    REQUIRE(archive->append({seals.begin(), seals.begin() + 9}));
    nine = fs::file_size(path);
    REQUIRE(archive->append({seals.begin() + 9, seals.end()}));
  }
  const auto ten = fs::file_size(path);
  for (std::uintmax_t size = nine; size < ten; size += 7) {
    fs::resize_file(path, size);
    auto archive = store::seal_archive::open(path);
    REQUIRE(archive);
    CHECK(archive->last() == 9);
    CHECK(fs::file_size(path) == nine);
    CHECK(archive->append({seals.begin() + 9, seals.end()}));
  }
  CHECK(fs::exists(path.string() + ".torn"));
  CHECK(complaints(f.verify(false)) == "");
}

TEST_CASE("a reader goes on where the file grew, and a verification beside an archiving server") {
  audit_fixture f(20);
  fill_long(f, 300);
  fs::create_directories(f.audit_directory());
  const auto path = store::archive_path(f.audit_directory(), "3708");
  const auto seals = f.run(store::read_seals(*f.redis.client, "3708", 1, 10)).value();
  store::archive_reader reader(path);
  CHECK_FALSE(reader.next().value());  // there is no file yet
  auto archive = store::seal_archive::open(path);
  REQUIRE(archive);
  REQUIRE(archive->append({seals.begin(), seals.begin() + 4}));
  reader.resume();
  for (int i = 1; i <= 4; ++i) CHECK(reader.next().value()->number == i);
  CHECK_FALSE(reader.next().value());
  REQUIRE(archive->append({seals.begin() + 4, seals.end()}));
  reader.resume();
  for (int i = 5; i <= 10; ++i) CHECK(reader.next().value()->number == i);
  CHECK_FALSE(reader.next().value());

  // Entries move to the archive after the verification has read it and before it reads Redis.
  bool done = false;
  std::string found;
  boost::asio::co_spawn(f.redis.context,
                        store::verify_seals(*f.redis.client, f.verify_options(false)),
                        [&](const std::exception_ptr& thrown, result<store::seal_report> report) {
                          CHECK_FALSE(thrown);
                          found = report ? complaints(*report) : to_string(report.error());
                          done = true;
                        });
  bool kept = false;
  boost::asio::co_spawn(f.redis.context, f.work.sealer.keep_once(),
                        [&](const std::exception_ptr&, result<void> end) {
                          CHECK(end.has_value());
                          kept = true;
                        });
  run_until(f.redis.context, [&] { return done && kept; });
  CHECK(found == "");
}

TEST_CASE("an archive takes only what follows") {
  audit_fixture f(20);
  fill_long(f, 10);
  fs::create_directories(f.audit_directory());
  const auto path = store::archive_path(f.audit_directory(), "3708");
  auto archive = store::seal_archive::open(path);
  REQUIRE(archive);
  const auto seals = f.run(store::read_seals(*f.redis.client, "3708", 2, 10)).value();
  CHECK(archive->append(seals).error().code == errc::corrupt_data);
  CHECK(fs::file_size(path) == 0);
  std::ofstream(path) << std::string(200, '\xFF');
  CHECK(store::seal_archive::open(path).error().code == errc::corrupt_data);
}

TEST_CASE("every byte changed in an archive is found") {
  audit_fixture f(20);
  fill_long(f, 60);
  f.keep();
  const auto path = store::archive_path(f.audit_directory(), "3708");
  std::ifstream in(path, std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  REQUIRE(good.size() > 1000);
  for (std::size_t i = 0; i < good.size(); i += 13) {
    auto changed = good;
    changed[i] = static_cast<char>(changed[i] ^ 4);
    std::ofstream(path, std::ios::binary) << changed;
    CHECK_FALSE(f.verify().clean());
  }
  // Cut: what Redis has no more is missing.
  std::ofstream(path, std::ios::binary) << good.substr(0, good.size() / 2);
  f.exec("XTRIM", "{3708}:seal", "MINID", "41-0");
  CHECK(f.verify().counts.contains(store::tampering::chain_gap));
  std::ofstream(path, std::ios::binary) << good;
  CHECK(complaints(f.verify()) == "");
}

}  // namespace
}  // namespace hotline::test
