// How fast the client is, and what a command costs this process.
#include <fmt/core.h>
#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/redis_fixture.hpp"

using namespace hotline;
using namespace hotline::redis;
namespace asio = boost::asio;

namespace {

double cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

void measure(const char* name, std::size_t commands, const std::function<void()>& work) {
  const auto cpu = cpu_us();
  const auto began = steady_now();
  work();
  const std::chrono::duration<double> took = steady_now() - began;
  const auto n = static_cast<double>(commands);
  fmt::print("{:<44} {:>9.0f} commands/s {:>6.2f} us CPU per command\n", name, n / took.count(),
             (cpu_us() - cpu) / n);
}

asio::awaitable<void> loop(client& redis, std::size_t times, std::string value, std::size_t& done) {
  for (std::size_t i = 0; i < times; ++i) {
    const auto answer = co_await redis.exec(command("SET", "{3708}:key", value));
    if (!answer) throw std::runtime_error(to_string(answer.error()));
  }
  ++done;
}

void coroutines(test::redis_fixture& f, std::size_t count, std::size_t times) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < count; ++i) {
    asio::co_spawn(f.context, loop(*f.client, times, std::string(300, 'v'), done),
                   [](std::exception_ptr thrown) {
                     if (thrown) std::rethrow_exception(thrown);
                   });
  }
  test::run_until(f.context, [&] { return done == count; });
}

void bursts(test::redis_fixture& f, std::size_t count, std::size_t size) {
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<command> all;
    all.reserve(size);
    for (std::size_t j = 0; j < size; ++j) all.emplace_back("INCR", "n");
    f.run(f.client->exec_all(std::move(all)));
  }
}

}  // namespace

int main() {
  for (const bool durable : {false, true}) {
    test::redis_fixture f({}, durable);
    fmt::print("{}\n", durable ? "appendfsync always" : "nothing durable");
    // With an fsync for each round trip the disk sets the pace, whatever the client does.
    const std::size_t trips = durable ? 1'000 : 10'000;
    measure("INCR in bursts of 10,000", 200'000, [&] { bursts(f, 20, 10'000); });
    measure("INCR in bursts of 10", trips * 10, [&] { bursts(f, trips, 10); });
    measure("SET 300 bytes, 1 coroutine", trips, [&] { coroutines(f, 1, trips); });
    measure("SET 300 bytes, 64 coroutines", trips * 16, [&] { coroutines(f, 64, trips / 4); });
  }
}
