// Whoever loses sight of a ticket is told that it is gone, and nothing else: the page that shows it
// must not go on showing it.
#include <algorithm>

#include "common/domain/apply.hpp"
#include "services/gateway/live/feed.hpp"

namespace hotline::gateway::live {

using boost::asio::awaitable;

namespace {

/// Boards show numbers, no tickets.
bool is_board(std::string_view key) { return key.starts_with(board_prefix); }

}  // namespace

/// Somebody watches what it concerns and may not be told: perhaps it was theirs until now.
bool feed::hidden_from_watchers(const changed_ticket& change, const v1::Ticket& now) const {
  for (const auto& key : keys_of(change, now, land_->org)) {
    const auto watchers = index_.find(key);
    if (watchers == index_.end() || is_board(key)) continue;
    for (const session* who : watchers->second) {
      if (!may_be_told(land_->org, who->actor(), now)) return true;
    }
  }
  return false;
}

bool feed::hidden_from(const session& who, const changed_ticket& change,
                       const v1::Ticket& now) const {
  if (may_be_told(land_->org, who.actor(), now)) return false;
  return std::ranges::any_of(keys_of(change, now, land_->org), [&who](const std::string& key) {
    return !is_board(key) && who.topics().contains(key);
  });
}

/// Replays those that are hidden from somebody to what they were before the change: whoever could
/// see one then is told that it is gone, whoever could not is told nothing.
awaitable<result<past_tickets>> feed::load_past(const change_list& live,
                                                const std::vector<change_list>& missed,
                                                const loaded_tickets& tickets) const {
  past_tickets out;
  const auto want = [&](const change_list& list, const auto& hidden) {
    for (const auto& change : list.changes()) {
      const auto ticket = tickets.find(change.no);
      if (ticket == tickets.end() || change.version_before < 1) continue;
      if (hidden(change, ticket->second)) out.try_emplace({change.no, change.version_before});
    }
  };
  want(live,
       [this](const auto& change, const auto& now) { return hidden_from_watchers(change, now); });
  for (std::size_t i = 0; i < missed.size(); ++i) {
    want(missed[i], [&](const auto& change, const auto& now) {
      return hidden_from(*resumed_[i].who, change, now);
    });
  }
  for (auto next = out.begin(); next != out.end();) {
    const auto& [no, version] = next->first;
    const auto events = co_await parts_.tickets.history(no, 1, version);
    if (!events && events.error().code != errc::corrupt_data) co_return pass(events);
    if (!events) {
      parts_.log.error("ticket={} is not taken back: {}", no, to_string(events.error()));
      next = out.erase(next);
      continue;
    }
    for (const auto& event : *events) domain::apply(next->second, event);
    ++next;
  }
  co_return out;
}

/// How a client is told of a change: the ticket as it may see it, or, when it could see it before,
/// that it is gone. False: not at all.
bool feed::judge(const session& who, session::hit& hit, const changed_ticket& change,
                 const round_texts& round) const {
  const v1::Ticket& ticket = *round.ticket(change.no);
  if (may_be_told(land_->org, who.actor(), ticket)) {
    hit.shown = line_view_of(land_->org, who.actor(), ticket);
    return true;
  }
  const v1::Ticket* const before = round.ticket_before(change);
  hit.gone = before != nullptr && may_be_told(land_->org, who.actor(), *before);
  return hit.gone;
}

}  // namespace hotline::gateway::live
