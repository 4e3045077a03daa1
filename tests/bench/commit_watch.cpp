#include "commit_watch.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <string>

#include "common/store/keys.hpp"

namespace hotline::bench {
namespace {

constexpr std::chrono::milliseconds look_interval{10};
constexpr std::chrono::seconds limit{300};

boost::asio::awaitable<std::int64_t> sum(world& w, std::vector<redis::command> commands) {
  std::int64_t total = 0;
  for (const auto& answer : co_await w.redis().client().exec_all(std::move(commands))) {
    if (!answer) throw std::runtime_error("a number cannot be read: " + to_string(answer.error()));
    if (answer->is_nil()) continue;
    total += answer->is_string() ? std::stoll(std::string(answer->string())) : answer->integer();
  }
  co_return total;
}

}  // namespace

commit_watch::commit_watch(world& w) : world_(w) {
  commits_before_ = w.run(commits());
  queued_before_ = w.run(queued());
}

boost::asio::awaitable<std::int64_t> commit_watch::commits() {
  std::vector<redis::command> commands;
  for (const auto shard : world_.land().org.shards()) {
    commands.emplace_back("HGET", store::head_key(shard), "commits");
  }
  co_return co_await sum(world_, std::move(commands));
}

boost::asio::awaitable<std::int64_t> commit_watch::queued() {
  std::vector<redis::command> commands;
  for (const auto shard : world_.land().org.shards()) {
    for (const auto& unit : world_.land().org.units()) {
      if (unit.level() == v1::Unit::PROVINCE) continue;  // the desk where tickets wait before
      commands.emplace_back("ZCARD", store::derived_key(shard, "queue:" + unit.code()));
    }
  }
  co_return co_await sum(world_, std::move(commands));
}

boost::asio::awaitable<std::chrono::steady_clock::time_point> commit_watch::run(
    std::int64_t more_commits, std::int64_t tickets) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  const auto end = steady_now() + limit;
  const auto pause = [&]() -> boost::asio::awaitable<void> {
    if (steady_now() > end) throw std::runtime_error("the services do not keep up");
    timer.expires_after(look_interval);
    co_await timer.async_wait(boost::asio::use_awaitable);
  };
  while (co_await commits() < commits_before_ + more_commits) co_await pause();
  // A deadline that has fired meanwhile is a commit, too.
  while (co_await queued() < queued_before_ + tickets) co_await pause();
  const auto last = steady_now();
  co_return last;
}

}  // namespace hotline::bench
