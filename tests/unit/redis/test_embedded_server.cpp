// The redis-server of our own: its promises about data, its life and its end.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "common/redis/server_config.hpp"
#include "tests/support/redis_fixture.hpp"

using namespace hotline;
using namespace hotline::redis;
using hotline::test::quiet_log;
using hotline::test::redis_fixture;
using hotline::test::run_coro;
using hotline::test::run_until;
namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

std::string config(redis_fixture& f, std::string_view name) {
  return std::string(f.exec("CONFIG", "GET", name)->at(1).string());
}

embedded_options in(const std::string& directory) {
  embedded_options options;
  options.directory = directory;
  return options;
}

}  // namespace

TEST_CASE("acknowledged means durable: the server runs with exactly that configuration") {
  redis_fixture f({}, true);
  CHECK(config(f, "appendonly") == "yes");
  CHECK(config(f, "appendfsync") == "always");
  CHECK(config(f, "no-appendfsync-on-rewrite") == "no");
  CHECK(config(f, "maxmemory-policy") == "noeviction");
  CHECK(config(f, "aof-load-truncated") == "no");
  CHECK(config(f, "save").empty());
  CHECK(config(f, "port") == "0");
  CHECK(config(f, "unixsocketperm") == "700");
  CHECK(config(f, "auto-aof-rewrite-percentage") == "100");
}

