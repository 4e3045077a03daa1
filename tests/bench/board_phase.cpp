// The board of the whole province, with everything open.
#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

#include "common/net/http_client.hpp"
#include "histogram.hpp"
#include "phases.hpp"

namespace hotline::bench {
namespace {

boost::asio::awaitable<void> ask(world& w, net::field_list supervisor, std::size_t count,
                                 histogram& took, std::size_t& bytes) {
  net::http_client client(w.context(), "127.0.0.1", w.port());
  for (std::size_t i = 0; i < count; ++i) {
    const auto begun = steady_now();
    const auto answer = co_await client.send(net::method::get, "/v1/board?unit=370000", supervisor,
                                             "", std::chrono::seconds(10));
    if (!answer || answer->status != 200) throw std::runtime_error("a board was not answered");
    took.add(std::chrono::duration<double, std::milli>(steady_now() - begun).count());
    bytes = answer->body.size();
  }
}

boost::asio::awaitable<void> ask_together(world& w, net::field_list supervisor, int connections,
                                          std::size_t count, histogram& took) {
  auto executor = co_await boost::asio::this_coro::executor;
  int running = connections;
  std::exception_ptr failed;
  std::size_t bytes = 0;
  for (int i = 0; i < connections; ++i) {
    boost::asio::co_spawn(executor, ask(w, supervisor, count, took, bytes),
                          [&](std::exception_ptr e) {
                            if (e) failed = e;
                            --running;
                          });
  }
  boost::asio::steady_timer timer(executor);
  while (running > 0) {
    timer.expires_after(std::chrono::milliseconds(5));
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
  if (failed) std::rethrow_exception(failed);
}

}  // namespace

void measure_board(world& w, const sizes& s, report& out) {
  out.say(fmt::format("Board of {} units with {} open tickets", w.land().org.units().size(),
                      s.open_many));
  w.redis().settle();
  histogram warm;
  histogram took;
  std::size_t bytes = 0;
  const auto supervisor = w.headers_of("370000", "ROLE_SUPERVISOR");
  w.run(ask(w, supervisor, 50, warm, bytes));
  w.redis().exec(redis::command("CONFIG", "RESETSTAT"));
  const auto cpu = cpu_seconds(w.redis().pid());
  w.run(ask(w, supervisor, s.boards, took, bytes));
  const auto redis_us = w.redis().function_us("fcall_ro");
  const auto redis_cpu = cpu_seconds(w.redis().pid()) - cpu;
  out.add({"board_p50", "whole province, one after the other", took.percentile(0.5), "ms", {}, {}});
  out.add({"board_p99", "", took.percentile(0.99), "ms", {}, 10});
  out.add({"board_max", "", took.max(), "ms", {}, {}});
  out.add({"board_redis",
           "inside Redis, for one board, by the clock on the wall",
           redis_us / static_cast<double>(s.boards) / 1'000,
           "ms",
           {},
           {}});
  out.add({"board_redis_cpu",
           "CPU of Redis for one board: what it costs on a machine of its own",
           redis_cpu / static_cast<double>(s.boards) * 1'000,
           "ms",
           {},
           {}});
  out.add({"board_bytes", "of an answer", static_cast<double>(bytes), "B", {}, {}});
  histogram together;
  constexpr int connections = 16;
  w.run(ask_together(w, supervisor, connections, s.boards / connections, together));
  out.add(
      {"board_together_p99", "16 who ask all the time", together.percentile(0.99), "ms", {}, {}});
}

}  // namespace hotline::bench
