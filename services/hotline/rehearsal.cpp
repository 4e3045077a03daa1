#include "services/hotline/rehearsal.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "common/base/rfc3339.hpp"

namespace hotline::program {

namespace asio = boost::asio;

namespace {

constexpr std::string_view clock_key = "{meta}:clock";
constexpr milliseconds follow_interval{50};

template <class T>
T number(std::string_view text, T otherwise) {
  T value = otherwise;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  return end.ec == std::errc() ? value : otherwise;
}

instant server_instant(const redis::reply& time) {
  return from_unix_ms(number<std::int64_t>(time.at(0).string(), 0) * 1000 +
                      number<std::int64_t>(time.at(1).string(), 0) / 1000);
}

/// Where a clock that showed `then` at `anchor` stands now. A rehearsal left alone at a high rate
/// stops at the end of what instants may be.
instant advanced(instant then, double rate, milliseconds passed) {
  const double moved = rate * static_cast<double>(std::max(passed, milliseconds(0)).count());
  const auto left = static_cast<double>((wire_instant_end - then).count());
  return then +
         milliseconds(static_cast<std::int64_t>(std::clamp(moved, 0.0, std::max(left, 0.0))));
}

std::string text_of(instant t) {
  std::string text;
  append_rfc3339(text, t);
  return text;
}

}  // namespace

rehearsal_clock::rehearsal_clock(logger log)
    : log_(std::move(log)), clock_(wire_instant_begin, 0) {}

asio::awaitable<result<rehearsal_clock::state>> rehearsal_clock::read(redis::client& redis) {
  std::vector<redis::command> questions;
  questions.emplace_back("TIME");
  questions.emplace_back("HMGET", clock_key, "revision", "now", "rate", "server");
  const auto answers = co_await redis.exec_all(std::move(questions));
  for (const auto& answer : answers) {
    if (!answer) co_return pass(answer);
  }
  state found;
  found.server = server_instant(*answers[0]);
  const auto& fields = *answers[1];
  found.revision = number<std::int64_t>(fields.at(0).string(), 0);
  found.now = found.server;
  if (found.revision == 0) co_return found;
  found.rate = number<double>(fields.at(2).string(), 1);
  const auto then = from_unix_ms(number<std::int64_t>(fields.at(1).string(), 0));
  const auto anchor = from_unix_ms(number<std::int64_t>(fields.at(3).string(), 0));
  found.now = advanced(then, found.rate, found.server - anchor);
  co_return found;
}

void rehearsal_clock::take_over(const state& shared) {
  revision_ = shared.revision;
  // Never backwards: what this process showed a moment ago stays true.
  clock_.run_on(shared.now, shared.rate);
}

asio::awaitable<result<void>> rehearsal_clock::open(redis::client& redis,
                                                    std::optional<instant> start_at,
                                                    std::optional<double> rate) {
  auto stored = co_await read(redis);
  if (!stored) co_return pass(stored);
  const bool is_new = stored->revision == 0;
  if (!is_new && start_at && *start_at < stored->now) {
    co_return fail(errc::invalid_argument,
                   fmt::format("this rehearsal is at {} already; its clock never goes back to {}",
                               text_of(stored->now), text_of(*start_at)));
  }
  // A new rehearsal may begin in the past: only what is stored is taken over.
  if (is_new && start_at) stored->now = *start_at;
  // At the asked rate from the first moment, or a clock that should stand still would move on.
  if (rate) stored->rate = *rate;
  take_over(*stored);
  if (!is_new && !start_at && !rate) co_return result<void>();
  const auto then = start_at.value_or(clock_.now());
  const double speed = rate.value_or(stored->rate);
  const auto shared = co_await share(redis, then, speed);
  if (!shared) co_return shared;
  clock_.run_on(then, speed);
  co_return result<void>();
}

asio::awaitable<result<void>> rehearsal_clock::share(redis::client& redis, instant then,
                                                     double rate) {
  const auto time = co_await redis.exec(redis::command("TIME"));
  if (!time) co_return pass(time);
  std::vector<redis::command> writes;
  writes.emplace_back("HSET", clock_key, "now", to_unix_ms(then), "rate", fmt::format("{}", rate),
                      "server", to_unix_ms(server_instant(*time)));
  writes.emplace_back("HINCRBY", clock_key, "revision", 1);
  const auto answers = co_await redis.exec_all(std::move(writes));
  for (const auto& answer : answers) {
    if (!answer) co_return pass(answer);
  }
  revision_ = answers[1]->integer();
  co_return result<void>();
}

asio::awaitable<void> rehearsal_clock::follow(redis::client& redis,
                                              runtime::stop_signal& stopping) {
  while (co_await stopping.sleep_for(follow_interval)) {
    const auto shared = co_await read(redis);
    if (!shared || shared->revision == 0 || shared->revision == revision_) continue;
    take_over(*shared);
    log_.info("rehearsal clock set now={} rate={}", text_of(shared->now), shared->rate);
  }
}

}  // namespace hotline::program
