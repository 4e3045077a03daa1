// The client when something goes wrong: each command has exactly one outcome, and the right one.
#include <doctest/doctest.h>
#include <signal.h>

#include <boost/asio/co_spawn.hpp>
#include <optional>
#include <string>
#include <vector>

#include "common/redis/stream_consumer.hpp"
#include "tests/support/redis_fixture.hpp"
#include "tests/unit/redis/fake_server.hpp"

using namespace hotline;
using namespace hotline::redis;
using hotline::test::fake_server;
using hotline::test::quiet_log;
using hotline::test::redis_fixture;
using hotline::test::run_coro;
using hotline::test::run_until;
namespace asio = boost::asio;

namespace {

using outcome = std::optional<result<reply>>;

asio::awaitable<void> keep(client& redis, command cmd, outcome& out) {
  out = co_await redis.exec(std::move(cmd));
}

void rethrow(std::exception_ptr thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

/// Sends `count` commands, one coroutine each, without waiting for them.
std::vector<outcome> send(redis_fixture& f, std::size_t count, std::vector<outcome>& out) {
  out.resize(count);
  for (auto& one : out) {
    asio::co_spawn(f.context, keep(*f.client, command("INCR", "n"), one), rethrow);
  }
  run_until(f.context, [&] { return f.client->pending() == count; });
  return out;
}

bool all_done(const std::vector<outcome>& out) {
  return std::ranges::all_of(out, [](const auto& one) { return one.has_value(); });
}

void check_all(const std::vector<outcome>& out, errc code) {
  for (const auto& one : out) {
    REQUIRE(one.has_value());
    REQUIRE_FALSE(one->has_value());
    REQUIRE(one->error().code == code);
  }
}

/// A fake server and a client of it.
struct fake_fixture {
  explicit fake_fixture(fake_server::answer_function answer, client_options options = {})
      : server(context, path, std::move(answer)),
        redis(context.get_executor(), endpoint::unix_socket(path), std::move(options),
              quiet_log()) {
    ::signal(SIGPIPE, SIG_IGN);
    redis.start();
  }

  result<void> connect(milliseconds limit = milliseconds(5000)) {
    return run_coro(context, redis.wait_connected(steady_now() + limit));
  }
  result<reply> exec(command cmd) { return run_coro(context, redis.exec(std::move(cmd))); }

  asio::io_context context{1};
  test::temporary_directory directory;
  std::string path = directory.path() + "/s";
  fake_server server;
  client redis;
};

}  // namespace

TEST_CASE("over maxmemory a write is refused and a read is not") {
  redis_fixture f;
  REQUIRE(f.exec("CONFIG", "SET", "maxmemory", 1));
  const auto write = f.exec("SET", "k", "v");
  REQUIRE_FALSE(write);
  CHECK(write.error().code == errc::refused);
  CHECK(write.error().detail.starts_with("OOM"));
  CHECK(f.exec("GET", "k"));
}

TEST_CASE("while a script runs for too long, commands are refused as busy") {
  redis_fixture f({"busy-reply-threshold 1"});
  auto other = f.make_client();
  outcome script;
  asio::co_spawn(f.context, keep(*other, command("EVAL", "while true do end", 0), script), rethrow);
  result<reply> busy;
  run_until(f.context, [&] {
    busy = f.exec("GET", "k");
    return !busy.has_value();
  });
  CHECK(busy.error().code == errc::refused);
  CHECK(busy.error().detail.starts_with("BUSY"));
  REQUIRE(f.exec("SCRIPT", "KILL"));
  run_until(f.context, [&] { return script.has_value(); });
  CHECK_FALSE(script->has_value());
}

TEST_CASE("LOADING in the middle of a connection is unavailable, and the connection stays") {
  fake_fixture f([](const fake_server::words& words) -> std::optional<std::string> {
    if (words[0] == "PING") return "+PONG\r\n";
    return "-LOADING Redis is loading the dataset in memory\r\n";
  });
  REQUIRE(f.connect());
  const auto answer = f.exec(command("GET", "k"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == errc::unavailable);
  CHECK(f.redis.connected());
}

TEST_CASE("a server that is still loading is not connected, until it has loaded") {
  bool loading = true;
  fake_fixture f([&](const fake_server::words&) -> std::optional<std::string> {
    if (loading) return "-LOADING Redis is loading the dataset in memory\r\n";
    return "+PONG\r\n";
  });
  const auto early = f.connect(milliseconds(200));
  REQUIRE_FALSE(early);
  CHECK(early.error().code == errc::unavailable);
  CHECK(early.error().detail.starts_with("LOADING"));
  const auto sent = f.exec(command("GET", "k"));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == errc::unavailable);
  loading = false;
  CHECK(f.connect());
}

TEST_CASE("without a server nothing is sent, and the client keeps trying") {
  ::signal(SIGPIPE, SIG_IGN);
  asio::io_context context{1};
  test::temporary_directory directory;
  const auto path = directory.path() + "/s";
  client redis(context.get_executor(), endpoint::unix_socket(path), {}, quiet_log());
  redis.start();
  const auto refused = run_coro(context, redis.wait_connected(steady_now() + milliseconds(50)));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::unavailable);
  const auto sent = run_coro(context, redis.exec(command("PING")));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == errc::unavailable);
  std::vector<command> two{command("PING"), command("PING")};
  const auto burst = run_coro(context, redis.exec_all(std::move(two)));
  REQUIRE(burst.size() == 2);
  CHECK(burst[1].error().code == errc::unavailable);

  fake_server late(context, path, [](const auto&) { return "+PONG\r\n"; });
  CHECK(run_coro(context, redis.wait_connected(steady_now() + milliseconds(5000))));
}

