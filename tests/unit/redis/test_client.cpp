// The client against a real server: what goes right.
#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <vector>

#include "tests/support/redis_fixture.hpp"

using namespace hotline;
using namespace hotline::redis;
using hotline::test::redis_fixture;
using hotline::test::run_until;
namespace asio = boost::asio;

namespace {

asio::awaitable<void> increment(client& redis, int times, int& done) {
  for (int i = 0; i < times; ++i) {
    const auto answer = co_await redis.exec(command("INCR", "n"));
    REQUIRE(answer);
  }
  ++done;
}

void rethrow(std::exception_ptr thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

TEST_CASE("any bytes go in and come back") {
  redis_fixture f;
  std::string bytes;
  for (int i = 0; i < 1024; ++i) bytes += static_cast<char>(i % 256);

  const auto set = f.exec("SET", bytes, bytes);
  REQUIRE(set);
  CHECK(set->string() == "OK");
  const auto got = f.exec("GET", bytes);
  REQUIRE(got);
  CHECK(got->string() == bytes);
}

TEST_CASE("nil is a reply, not a failure") {
  redis_fixture f;
  const auto got = f.exec("GET", "nobody");
  REQUIRE(got);
  CHECK(got->is_nil());
}

TEST_CASE("a big reply arrives whole") {
  redis_fixture f;
  std::string big(3u << 20, 'x');
  big[12345] = '\0';
  REQUIRE(f.exec("SET", "big", big));
  const auto got = f.exec("GET", "big");
  REQUIRE(got);
  CHECK(got->string() == big);
}

TEST_CASE("nested arrays keep their shape, with errors inside") {
  redis_fixture f;
  REQUIRE(f.exec("SET", "k", "v"));
  const auto burst = f.run([](client& c) -> asio::awaitable<std::vector<result<reply>>> {
    std::vector<command> all;
    all.emplace_back("MULTI");
    all.emplace_back("LPUSH", "k", 1);
    all.emplace_back("INCR", "n");
    all.emplace_back("EXEC");
    co_return co_await c.exec_all(std::move(all));
  }(*f.client));
  REQUIRE(burst[3]);
  REQUIRE(burst[3]->size() == 2);
  CHECK(burst[3]->at(0).is_error());
  CHECK(burst[3]->at(0).string().starts_with("WRONGTYPE"));
  CHECK(burst[3]->at(1).integer() == 1);
}

TEST_CASE("a burst of 20,000 commands is answered together and in order") {
  redis_fixture f;
  std::vector<command> all;
  for (int i = 0; i < 20'000; ++i) all.emplace_back("INCR", "n");
  const auto answers = f.run(f.client->exec_all(std::move(all)));
  REQUIRE(answers.size() == 20'000);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    REQUIRE(answers[i]);
    REQUIRE(answers[i]->integer() == static_cast<std::int64_t>(i) + 1);
  }
  CHECK(f.client->pending() == 0);
}

TEST_CASE("an empty burst has no answers") {
  redis_fixture f;
  CHECK(f.run(f.client->exec_all({})).empty());
}

TEST_CASE("a burst that writes more than the socket takes at once goes through") {
  redis_fixture f;
  const std::string value(64u << 10, 'v');
  std::vector<command> all;
  for (int i = 0; i < 300; ++i) all.emplace_back("SET", i, value);
  for (const auto& answer : f.run(f.client->exec_all(std::move(all)))) REQUIRE(answer);
  CHECK(f.exec("DBSIZE")->integer() == 300);
}

TEST_CASE("many coroutines share the connection") {
  redis_fixture f;
  int done = 0;
  for (int i = 0; i < 64; ++i) {
    asio::co_spawn(f.context, increment(*f.client, 50, done), rethrow);
  }
  run_until(f.context, [&] { return done == 64; });
  CHECK(f.exec("GET", "n")->string() == "3200");
}

TEST_CASE("one failed command of a burst leaves the others alone") {
  redis_fixture f;
  std::vector<command> all;
  all.emplace_back("SET", "k", "v");
  all.emplace_back("INCR", "k");
  all.emplace_back("GET", "k");
  const auto answers = f.run(f.client->exec_all(std::move(all)));
  CHECK(answers[0]);
  REQUIRE_FALSE(answers[1]);
  CHECK(answers[1].error().code == errc::refused);
  CHECK(answers[2]->string() == "v");
}

TEST_CASE("a connection introduces itself before it is used") {
  redis_fixture f({"requirepass secret"}, false,
                  {.who = {.password = "secret", .client_name = "door"}});
  CHECK(f.exec("CLIENT", "GETNAME")->string() == "door");

  client stranger(f.context.get_executor(), f.server.endpoint(), {}, test::quiet_log());
  stranger.start();
  const auto refused =
      f.run(stranger.wait_connected(steady_now() + std::chrono::milliseconds(200)));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::unavailable);
  CHECK(refused.error().detail.starts_with("NOAUTH"));
}

TEST_CASE("the hook sees a new connection first, and may turn it down") {
  redis_fixture f;
  REQUIRE(f.exec("SET", "dataset", "other"));
  int calls = 0;
  client_options options;
  options.on_connect = [&calls](exec_function exec) -> asio::awaitable<result<void>> {
    ++calls;
    const auto id = co_await exec(command("GET", "dataset"));
    if (!id) co_return pass(id);
    if (id->string() != "mine") co_return fail(errc::wrong_data_set, "not our data");
    co_return result<void>{};
  };
  client redis(f.context.get_executor(), f.server.endpoint(), options, test::quiet_log());
  redis.start();
  const auto refused = f.run(redis.wait_connected(steady_now() + std::chrono::milliseconds(30)));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail == "not our data");
  CHECK_FALSE(redis.connected());

  REQUIRE(f.exec("SET", "dataset", "mine"));
  f.wait_connected(redis);
  CHECK(calls >= 2);
  CHECK(redis.connections() == 1);
}

TEST_CASE("an idle connection is checked and stays") {
  redis_fixture f({}, false, {.ping_after_idle = milliseconds(20)});
  const auto pings = [&] {
    const auto info = f.exec("INFO", "commandstats");
    const auto text = std::string(info->string());
    const auto at = text.find("cmdstat_ping:calls=");
    return at == std::string::npos ? 0 : std::stoi(text.substr(at + 19));
  };
  const int before = pings();
  const auto until = steady_now() + milliseconds(200);
  run_until(f.context, [&] { return steady_now() >= until; });
  CHECK(pings() >= before + 3);
  CHECK(f.client->connections() == 1);
}

TEST_CASE("TCP works as a Unix socket does") {
  // Redis cannot be asked for "any free port", so it gets one the kernel has just given to us.
  asio::io_context scratch;
  asio::ip::tcp::acceptor probe(scratch, {asio::ip::address_v4::loopback(), 0});
  const auto port = probe.local_endpoint().port();
  probe.close();
  redis_fixture f({"bind 127.0.0.1", "port " + std::to_string(port)});
  client redis(f.context.get_executor(), endpoint::tcp("127.0.0.1", port), {}, test::quiet_log());
  redis.start();
  f.wait_connected(redis);
  CHECK(f.run(redis.exec(command("PING")))->string() == "PONG");
}
