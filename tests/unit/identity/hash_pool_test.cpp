// Hashing: right, bounded, and back where it was asked for.
#include "common/identity/hash_pool.hpp"

#include <doctest/doctest.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <iterator>
#include <optional>
#include <thread>
#include <vector>

#include "tests/support/run_coro.hpp"

namespace hotline::identity {
namespace {

namespace asio = boost::asio;

hash_options cheap() {
  hash_options options;
  options.passes = 1;
  options.memory_bytes = 64 * 1024;
  return options;
}

TEST_CASE("a hash is argon2id with its parameters, and only its password has it") {
  asio::io_context context(1);
  hash_pool pool(cheap());
  const auto hash = test::run_coro(context, pool.hash("Rt7-kelmno"));
  REQUIRE(hash);
  CHECK(hash->starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
  CHECK(*test::run_coro(context, pool.hash("Rt7-kelmno")) != *hash);
  CHECK(test::run_coro(context, pool.verify("Rt7-kelmno", *hash)) == true);
  CHECK(test::run_coro(context, pool.verify("Rt7-kelmnO", *hash)) == false);
  CHECK(test::run_coro(context, pool.verify("Rt7-kelmno", "no hash")) == false);
}

TEST_CASE("nobody's hash takes as long as a real one and is never right") {
  asio::io_context context(1);
  hash_options options;  // the real cost: the difference must not show
  options.yield_to_others = false;
  hash_pool pool(options);
  const auto hash = test::run_coro(context, pool.hash("Rt7-kelmno"));
  REQUIRE(hash);
  const auto time = [&](const std::string& known) {
    const auto begin = steady_now();
    CHECK(test::run_coro(context, pool.verify("wrong", known)) == false);
    return std::chrono::duration<double>(steady_now() - begin).count();
  };
  double real = 1e9;
  double nobody = 1e9;
  for (int i = 0; i < 5; ++i) {
    real = std::min(real, time(*hash));
    nobody = std::min(nobody, time(""));
  }
  MESSAGE("verify ", real * 1e3, " ms, nobody's ", nobody * 1e3, " ms");
  CHECK(nobody > 0.5 * real);
  CHECK(nobody < 2.0 * real);
}

TEST_CASE("what waits too long is done by the helper, and answered once") {
  asio::io_context context(1);
  hash_options options;
  options.passes = 1;
  options.memory_bytes = 64 * 1024;
  options.at_once = 2;
  options.patience = milliseconds(0);  // the helper is always in the race
  hash_pool pool(options);
  const auto hash = test::run_coro(context, pool.hash("Rt7-kelmno"));
  REQUIRE(hash);
  for (int i = 0; i < 50; ++i) {
    CHECK(test::run_coro(context, pool.verify("Rt7-kelmno", *hash)) == true);
    CHECK(test::run_coro(context, pool.verify("Rt7-kelmnO", *hash)) == false);
  }
}

TEST_CASE("no more threads hash than at once, the helper among them") {
  const auto threads = [] {
    namespace fs = std::filesystem;
    return std::distance(fs::directory_iterator("/proc/self/task"), fs::directory_iterator());
  };
  const auto before = threads();
  for (const bool yield : {true, false}) {
    for (const std::size_t at_once : {1U, 2U, 3U}) {
      hash_options options = cheap();
      options.at_once = at_once;
      options.yield_to_others = yield;
      const hash_pool pool(options);
      CHECK(threads() - before == static_cast<std::ptrdiff_t>(at_once));
    }
  }
}

TEST_CASE("more than may work and wait is refused at once, the rest is answered") {
  asio::io_context context(1);
  hash_options options;  // slow enough that all are asked before the first is done
  options.at_once = 1;
  options.waiting_max = 2;
  hash_pool pool(options);
  int hashed = 0;
  int refused = 0;
  bool on_context = true;
  const auto here = std::this_thread::get_id();
  const auto ask = [&]() -> asio::awaitable<void> {
    const auto made = co_await pool.hash("Rt7-kelmno");
    on_context = on_context && std::this_thread::get_id() == here;
    if (made) ++hashed;
    if (!made && made.error().code == errc::overloaded) ++refused;
  };
  constexpr int asked = 8;
  for (int i = 0; i < asked; ++i) asio::co_spawn(context, ask(), asio::detached);
  context.run();
  CHECK(hashed == 3);
  CHECK(refused == asked - 3);
  CHECK(on_context);
}

TEST_CASE("a pool that ends answers what still waits") {
  asio::io_context context(1);
  std::vector<errc> ends;
  hash_options options;
  options.at_once = 1;
  std::optional<hash_pool> pool(std::in_place, options);
  // Outlives its coroutines, which read what it has captured.
  const auto ask = [&]() -> asio::awaitable<void> {
    const auto made = co_await pool->hash("Rt7-kelmno");
    if (!made) ends.push_back(made.error().code);
  };
  for (int i = 0; i < 4; ++i) asio::co_spawn(context, ask(), asio::detached);
  context.poll();  // all have asked
  pool.reset();
  context.run();
  CHECK(ends.size() >= 2);
  for (const errc code : ends) CHECK(code == errc::cancelled);
}

}  // namespace
}  // namespace hotline::identity
