// A crash tears the last commit in the append file: all of it is gone at the next start, and stays
// gone at the one after that.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "common/redis/append_log.hpp"
#include "tests/support/redis_fixture.hpp"

using namespace hotline;
using namespace hotline::redis;
using hotline::test::quiet_log;
using hotline::test::run_coro;
using hotline::test::temporary_directory;
namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

const std::string single = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\n\r\n*\r\n";
const std::string multi = "*1\r\n$5\r\nMULTI\r\n";
const std::string exec = "*1\r\n$4\r\nEXEC\r\n";
const std::string annotation = "#TS:1700000000\r\n";

append_scan scan_of(const std::string& content) {
  const temporary_directory directory;
  const auto path = directory.path() + "/a";
  std::ofstream(path, std::ios::binary) << content;
  const auto found = scan_append_file(path);
  REQUIRE(found);
  CHECK(found->size == content.size());
  return *found;
}

std::string append_file_in(const std::string& directory) {
  return directory + "/appendonlydir/appendonly.aof.1.incr.aof";
}

/// A server and a client of it on a directory that outlives both.
struct life {
  explicit life(const std::string& directory)
      : server(context.get_executor(), {.directory = directory}, quiet_log()) {
    started = run_coro(context, server.start());
    if (!started) return;
    redis.emplace(context.get_executor(), server.endpoint(), client_options{}, quiet_log());
    redis->start();
    REQUIRE(run_coro(context, redis->wait_connected(steady_now() + test::run_limit)));
  }
  ~life() {
    if (redis) redis->stop();
    if (server.pid() > 0) ::kill(server.pid(), SIGKILL);
  }

  template <class... Args>
  result<reply> operator()(const Args&... args) {
    return run_coro(context, redis->exec(command(args...)));
  }
  /// One commit: two writes that belong together.
  void commit(std::string_view value) {
    REQUIRE((*this)("EVAL", "redis.call('RPUSH', 'a', ARGV[1]) redis.call('RPUSH', 'b', ARGV[1])",
                    0, value));
  }
  std::string lists() {
    std::string text;
    for (const auto* key : {"a", "b"}) {
      text += key;
      const auto items = (*this)("LRANGE", key, 0, -1);
      REQUIRE(items);
      for (const auto& item : items->array()) text += fmt::format(" {}", item.string());
      text += ';';
    }
    return text;
  }

  asio::io_context context{1};
  embedded_server server;
  std::optional<client> redis;
  result<void> started;
};

}  // namespace

TEST_CASE("a file of whole commands and transactions is left alone") {
  const auto content = annotation + single + multi + single + single + exec + single;
  const auto found = scan_of(content);
  CHECK(found.whole == content.size());
  CHECK_FALSE(found.torn);
  CHECK(scan_of("").whole == 0);
  CHECK_FALSE(scan_of("").torn);
}

TEST_CASE("wherever a transaction is torn, the cut is before its MULTI") {
  const auto transaction = multi + single + annotation + single + exec;
  for (std::size_t cut = 1; cut < transaction.size(); ++cut) {
    const auto found = scan_of(single + transaction.substr(0, cut));
    CAPTURE(cut);
    CHECK(found.torn);
    CHECK(found.whole == single.size());
  }
}

TEST_CASE("a torn single command is cut, too, and one longer than the look ahead") {
  const std::string long_value(3u << 20, 'x');
  const auto big = fmt::format("*2\r\n$3\r\nSET\r\n${}\r\n{}\r\n", long_value.size(), long_value);
  CHECK(scan_of(single + big + single).whole == single.size() * 2 + big.size());
  for (const std::size_t cut : {std::size_t{1}, std::size_t{9}, big.size() / 2, big.size() - 1}) {
    const auto found = scan_of(single + big.substr(0, cut));
    CHECK(found.torn);
    CHECK(found.whole == single.size());
  }
}

TEST_CASE("what no crash writes is not called torn: it is for a person to look at") {
  for (const auto& rubbish :
       {std::string(4096, '\0'), std::string("rubbish"), std::string("*x\r\n"),
        std::string("*1\r\n$3\r\nSETxx*1\r\n"), std::string("*0\r\n")}) {
    const auto found = scan_of(single + rubbish);
    CHECK_FALSE(found.torn);
    CHECK(found.whole == single.size());
  }
}

TEST_CASE("a transaction within another one is told") {
  const auto found = scan_of(single + multi + single + multi + single + exec);
  CHECK(found.nested);
  CHECK(found.whole == single.size());
}

TEST_CASE("a torn commit is gone at the next start and at the one after it") {
  const temporary_directory directory;
  const auto data = directory.path() + "/data";
  const auto file = append_file_in(data);
  std::uintmax_t before = 0;
  {
    life first(data);
    REQUIRE(first.started);
    first.commit("one");
    before = fs::file_size(file);
    first.commit("two");
  }
  const auto after = fs::file_size(file);
  const auto intact = directory.path() + "/intact";
  fs::copy(data + "/appendonlydir", intact);
  for (auto size = before + 1; size < after; size += 5) {
    CAPTURE(size - before);
    fs::remove_all(data + "/appendonlydir");
    fs::copy(intact, data + "/appendonlydir");
    fs::resize_file(file, size);
    {
      life second(data);
      REQUIRE(second.started);
      CHECK(second.lists() == "a one;b one;");
      second.commit("two");
    }
    life third(data);
    REQUIRE(third.started);
    CHECK(third.lists() == "a one two;b one two;");
  }
}

TEST_CASE("bytes that no crash writes keep the server from starting") {
  const temporary_directory directory;
  {
    life first(directory.path());
    REQUIRE(first.started);
    first.commit("one");
  }
  std::ofstream(append_file_in(directory.path()), std::ios::app | std::ios::binary)
      << std::string(4096, '\0');
  const life second(directory.path());
  REQUIRE_FALSE(second.started);
  CHECK(second.started.error().detail.find("Bad file format") != std::string::npos);
}
