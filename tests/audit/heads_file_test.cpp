// The file of signed heads: what it says can be checked, and what was done to it is named.
#include "services/audit/heads_file.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "tests/audit/audit_fixture.hpp"

namespace hotline::audit {
namespace {

struct file_fixture {
  std::string path() const { return directory.path() + "/heads.jsonl"; }
  std::string text() const {
    std::ifstream in(path());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& text) const { std::ofstream(path()) << text; }
  static store::signed_head head(std::int64_t entries) {
    store::signed_head made{"3708", entries, entries * 10, {}, test::monday, {}};
    made.hash.fill(static_cast<unsigned char>(entries));
    return made;
  }
  void add(std::int64_t entries) const {
    auto file = heads_file::open(path());
    REQUIRE(file);
    REQUIRE(file->append({head(entries)}, test::monday, key));
  }
  heads_reading read() const { return read_heads_file(path(), {key.public_key()}).value(); }

  test::temporary_directory directory;
  crypto::signing_key key{std::string(32, 'k')};
};

TEST_CASE("heads are read back, over several openings") {
  const file_fixture f;
  f.add(1);
  f.add(2);
  f.add(3);
  const auto reading = f.read();
  CHECK(reading.problems.empty());
  REQUIRE(reading.heads.size() == 3);
  CHECK(reading.heads[1].shard == "3708");
  CHECK(reading.heads[1].entries == 2);
  CHECK(reading.heads[1].events == 20);
  CHECK(reading.heads[1].hash == file_fixture::head(2).hash);
  CHECK(reading.heads[1].at == test::monday);
  CHECK(reading.heads[1].source == "heads.jsonl:2");
  CHECK(heads_file::open(f.path())->last_heads().at(0).entries == 3);
}

TEST_CASE("every byte changed anywhere is named by its line") {
  const file_fixture f;
  f.add(1);
  f.add(2);
  const auto good = f.text();
  const auto second = good.find('\n') + 1;
  for (std::size_t i = 0; i + 1 < good.size(); ++i) {
    auto changed = good;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    f.write(changed);
    const auto reading = f.read();
    CAPTURE(changed);
    REQUIRE_FALSE(reading.problems.empty());
    CHECK(reading.problems.front().starts_with(i < second ? "heads.jsonl:1" : "heads.jsonl:2"));
  }
}

TEST_CASE("a line that is taken out, moved or repeated is missed") {
  const file_fixture f;
  for (int i = 1; i <= 3; ++i) f.add(i);
  std::vector<std::string> lines;
  std::ifstream in(f.path());
  for (std::string line; std::getline(in, line);) lines.push_back(line + "\n");
  f.write(lines[0] + lines[2]);
  CHECK(f.read().problems.at(0).find("heads.jsonl:2") == 0);
  f.write(lines[1] + lines[2]);
  CHECK(f.read().problems.at(0).find("heads.jsonl:1") == 0);
  f.write(lines[0] + lines[2] + lines[1]);
  CHECK_FALSE(f.read().problems.empty());
  f.write(lines[0] + lines[1] + lines[1] + lines[2]);
  CHECK_FALSE(f.read().problems.empty());
}

TEST_CASE("another key, and no line at all") {
  const file_fixture f;
  f.add(1);
  const crypto::signing_key other(std::string(32, 'o'));
  const auto reading = read_heads_file(f.path(), {other.public_key()});
  REQUIRE(reading);
  CHECK(reading->heads.empty());
  CHECK(reading->problems.at(0).find("not ours") != std::string::npos);
  f.write("{}\n");
  CHECK(f.read().problems.size() == 1);
  CHECK(read_heads_file(f.path() + ".none", {f.key.public_key()}).error().code == errc::io_error);
}

TEST_CASE("half a line at the end, as a crash leaves it, is dropped by the writer") {
  const file_fixture f;
  f.add(1);
  f.add(2);
  const auto good = f.text();
  f.write(good.substr(0, good.size() - 30));
  CHECK(f.read().problems.size() == 1);
  f.add(2);
  CHECK(f.read().problems.empty());
  CHECK(f.text() == good);
  f.write("half");
  f.add(1);
  CHECK(f.read().problems.empty());
}

}  // namespace
}  // namespace hotline::audit
