// Files a partner drops: taken in when they are whole, moved then, and never twice.
#include "services/transfer/file_inlet.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/crypto/digest.hpp"
#include "common/exchange/limits.hpp"
#include "tests/unit/transfer/inlet_kit.hpp"

namespace hotline::test {
namespace {

namespace fs = std::filesystem;
using names = std::vector<std::string>;

struct drop_fixture : temporary_directory, inlet_kit {
  drop_fixture()
      : inlet_kit("file { directory: '" + temporary_directory::path() +
                  "' suffix: '.json' every: '1min' }") {}

  /// A file nobody writes to any more; `fresh`: one that is perhaps still written.
  void drop(const std::string& name, const std::string& bytes, bool fresh = false) {
    const auto file = directory_ / name;
    std::ofstream(file, std::ios::binary) << bytes;
    if (!fresh) {
      fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::seconds(60));
    }
  }
  std::size_t look() {
    const auto looked = run(inlet.look());
    REQUIRE_MESSAGE(looked.has_value(), (looked ? "" : to_string(looked.error())));
    return *looked;
  }
  names in(const char* below) const {
    names found;
    if (!fs::exists(directory_ / below)) return found;
    for (const auto& one : fs::directory_iterator(directory_ / below)) {
      if (one.is_regular_file()) found.push_back(one.path().filename());
    }
    std::ranges::sort(found);
    return found;
  }
  std::string content(const std::string& below) const {
    std::ifstream file(directory_ / below, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path directory_{temporary_directory::path()};
  runtime::feed_intake intake = intake_of(link());
  transfer::file_inlet inlet{link().partner, intake, clock, quiet_log()};
};

TEST_CASE("a whole file is taken in and moved to done; what is not one is left alone") {
  drop_fixture f;
  f.drop("1.json", document_of({urge("A1", "1"), urge("A2", "1")}));
  f.drop("2.json", document_of({urge("A3", "1")}), true);
  f.drop(".3.json", document_of({urge("A4", "1")}));
  f.drop("4.json.part", document_of({urge("A5", "1")}));
  fs::create_directory(f.directory_ / "5.json");
  CHECK(f.look() == 1);
  CHECK(f.in("done") == names{"1.json"});
  CHECK(f.in("failed").empty());
  CHECK(f.in("") == names{".3.json", "2.json", "4.json.part"});
  CHECK(f.waiting("A1") == 1);
  CHECK(f.waiting("A2") == 1);
  for (const char* no : {"A3", "A4", "A5"}) CHECK(f.waiting(no) == 0);

  f.drop("2.json", document_of({urge("A3", "1")}));
  CHECK(f.look() == 1);
  CHECK(f.waiting("A3") == 1);
}

TEST_CASE("files are taken in by their names, the oldest first") {
  drop_fixture f;
  f.drop("20261123-2.json", document_of({urge("A1", "2", "二")}));
  f.drop("20261123-1.json", document_of({urge("A1", "1", "一")}));
  CHECK(f.look() == 2);
  const auto items = f.run(f.link().feed.waiting("A1"))->items;
  REQUIRE(items.size() == 2);
  CHECK(items[0].content.event().text() == "一");
  CHECK(items[1].content.event().text() == "二");
}

TEST_CASE("a name that was there before is of another file: both are kept") {
  drop_fixture f;
  for (const char* serial : {"1", "2", "3"}) {
    f.drop("day.json", document_of({urge("A1", serial)}));
    CHECK(f.look() == 1);
  }
  CHECK(f.waiting("A1") == 3);
  CHECK(f.in("done") == names{"day.json", "day.json.2", "day.json.3"});
  CHECK(f.content("done/day.json") == document_of({urge("A1", "1")}));
  CHECK(f.content("done/day.json.3") == document_of({urge("A1", "3")}));
}

TEST_CASE("a file taken in before a crash, and not moved, has no second effect") {
  drop_fixture f;
  const auto bytes = document_of({urge("A1", "1")});
  f.drop("1.json", bytes);
  f.look();
  f.drop("1.json", bytes);  // as if it had not been moved
  CHECK(f.look() == 1);
  CHECK(f.waiting("A1") == 1);
  CHECK(f.reviews().empty());
  CHECK(f.in("").empty());
}

TEST_CASE("one that cannot be read goes to failed and to a person, and holds up no other") {
  drop_fixture f;
  const std::string bad = R"({"list":[)";
  f.drop("1.json", bad);
  f.drop("2.json", document_of({urge("A1", "1")}));
  CHECK(f.look() == 2);
  CHECK(f.in("failed") == names{"1.json"});
  CHECK(f.content("failed/1.json") == bad);
  CHECK(f.in("done") == names{"2.json"});
  CHECK(f.waiting("A1") == 1);
  REQUIRE(f.reviews().size() == 1);
  CHECK(f.reviews()[0].review.reason() == v1::REVIEW_REASON_NOT_MAPPED);
  CHECK(f.reviews()[0].review.item().original() == bad);
}

TEST_CASE("of a file with one bad message the others are taken in, and that one is looked at") {
  drop_fixture f;
  f.drop("1.json", document_of({R"({"event":"what","no":"A1","serial":"1"})", urge("A2", "1")}));
  CHECK(f.look() == 1);
  CHECK(f.in("done") == names{"1.json"});
  CHECK(f.waiting("A2") == 1);
  REQUIRE(f.reviews().size() == 1);
  CHECK(f.reviews()[0].review.item().original().find("what") != std::string::npos);
}

TEST_CASE("one that is too large, or holds too much, goes to failed and to a person") {
  drop_fixture f;
  f.drop("1.json", std::string(exchange::document_bytes_max + 1, ' '));
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= store::feed_entries_max; ++i) {
    many.push_back(urge("A1", std::to_string(i)));
  }
  const auto too_many = document_of(many);
  f.drop("2.json", too_many);
  f.drop("3.json", document_of({urge("A2", "1")}));
  CHECK(f.look() == 3);
  CHECK(f.in("failed") == names{"1.json", "2.json"});
  CHECK(f.waiting("A1") == 0);
  CHECK(f.waiting("A2") == 1);
  const auto reviews = f.reviews();
  REQUIRE(reviews.size() == 2);
  for (const auto& one : reviews) CHECK(one.review.reason() == v1::REVIEW_REASON_DOCUMENT);
  const auto large = std::ranges::find_if(
      reviews, [](const auto& one) { return one.review.item().original().starts_with("file "); });
  REQUIRE(large != reviews.end());
  // SHA-256 of 8 MiB and one byte of blanks.
  crypto::digest digest(v1::HASH_SUITE_SHA_256);
  const auto hash = digest.of(std::string(exchange::document_bytes_max + 1, ' '));
  CHECK(large->review.item().original() ==
        "file 1.json, bytes 8388609, sha256 " + crypto::to_hex(crypto::as_bytes(hash)) +
            ", now at " + (f.directory_ / "failed/1.json").string());
  CHECK(large->review.text().find("sha256") != std::string::npos);
  const auto& other = large == reviews.begin() ? reviews.back() : reviews.front();
  CHECK(other.review.item().original() == too_many);
  CHECK(other.review.text().find("1000") != std::string::npos);
}

TEST_CASE("a file put aside before a crash, and not moved, is one review") {
  drop_fixture f;
  std::ofstream(f.directory_ / "failed") << "a file where a directory should be";
  const std::string large(exchange::document_bytes_max + 1, ' ');
  f.drop("1.json", large);
  CHECK_FALSE(f.run(f.inlet.look()));
  CHECK(f.reviews().empty());  // it does not say where a file lies that was not moved
  fs::remove(f.directory_ / "failed");
  CHECK(f.look() == 1);
  fs::rename(f.directory_ / "failed/1.json", f.directory_ / "1.json");
  CHECK(f.look() == 1);
  CHECK(f.reviews().size() == 1);
}

TEST_CASE("one that cannot be moved away holds up no other") {
  drop_fixture f;
  std::ofstream(f.directory_ / "failed") << "a file where a directory should be";
  f.drop("1.json", R"({"list":[)");
  f.drop("2.json", document_of({urge("A1", "1")}));
  const auto looked = f.run(f.inlet.look());
  REQUIRE_FALSE(looked);
  CHECK(looked.error().code == errc::io_error);
  CHECK(f.in("done") == names{"2.json"});
  CHECK(f.waiting("A1") == 1);
  CHECK(fs::exists(f.directory_ / "1.json"));
}

TEST_CASE("Redis that is away leaves the files where they are") {
  drop_fixture f;
  f.drop("1.json", document_of({urge("A1", "1")}));
  f.kit.redis.stop();
  CHECK_FALSE(f.run(f.inlet.look()));
  CHECK(f.in("") == names{"1.json"});
}

TEST_CASE("a directory that is not there is an error that passes") {
  drop_fixture f;
  fs::remove_all(f.directory_);
  const auto looked = f.run(f.inlet.look());
  REQUIRE_FALSE(looked);
  CHECK(looked.error().code == errc::io_error);
  fs::create_directory(f.directory_);
  CHECK(f.look() == 0);
}

TEST_CASE("it looks at once, and again when its time has come") {
  drop_fixture f;
  f.drop("1.json", document_of({urge("A1", "1")}));
  runtime::stop_signal stopping(f.redis.context.get_executor());
  bool ended = false;
  boost::asio::co_spawn(f.redis.context, f.inlet.run(stopping),
                        [&](std::exception_ptr) { ended = true; });
  const auto moved = [&](std::size_t files) {
    run_until(f.redis.context, [&] { return f.in("done").size() == files; });
  };
  moved(1);
  f.drop("2.json", document_of({urge("A1", "2")}));
  REQUIRE(f.clock.set(f.clock.now() + std::chrono::minutes(1), 0));
  moved(2);
  stopping.raise();
  run_until(f.redis.context, [&] { return ended; });
  CHECK(f.waiting("A1") == 2);
}

}  // namespace
}  // namespace hotline::test
