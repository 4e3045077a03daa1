// Rows of the board for one client: what was counted for everybody, without the complaints it may
// not see.
#include <algorithm>
#include <utility>

#include "services/gateway/live/feed.hpp"

namespace hotline::gateway::live {

using boost::asio::awaitable;

void feed::want_complaints(const session& who) {
  const bool watches = std::ranges::any_of(
      who.topics(), [](const auto& topic) { return topic.first.starts_with(board_prefix); });
  if (watches) complaints_.want(domain::accusing_sets(parts_.province()->org, who.actor()));
}

/// After the count. A complaint that was committed since the events of this round were read may be
/// in the numbers: what is taken off must not be older than they are, or it would show for a round
/// to those it is about.
awaitable<result<void>> feed::catch_up_complaints(
    const std::vector<std::pair<std::string, seen_event>>& fresh, instant now) {
  if (!complaints_.any_wanted()) co_return result<void>();
  auto place = ring_.end();
  for (const auto& [shard, event] : fresh) place[shard] = event.id;
  std::vector<store::tail_place> after;
  for (const auto& [shard, id] : place) after.push_back({shard, id});
  const auto parts = co_await tail_.read(std::move(after), options_.batch);
  if (!parts) co_return pass(parts);
  std::set<std::string> numbers;
  bool lost = false;
  for (const auto& part : *parts) {
    lost = lost || part.more || part.gap;
    for (const auto& entry : part.entries) {
      if (entry.event) numbers.insert(entry.event->ticket_no());
    }
  }
  if (lost) {
    complaints_.reload();
  } else {
    const auto tickets = co_await load(std::move(numbers));
    if (!tickets) co_return pass(tickets);
    for (const auto& [no, ticket] : *tickets) complaints_.note(ticket, now);
  }
  co_return co_await complaints_.load(now);
}

/// Each row once.
own_rows feed::rows_for(const session& who, std::vector<std::string> units,
                        const board_rows& rows) const {
  std::ranges::sort(units);
  const auto again = std::ranges::unique(units);
  units.erase(again.begin(), again.end());
  own_rows own{domain::scope_of(who.actor().role()), std::move(units)};
  if (own.units.empty()) return own;
  const auto unseen = complaints_.unseen_by(land_->org, who.actor());
  if (unseen.empty()) return own;
  for (const auto& unit : own.units) {
    const auto counted = rows.counted.find({own.scope, unit});
    if (counted == rows.counted.end()) continue;
    v1::BoardRow row = counted->second;
    bool other = false;
    for (const complaint* one : unseen) other = domain::take_off(row, one->numbers) || other;
    if (other) own.corrected.emplace(unit, codec_.write(row));
  }
  return own;
}

}  // namespace hotline::gateway::live