TEST_CASE("refused over TCP is told like any other") {
  asio::io_context context{1};
  client redis(context.get_executor(), endpoint::tcp("127.0.0.1", 1), {}, quiet_log());
  redis.start();
  const auto refused = run_coro(context, redis.wait_connected(steady_now() + milliseconds(50)));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail.find("refused") != std::string::npos);
}

TEST_CASE("a bad address fails the wait with its reason") {
  asio::io_context context{1};
  client redis(context.get_executor(), endpoint::tcp("redis.example", 1), {}, quiet_log());
  redis.start();
  const auto refused = run_coro(context, redis.wait_connected(steady_now() + milliseconds(50)));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail.find("redis.example") != std::string::npos);
}

TEST_CASE("a killed server leaves every sent command with an unknown outcome; then we reconnect") {
  redis_fixture f;
  const auto first = f.server.pid();
  ::kill(first, SIGSTOP);
  std::vector<outcome> out;
  send(f, 500, out);
  // One turn of the loop more, so that all of them have left.
  f.context.poll();
  ::kill(first, SIGKILL);
  run_until(f.context, [&] { return all_done(out); });
  check_all(out, errc::outcome_unknown);

  f.wait_connected(*f.client);
  CHECK(f.server.pid() != first);
  CHECK(f.client->connections() == 2);
  // Nothing was sent again.
  CHECK(f.exec("GET", "n")->is_nil());
}

TEST_CASE("one timeout drops the connection for all, and the late reply meets nobody") {
  redis_fixture f({}, false, {.command_timeout = milliseconds(100)});
  REQUIRE(f.exec("SET", "n", 41));
  ::kill(f.server.pid(), SIGSTOP);
  std::vector<outcome> out;
  const auto sent_at = steady_now();
  send(f, 3, out);
  run_until(f.context, [&] { return all_done(out); });
  const auto waited = steady_now() - sent_at;
  check_all(out, errc::outcome_unknown);
  CHECK(waited >= milliseconds(95));
  CHECK(waited < milliseconds(1000));
  CHECK_FALSE(f.client->connected());

  ::kill(f.server.pid(), SIGCONT);
  f.wait_connected(*f.client);
  const auto after = f.exec("ECHO", "mine");
  REQUIRE(after);
  CHECK(after->string() == "mine");
  // The three did happen although nobody was told: that is what unknown means.
  run_until(f.context, [&] { return f.exec("GET", "n")->string() == "44"; });
}

TEST_CASE("a peer that falls silent is noticed while nobody sends anything") {
  redis_fixture f({}, false,
                  {.command_timeout = milliseconds(50), .ping_after_idle = milliseconds(50)});
  ::kill(f.server.pid(), SIGSTOP);
  run_until(f.context, [&] { return !f.client->connected(); });
  ::kill(f.server.pid(), SIGCONT);
  f.wait_connected(*f.client);
}

TEST_CASE("beyond pending_max nothing is sent, and a burst is taken whole or not at all") {
  redis_fixture f({}, false, {.pending_max = 10});
  ::kill(f.server.pid(), SIGSTOP);
  std::vector<outcome> out;
  send(f, 8, out);
  std::vector<command> three{command("INCR", "n"), command("INCR", "n"), command("INCR", "n")};
  const auto burst = f.run(f.client->exec_all(std::move(three)));
  for (const auto& one : burst) {
    REQUIRE_FALSE(one);
    CHECK(one.error().code == errc::overloaded);
  }
  CHECK(f.client->pending() == 8);
  ::kill(f.server.pid(), SIGCONT);
  run_until(f.context, [&] { return all_done(out); });
  CHECK(f.exec("GET", "n")->string() == "8");
}

