// Runs one coroutine of a test to its end, or fails.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "common/base/clock.hpp"

namespace hotline::test {

inline constexpr std::chrono::seconds run_limit{20};

/// Runs the context until `done()` holds; throws when it does not within the limit.
template <class Predicate>
void run_until(boost::asio::io_context& context, Predicate done,
               std::chrono::steady_clock::duration limit = run_limit) {
  const auto deadline = steady_now() + limit;
  context.restart();
  while (!done()) {
    if (steady_now() >= deadline) throw std::runtime_error("the test did not finish in time");
    // Short turns: the predicate may change by something other than this context.
    context.run_one_for(std::chrono::milliseconds(20));
    if (context.stopped()) context.restart();
  }
}

/// Awaits the coroutine on the context and returns its value; exceptions come through.
template <class T>
T run_coro(boost::asio::io_context& context, boost::asio::awaitable<T> work,
           std::chrono::steady_clock::duration limit = run_limit) {
  using kept = std::conditional_t<std::is_void_v<T>, char, T>;
  struct outcome {
    bool done = false;
    std::exception_ptr thrown;
    std::optional<kept> value;
  };
  // Shared: a coroutine that did not finish in time may still finish later.
  const auto end = std::make_shared<outcome>();
  auto body = [](boost::asio::awaitable<T> inner,
                 std::shared_ptr<outcome> out) -> boost::asio::awaitable<void> {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(inner);
      out->value.emplace();
    } else {
      out->value.emplace(co_await std::move(inner));
    }
  };
  boost::asio::co_spawn(context, body(std::move(work), end), [end](std::exception_ptr thrown) {
    end->thrown = thrown;
    end->done = true;
  });
  run_until(context, [&] { return end->done; }, limit);
  if (end->thrown) std::rethrow_exception(end->thrown);
  if constexpr (!std::is_void_v<T>) return std::move(*end->value);
}

}  // namespace hotline::test
