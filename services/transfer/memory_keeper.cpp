#include "services/transfer/memory_keeper.hpp"

#include <utility>

#include "common/domain/civil.hpp"

namespace hotline::transfer {

using boost::asio::awaitable;

namespace {

constexpr std::size_t page_max = 200;
constexpr std::chrono::hours small_hours{3};

}  // namespace

awaitable<result<std::int64_t>> memory_keeper::tidy(instant now) {
  const auto today = domain::civil_date(now);
  if (today == tidied_ || domain::civil_time_of_day(now) < small_hours) co_return 0;
  std::int64_t forgotten = 0;
  const instant before = now - remembered_for;
  for (std::size_t skip = 0;; skip += page_max) {
    auto numbers = co_await ledger_.first_exchanged(instant(), before, skip, page_max);
    if (!numbers) co_return pass(numbers);
    const bool last = numbers->size() < page_max;
    auto known = co_await ledger_.look_up(*std::move(numbers));
    if (!known) co_return pass(known);
    const auto gone = co_await forget_among(*std::move(known), before);
    if (!gone) co_return pass(gone);
    forgotten += *gone;
    if (last) break;
  }
  tidied_ = today;
  co_return forgotten;
}

awaitable<result<std::int64_t>> memory_keeper::forget_among(
    std::vector<store::exchanged_ticket> tickets, instant before) {
  std::int64_t forgotten = 0;
  for (auto& one : tickets) {
    if (one.remembered == 0 || one.unsettled > 0 || one.unsent > 0) continue;
    const auto ended = co_await has_ended(one, before);
    if (!ended) co_return pass(ended);
    if (!*ended) continue;
    const auto gone = co_await ledger_.forget(std::move(one.external_no), std::move(one.ticket_no));
    if (!gone) co_return pass(gone);
    forgotten += *gone;
  }
  co_return forgotten;
}

/// What never became a ticket of ours has ended when nobody has to look at it any more; nothing is
/// known of when, so it stays.
awaitable<result<bool>> memory_keeper::has_ended(const store::exchanged_ticket& ticket,
                                                 instant before) {
  if (ticket.ticket_no.empty()) co_return false;
  const auto loaded = co_await tickets_.load(ticket.ticket_no);
  if (!loaded) co_return pass(loaded);
  if (!*loaded || (*loaded)->state() != v1::STATE_ARCHIVED) co_return false;
  const auto version = (*loaded)->version();
  const auto last = co_await tickets_.history(ticket.ticket_no, version, version);
  if (!last) co_return pass(last);
  co_return !last->empty() && from_unix_ms(last->front().at()) < before;
}

}  // namespace hotline::transfer