TEST_CASE("stop() answers what was sent with unknown, what was not with cancelled") {
  redis_fixture f;
  ::kill(f.server.pid(), SIGSTOP);
  std::vector<outcome> sent;
  send(f, 5, sent);
  f.context.poll();
  // Enters the buffer and is stopped before the loop can write it.
  outcome unsent;
  asio::co_spawn(f.context, keep(*f.client, command("INCR", "n"), unsent), rethrow);
  while (f.client->pending() == 5) f.context.run_one();
  f.client->stop();
  run_until(f.context, [&] { return all_done(sent) && unsent.has_value(); });
  check_all(sent, errc::outcome_unknown);
  CHECK(unsent->error().code == errc::cancelled);

  CHECK(f.exec("PING").error().code == errc::cancelled);
  CHECK(f.run(f.client->wait_connected(steady_now() + milliseconds(50))).error().code ==
        errc::cancelled);
  ::kill(f.server.pid(), SIGCONT);
}

TEST_CASE("a client may go away with commands on their way") {
  SUBCASE("and the loop goes on") {
    redis_fixture f;
    ::kill(f.server.pid(), SIGSTOP);
    std::vector<outcome> out;
    send(f, 5, out);
    f.client.reset();
    run_until(f.context, [&] { return all_done(out); });
    CHECK_FALSE(out[0]->has_value());
    ::kill(f.server.pid(), SIGCONT);
  }
  SUBCASE("and the loop never runs again") {
    std::vector<outcome> out;
    redis_fixture f;
    ::kill(f.server.pid(), SIGSTOP);
    send(f, 5, out);
    ::kill(f.server.pid(), SIGCONT);
  }
}

TEST_CASE("a context that is destroyed ends the coroutines that own a client or a consumer") {
  redis_fixture f;
  auto context = std::make_unique<asio::io_context>(1);
  bool waiting = false;
  const auto end = std::make_shared<int>();  // the coroutine holds the other reference
  SUBCASE("in the middle of a command") {
    auto body = [](asio::any_io_executor executor, endpoint where, bool& sent,
                   std::shared_ptr<int>) -> asio::awaitable<void> {
      client redis(executor, where, {}, quiet_log());
      redis.start();
      co_await redis.wait_connected(steady_now() + milliseconds(5000));
      sent = true;
      co_await redis.exec(command("PING"));
    };
    asio::co_spawn(*context, body(context->get_executor(), f.server.endpoint(), waiting, end),
                   rethrow);
  }
  SUBCASE("in a blocking read") {
    auto body = [](asio::any_io_executor executor, endpoint where, bool& reading,
                   std::shared_ptr<int>) -> asio::awaitable<void> {
      consumer_options options;
      options.stream = "s";
      options.group = "g";
      options.consumer = "c";
      stream_consumer events(executor, where, options, quiet_log());
      co_await events.read(1, milliseconds(0));
      reading = true;
      co_await events.read(1, milliseconds(5000));
    };
    asio::co_spawn(*context, body(context->get_executor(), f.server.endpoint(), waiting, end),
                   rethrow);
  }
  run_until(*context, [&] { return waiting; });
  CHECK(end.use_count() == 2);
  context.reset();
  CHECK(end.use_count() == 1);
}

TEST_CASE("a server that talks nonsense is dropped") {
  fake_fixture f([](const fake_server::words& words) -> std::optional<std::string> {
    if (words[0] == "PING") return "+PONG\r\n";
    return "?what\r\n";
  });
  REQUIRE(f.connect());
  const auto answer = f.exec(command("GET", "k"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == errc::outcome_unknown);
  CHECK(f.connect());
  CHECK(f.redis.connections() == 2);
}

TEST_CASE("an answer and the end in one go: the answered one has its reply") {
  int gets = 0;
  fake_fixture f([&](const fake_server::words& words) -> std::optional<std::string> {
    if (words[0] == "PING") return "+PONG\r\n";
    if (++gets == 1) return "$1\r\nv\r\n";
    return std::nullopt;
  });
  REQUIRE(f.connect());
  std::vector<command> two{command("GET", "a"), command("GET", "b")};
  const auto answers = run_coro(f.context, f.redis.exec_all(std::move(two)));
  REQUIRE(answers[0]);
  CHECK(answers[0]->string() == "v");
  REQUIRE_FALSE(answers[1]);
  CHECK(answers[1].error().code == errc::outcome_unknown);
}

TEST_CASE("verbs that block or change the protocol are refused on the shared connection") {
  redis_fixture f;
  CHECK(f.exec("BLPOP", "k", 1).error().code == errc::invalid_argument);
  CHECK(f.exec("SUBSCRIBE", "k").error().code == errc::invalid_argument);
  CHECK(f.exec("PING"));
}
