#include "http_load.hpp"

#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "create_connection.hpp"

namespace hotline::bench {

namespace asio = boost::asio;
using time_point = std::chrono::steady_clock::time_point;

/// Shared by the connections of one run.
struct http_load::job {
  std::size_t next = 0;
  std::size_t count = 0;
  std::optional<std::chrono::nanoseconds> interval;  ///< between requests; nothing = full speed
  time_point start;
  created_sink sink;
  load_result out;
  int running = 0;
  std::exception_ptr failed;
};

http_load::http_load(world& w, std::uint64_t seed) : world_(w), run_(seed) {
  // Made beforehand: the generator shares two cores with what it measures.
  constexpr int bodies = 5'000;
  body_maker maker(w.land(), seed);
  for (int i = 0; i < bodies; ++i) bodies_.push_back(maker.to_json(maker.next()));
}

asio::awaitable<void> http_load::connection(std::shared_ptr<job> j) {
  create_connection line(world_.context(), world_.port(), world_.operator_headers());
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (j->next < j->count) {
    const auto i = j->next++;
    auto meant = steady_now();
    if (j->interval) {
      meant = j->start + *j->interval * static_cast<std::int64_t>(i);
      timer.expires_at(meant);
      co_await timer.async_wait(asio::use_awaitable);
    }
    const auto key = fmt::format("bench-{}-{}", run_, next_key_++);
    if (co_await line.post(key, bodies_[i % bodies_.size()]) != 201) {
      ++j->out.failed;
      continue;
    }
    ++j->out.created;
    const std::chrono::duration<double, std::milli> took = steady_now() - meant;
    j->out.latency.add(took.count());
    if (j->sink) j->sink(line.ticket_no(), meant);
  }
}

asio::awaitable<load_result> http_load::run(std::shared_ptr<job> j, int connections) {
  auto executor = co_await asio::this_coro::executor;
  j->running = connections;
  for (int c = 0; c < connections; ++c) {
    asio::co_spawn(executor, connection(j), [j](std::exception_ptr e) {
      if (e) j->failed = e;
      --j->running;
    });
  }
  asio::steady_timer timer(executor);
  while (j->running > 0) {
    timer.expires_after(std::chrono::milliseconds(5));
    co_await timer.async_wait(asio::use_awaitable);
  }
  if (j->failed) std::rethrow_exception(j->failed);
  j->out.seconds = std::chrono::duration<double>(steady_now() - j->start).count();
  co_return std::move(j->out);
}

asio::awaitable<load_result> http_load::full_speed(std::size_t count, int connections,
                                                   created_sink sink) {
  auto j = std::make_shared<job>();
  j->count = count;
  j->sink = std::move(sink);
  j->start = steady_now();
  co_return co_await run(std::move(j), connections);
}

asio::awaitable<load_result> http_load::fixed_rate(int rate, int seconds, int connections,
                                                   created_sink sink) {
  auto j = std::make_shared<job>();
  j->count = static_cast<std::size_t>(rate) * static_cast<std::size_t>(seconds);
  j->interval = std::chrono::nanoseconds(1'000'000'000 / rate);
  j->sink = std::move(sink);
  j->start = steady_now() + std::chrono::milliseconds(100);
  co_return co_await run(std::move(j), connections);
}

}  // namespace hotline::bench
