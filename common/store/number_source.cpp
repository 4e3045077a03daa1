#include "common/store/number_source.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <vector>

#include "common/domain/civil.hpp"
#include "common/domain/ticket_no.hpp"
#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

/// A block that lasts less long than this was too small, one that lasts longer too big.
constexpr std::chrono::seconds block_lifetime{1};

}  // namespace

number_source::pending_lease::pending_lease(const boost::asio::any_io_executor& executor)
    : done(executor, std::chrono::steady_clock::time_point::max()) {}

number_source::number_source(boost::asio::any_io_executor executor, redis::client& redis,
                             std::string data_set)
    : executor_(std::move(executor)), redis_(redis), data_set_(std::move(data_set)) {}

awaitable<result<std::string>> number_source::next(std::string shard, instant now) {
  const auto day = domain::civil_date(now);
  auto& current = blocks_[shard];  // stays where it is: map nodes do not move
  while (true) {
    if (current.day != day) {
      // Whoever still waits for yesterday's lease finds it used up and comes round again.
      current.day = day;
      current.next = 1;
      current.last = 0;
      current.pending.reset();
    }
    if (current.next <= current.last) {
      co_return domain::format_ticket_no({shard, day, current.next++});
    }
    if (const auto pending = current.pending) {
      boost::system::error_code ignored;
      co_await pending->done.async_wait(
          boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
      if (pending->failed) co_return std::unexpected(*pending->failed);
      continue;
    }
    const auto pending = std::make_shared<pending_lease>(executor_);
    current.pending = pending;
    pending->failed = co_await lease(shard, day, next_size(current));
    if (current.pending == pending) current.pending.reset();
    pending->done.cancel();
    if (pending->failed) co_return std::unexpected(*pending->failed);
  }
}

std::uint32_t number_source::next_size(const block& used) {
  if (used.size == 0) return 1;
  const bool too_small = steady_now() - used.leased_at < block_lifetime;
  return std::clamp(too_small ? used.size * 2 : used.size / 2, 1U, block_max);
}

awaitable<std::optional<failure>> number_source::lease(std::string shard,
                                                       std::chrono::year_month_day day,
                                                       std::uint32_t count) {
  const std::vector<std::string> keys{head_key(shard)};
  auto command = function_call("lease", keys);
  command.add(data_set_).add(domain::compact_date(day)).add(count);
  const auto answer = co_await redis_.exec(std::move(command));
  if (!answer) {
    auto why = failure_of_function(answer.error());
    if (why.code == errc::outcome_unknown) why.code = errc::unavailable;
    co_return why;
  }
  auto& leased = blocks_[shard];
  if (leased.day != day) co_return std::nullopt;  // midnight came in between: the block is a gap
  leased.next = static_cast<std::uint32_t>(answer->at(0).integer());
  leased.last = static_cast<std::uint32_t>(answer->at(1).integer());
  leased.size = count;
  leased.leased_at = steady_now();
  co_return std::nullopt;
}

}  // namespace hotline::store
