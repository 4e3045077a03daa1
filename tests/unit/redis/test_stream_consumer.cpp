// One consumer of one stream: at least once, whatever happens to the group, the server or us.
#include <doctest/doctest.h>
#include <signal.h>

#include <boost/asio/co_spawn.hpp>
#include <optional>
#include <string>
#include <vector>

#include "common/redis/stream_consumer.hpp"
#include "tests/support/redis_fixture.hpp"

using namespace hotline;
using namespace hotline::redis;
using hotline::test::quiet_log;
using hotline::test::redis_fixture;
using hotline::test::run_until;
namespace asio = boost::asio;

namespace {

struct stream_fixture : redis_fixture {
  using redis_fixture::redis_fixture;

  std::unique_ptr<stream_consumer> consumer(const std::string& name = "c1") {
    consumer_options options;
    options.stream = "{3708}:events";
    options.group = "dispatch";
    options.consumer = name;
    return std::make_unique<stream_consumer>(context.get_executor(), server.endpoint(), options,
                                             quiet_log());
  }

  std::string add(const std::string& value) {
    return std::string(exec("XADD", "{3708}:events", "*", "e", value)->string());
  }

  std::vector<std::string> values(stream_consumer& from, std::size_t count = 100,
                                  milliseconds block = milliseconds(0)) {
    const auto entries = run(from.read(count, block));
    REQUIRE_MESSAGE(entries, (entries ? "" : to_string(entries.error())));
    std::vector<std::string> all;
    for (const auto& one : *entries) all.push_back(one.deleted ? "-" : one.fields.at(0).second);
    return all;
  }
};

using strings = std::vector<std::string>;

asio::awaitable<void> keep_read(stream_consumer& from, milliseconds block,
                                std::optional<result<std::vector<entry>>>& out) {
  out = co_await from.read(10, block);
}

void rethrow(std::exception_ptr thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

TEST_CASE("a missing group is made from the start of the stream") {
  stream_fixture f;
  f.add("before");
  auto c = f.consumer();
  CHECK(f.values(*c) == strings{"before"});
  f.add("after");
  CHECK(f.values(*c) == strings{"after"});
  CHECK(f.values(*c).empty());
}

TEST_CASE("a missing stream is made empty") {
  stream_fixture f;
  auto c = f.consumer();
  CHECK(f.values(*c).empty());
  f.add("first");
  CHECK(f.values(*c) == strings{"first"});
}

TEST_CASE("binary fields arrive as they were added") {
  stream_fixture f;
  const std::string bytes("\0\r\n\xff", 4);
  f.add(bytes);
  auto c = f.consumer();
  CHECK(f.values(*c) == strings{bytes});
}

TEST_CASE("after a reconnect the unacknowledged come first, page by page, then the new") {
  stream_fixture f;
  strings ids;
  for (const char* value : {"1", "2", "3", "4"}) ids.push_back(f.add(value));
  auto c = f.consumer();
  CHECK(f.values(*c) == strings{"1", "2", "3", "4"});
  const std::vector<std::string> done{ids[1]};
  CHECK(f.run(f.client->exec(c->ack_command(done)))->integer() == 1);
  f.add("5");

  c = f.consumer();
  CHECK(f.values(*c, 2) == strings{"1", "3"});
  CHECK(f.values(*c, 2) == strings{"4"});
  CHECK(f.values(*c, 2) == strings{"5"});
  CHECK(f.values(*c, 2).empty());
}

TEST_CASE("a pending entry that was deleted from the stream is told as deleted") {
  stream_fixture f;
  const auto id = f.add("1");
  auto c = f.consumer();
  CHECK(f.values(*c) == strings{"1"});
  REQUIRE(f.exec("XDEL", "{3708}:events", id));
  c = f.consumer();
  CHECK(f.values(*c) == strings{"-"});
}

TEST_CASE("a blocked read wakes with the entry") {
  stream_fixture f;
  auto c = f.consumer();
  CHECK(f.values(*c).empty());
  std::optional<result<std::vector<entry>>> out;
  asio::co_spawn(f.context, keep_read(*c, milliseconds(5000), out), rethrow);
  const auto blocked = [&] {
    return f.exec("INFO", "clients")->string().find("blocked_clients:1") != std::string::npos;
  };
  run_until(f.context, blocked);
  const auto added = steady_now();
  f.add("now");
  run_until(f.context, [&] { return out.has_value(); });
  CHECK(steady_now() - added < milliseconds(1000));
  REQUIRE(out->has_value());
  CHECK((*out)->at(0).fields.at(0).second == "now");
}

TEST_CASE("a block that ends without an entry is an empty read") {
  stream_fixture f;
  auto c = f.consumer();
  CHECK(f.values(*c, 10, milliseconds(20)).empty());
}

TEST_CASE("a group destroyed under a blocked reader is made again from 0 and skips nothing") {
  stream_fixture f;
  const auto kept = f.add("kept");
  auto c = f.consumer();
  CHECK(f.values(*c) == strings{"kept"});
  std::optional<result<std::vector<entry>>> out;
  asio::co_spawn(f.context, keep_read(*c, milliseconds(5000), out), rethrow);
  run_until(f.context, [&] {
    return f.exec("INFO", "clients")->string().find("blocked_clients:1") != std::string::npos;
  });
  SUBCASE("by XGROUP DESTROY") {
    REQUIRE(f.exec("XGROUP", "DESTROY", "{3708}:events", "dispatch")->integer() == 1);
    run_until(f.context, [&] { return out.has_value(); });
    REQUIRE(out->has_value());
    CHECK((*out)->at(0).id == kept);
  }
  SUBCASE("by DEL of the stream") {
    REQUIRE(f.exec("DEL", "{3708}:events")->integer() == 1);
    run_until(f.context, [&] { return f.exec("EXISTS", "{3708}:events")->integer() == 1; });
    f.add("new");
    run_until(f.context, [&] { return out.has_value(); });
    REQUIRE(out->has_value());
    CHECK((*out)->at(0).fields.at(0).second == "new");
  }
}

TEST_CASE("stale entries of another consumer are claimed, with their count of deliveries") {
  stream_fixture f;
  f.add("1");
  f.add("2");
  auto dead = f.consumer("dead");
  CHECK(f.values(*dead) == strings{"1", "2"});
  auto c = f.consumer("alive");

  auto none = f.run(c->claim_stale(milliseconds(3'600'000), 10));
  REQUIRE(none);
  CHECK(none->entries.empty());
  CHECK(none->complete);

  auto taken = f.run(c->claim_stale(milliseconds(0), 1));
  REQUIRE(taken);
  REQUIRE(taken->entries.size() == 1);
  CHECK(taken->entries[0].item.fields.at(0).second == "1");
  CHECK(taken->entries[0].deliveries == 2);
  CHECK_FALSE(taken->complete);

  taken = f.run(c->claim_stale(milliseconds(0), 10));
  REQUIRE(taken);
  REQUIRE(taken->entries.size() == 1);
  CHECK(taken->entries[0].item.fields.at(0).second == "2");
  CHECK(taken->complete);
}

TEST_CASE("entries that were trimmed away while pending are told by the claim") {
  stream_fixture f;
  const auto lost = f.add("lost");
  f.add("kept");
  auto dead = f.consumer("dead");
  CHECK(f.values(*dead).size() == 2);
  REQUIRE(f.exec("XDEL", "{3708}:events", lost));
  auto c = f.consumer("alive");
  const auto taken = f.run(c->claim_stale(milliseconds(0), 10));
  REQUIRE(taken);
  CHECK(taken->deleted == strings{lost});
  REQUIRE(taken->entries.size() == 1);
  CHECK(taken->entries[0].item.fields.at(0).second == "kept");
}

TEST_CASE("a claim on a missing group makes it") {
  stream_fixture f;
  auto c = f.consumer();
  const auto taken = f.run(c->claim_stale(milliseconds(0), 10));
  REQUIRE(taken);
  CHECK(taken->complete);
}

TEST_CASE("a read that is never answered ends one second after its block, and recovers") {
  stream_fixture f;
  f.add("1");
  auto c = f.consumer();
  CHECK(f.values(*c) == strings{"1"});
  ::kill(f.server.pid(), SIGSTOP);
  const auto began = steady_now();
  const auto stuck = f.run(c->read(10, milliseconds(50)));
  const auto waited = steady_now() - began;
  ::kill(f.server.pid(), SIGCONT);
  REQUIRE_FALSE(stuck);
  CHECK(stuck.error().code == errc::timeout);
  CHECK(waited >= milliseconds(1000));
  CHECK(waited < milliseconds(2500));
  // Not acknowledged, so it comes again.
  CHECK(f.values(*c) == strings{"1"});
}

TEST_CASE("a server that dies under a reader costs nothing but time") {
  stream_fixture f({}, true);
  f.add("1");
  auto c = f.consumer();
  CHECK(f.values(*c) == strings{"1"});
  const auto first = f.server.pid();
  ::kill(first, SIGKILL);
  run_until(f.context, [&] { return f.server.restarts() == 1; });
  f.wait_connected(*f.client);
  f.add("2");
  strings all;
  run_until(f.context, [&] {
    const auto entries = f.run(c->read(10, milliseconds(10)));
    if (entries) {
      for (const auto& one : *entries) all.push_back(one.fields.at(0).second);
    }
    return all.size() >= 2;
  });
  CHECK(all == strings{"1", "2"});
}

TEST_CASE("stop() ends a waiting read") {
  stream_fixture f;
  auto c = f.consumer();
  CHECK(f.values(*c).empty());
  std::optional<result<std::vector<entry>>> out;
  asio::co_spawn(f.context, keep_read(*c, milliseconds(60'000), out), rethrow);
  f.context.poll();
  SUBCASE("as it says") { c->stop(); }
  SUBCASE("also when the consumer goes away") { c.reset(); }
  run_until(f.context, [&] { return out.has_value(); });
  REQUIRE_FALSE(out->has_value());
  CHECK(out->error().code == errc::cancelled);
}

TEST_CASE("without a server a read fails, later and later") {
  asio::io_context context{1};
  consumer_options options;
  options.stream = "s";
  options.group = "g";
  options.consumer = "c";
  options.reconnect_first = milliseconds(40);
  stream_consumer c(context.get_executor(), endpoint::unix_socket("/nonexistent/s"), options,
                    quiet_log());
  const auto began = steady_now();
  for (int i = 0; i < 3; ++i) {
    const auto failed = test::run_coro(context, c.read(1, milliseconds(0)));
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == errc::unavailable);
  }
  CHECK(steady_now() - began >= milliseconds(20 + 40));
}