TEST_CASE("the directory belongs to its owner alone") {
  redis_fixture f;
  const auto directory = f.directory.path() + "/data";
  CHECK((fs::status(directory).permissions() & fs::perms::mask) == fs::perms::owner_all);
  CHECK((fs::status(directory + "/redis.conf").permissions() & fs::perms::mask) ==
        (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("after kill -9 the server is back by itself, with everything it acknowledged") {
  redis_fixture f({}, true);
  std::vector<command> all;
  for (int i = 0; i < 200; ++i) all.emplace_back("SET", i, i);
  for (const auto& answer : f.run(f.client->exec_all(std::move(all)))) REQUIRE(answer);
  const auto first = f.server.pid();
  ::kill(first, SIGKILL);
  run_until(f.context, [&] { return f.server.restarts() == 1; });
  f.wait_connected(*f.client);
  CHECK(f.server.pid() != first);
  CHECK(f.exec("DBSIZE")->integer() == 200);
  CHECK(f.exec("GET", 199)->string() == "199");
}

TEST_CASE("a death is told, and so is the return") {
  asio::io_context context{1};
  test::temporary_directory directory;
  std::string reason;
  int back = 0;
  auto options = in(directory.path());
  options.restart_first = milliseconds(10);
  options.on_exit = [&](const std::string& why) { reason = why; };
  options.on_restart = [&] { ++back; };
  embedded_server server(context.get_executor(), options, quiet_log());
  REQUIRE(run_coro(context, server.start()));
  ::kill(server.pid(), SIGKILL);
  run_until(context, [&] { return back == 1; });
  CHECK(reason == "signal 9");
  ::kill(server.pid(), SIGTERM);
  run_until(context, [&] { return back == 2; });
  CHECK(reason == "exit status 0");
}

TEST_CASE("stop ends the process and leaves the data for the next start") {
  asio::io_context context{1};
  test::temporary_directory directory;
  const auto write = [&](std::string_view verb) {
    embedded_server server(context.get_executor(), in(directory.path()), quiet_log());
    REQUIRE(run_coro(context, server.start()));
    const auto pid = server.pid();
    client redis(context.get_executor(), server.endpoint(), {}, quiet_log());
    redis.start();
    REQUIRE(run_coro(context, redis.wait_connected(steady_now() + milliseconds(5000))));
    const auto value = run_coro(context, redis.exec(command(verb, "n")));
    redis.stop();
    run_coro(context, server.stop());
    CHECK(server.pid() == -1);
    CHECK(::kill(pid, 0) == -1);
    return value->integer();
  };
  CHECK(write("INCR") == 1);
  CHECK(write("INCR") == 2);
}

TEST_CASE("a server that ignores SIGTERM is killed") {
  asio::io_context context{1};
  test::temporary_directory directory;
  auto options = in(directory.path());
  options.stop_timeout = milliseconds(100);
  embedded_server server(context.get_executor(), options, quiet_log());
  REQUIRE(run_coro(context, server.start()));
  const auto pid = server.pid();
  ::kill(pid, SIGSTOP);
  run_coro(context, server.stop());
  CHECK(::kill(pid, 0) == -1);
}

TEST_CASE("it ends with its object, whether or not the loop still runs") {
  pid_t pid = -1;
  {
    asio::io_context context{1};
    test::temporary_directory directory;
    embedded_server server(context.get_executor(), in(directory.path()), quiet_log());
    REQUIRE(run_coro(context, server.start()));
    pid = server.pid();
    CHECK(::kill(pid, 0) == 0);
  }
  CHECK(::kill(pid, 0) == -1);
}

TEST_CASE("when the program is killed its server dies too, and the next program has the data") {
  test::temporary_directory directory;
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t program = ::fork();
  if (program == 0) {
    asio::io_context context{1};
    embedded_server server(context.get_executor(), in(directory.path()), quiet_log());
    if (!run_coro(context, server.start())) ::_exit(1);
    client redis(context.get_executor(), server.endpoint(), {}, quiet_log());
    redis.start();
    if (!run_coro(context, redis.wait_connected(steady_now() + test::run_limit))) ::_exit(1);
    if (!run_coro(context, redis.exec(command("SET", "k", "kept")))) ::_exit(1);
    if (::write(ready[1], "r", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  ::close(ready[1]);
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  ::close(ready[0]);
  ::kill(program, SIGKILL);
  ::waitpid(program, nullptr, 0);

  asio::io_context context{1};
  embedded_server server(context.get_executor(), in(directory.path()), quiet_log());
  const auto started = run_coro(context, server.start());
  REQUIRE_MESSAGE(started, (started ? "" : to_string(started.error())));
  client redis(context.get_executor(), server.endpoint(), {}, quiet_log());
  redis.start();
  REQUIRE(run_coro(context, redis.wait_connected(steady_now() + test::run_limit)));
  CHECK(run_coro(context, redis.exec(command("GET", "k")))->string() == "kept");
}

TEST_CASE("two programs cannot share a data directory") {
  redis_fixture f;
  auto options = in(f.directory.path() + "/data");
  options.start_timeout = milliseconds(100);
  embedded_server second(f.context.get_executor(), options, quiet_log());
  const auto refused = f.run(second.start());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::misconfigured);
  CHECK(refused.error().detail.starts_with("another process uses the data directory"));
  CHECK(f.exec("PING"));
}

TEST_CASE("a missing program is told with what to install") {
  asio::io_context context{1};
  test::temporary_directory directory;
  auto options = in(directory.path());
  options.binary = "no-such-redis-server";
  embedded_server server(context.get_executor(), options, quiet_log());
  const auto refused = run_coro(context, server.start());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::misconfigured);
  CHECK(refused.error().detail.find("install the Debian package redis-server") !=
        std::string::npos);
}

TEST_CASE("an unusable directory is told") {
  asio::io_context context{1};
  embedded_server server(context.get_executor(), in("/proc/nowhere"), quiet_log());
  const auto refused = run_coro(context, server.start());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::misconfigured);
}

TEST_CASE("a server that cannot start says why, with the end of its log") {
  asio::io_context context{1};
  test::temporary_directory directory;
  auto options = in(directory.path());
  options.extra_config = {"no-such-directive yes"};
  embedded_server server(context.get_executor(), options, quiet_log());
  const auto refused = run_coro(context, server.start());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::unavailable);
  CHECK(refused.error().detail.find("no-such-directive") != std::string::npos);
  CHECK(server.pid() == -1);
}

TEST_CASE("a directory too long for a socket path still works") {
  asio::io_context context{1};
  test::temporary_directory directory;
  const auto deep = directory.path() + "/" + std::string(120, 'd');
  std::string socket;
  {
    embedded_server server(context.get_executor(), in(deep), quiet_log());
    REQUIRE(run_coro(context, server.start()));
    socket = server.endpoint().path;
    CHECK(socket.size() <= unix_path_max);
    CHECK(fs::exists(socket));
  }
  CHECK_FALSE(fs::exists(fs::path(socket).parent_path()));
}

TEST_CASE("strange characters in the directory are no trouble") {
  asio::io_context context{1};
  test::temporary_directory directory;
  const auto odd = directory.path() + "/工单 \"a\\b";
  embedded_server server(context.get_executor(), in(odd), quiet_log());
  const auto started = run_coro(context, server.start());
  REQUIRE_MESSAGE(started, (started ? "" : to_string(started.error())));
  CHECK(fs::exists(odd + "/appendonlydir"));
}

TEST_CASE("a big data set is waited for while the server loads it") {
  asio::io_context context{1};
  test::temporary_directory directory;
  {
    embedded_server server(context.get_executor(), in(directory.path()), quiet_log());
    REQUIRE(run_coro(context, server.start()));
    client redis(context.get_executor(), server.endpoint(), {}, quiet_log());
    redis.start();
    REQUIRE(run_coro(context, redis.wait_connected(steady_now() + milliseconds(5000))));
    std::vector<command> all;
    for (int i = 0; i < 300; ++i) all.emplace_back("SET", i, std::string(1000, 'x'));
    run_coro(context, redis.exec_all(std::move(all)));
  }
  auto slow = in(directory.path());
  // 2 ms a key: loading takes longer than the start may take without an answer.
  slow.extra_config = {"key-load-delay 2000", "loading-process-events-interval-bytes 1024"};
  slow.start_timeout = milliseconds(300);
  embedded_server server(context.get_executor(), slow, quiet_log());
  const auto began = steady_now();
  const auto started = run_coro(context, server.start());
  REQUIRE_MESSAGE(started, (started ? "" : to_string(started.error())));
  CHECK(steady_now() - began > milliseconds(500));
}

namespace {

/// Whether the process has asked for huge pages for any of its memory: flag hg of proc(5), smaps.
bool asks_for_huge_pages(pid_t pid) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/smaps");
  for (std::string line; std::getline(maps, line);) {
    if (line.starts_with("VmFlags:") && (line + " ").find(" hg ") != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("the server asks for huge pages, unless somebody has set its allocator themselves" *
          doctest::skip(!fs::exists("/sys/kernel/mm/transparent_hugepage"))) {
  {
    redis_fixture f;
    CHECK(asks_for_huge_pages(f.server.pid()));
    CHECK(config(f, "disable-thp") == "no");
  }
  ::setenv("MALLOC_CONF", "narenas:1", 1);
  redis_fixture f;
  ::unsetenv("MALLOC_CONF");
  CHECK_FALSE(asks_for_huge_pages(f.server.pid()));
}

TEST_CASE("the configuration quotes what it is given") {
  embedded_options options;
  options.directory = "/d \"q\"";
  options.extra_config = {"hz 20"};
  const auto conf = render_config(options, "/s");
  CHECK(conf.find("dir \"/d \\\"q\\\"\"\n") != std::string::npos);
  CHECK(conf.ends_with("hz 20\n"));
}
