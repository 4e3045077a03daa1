// The feed's rounds: read what happened, load what it happened to, tell those it concerns.
// Everything that waits comes first; then all clients are told in one go, and the feed's place
// moves on. A round that fails on the way has told nobody anything and is done again.
#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "common/base/rfc3339.hpp"
#include "common/domain/civil.hpp"
#include "services/gateway/live/feed.hpp"

namespace hotline::gateway::live {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t load_max = 500;  // tickets in one burst

}  // namespace

awaitable<void> feed::follow() {
  while (!stopping_) {
    co_await pause();
    if (stopping_) break;
    if (index_.empty() && inbox_.empty() && resumed_.empty() && deferred_.empty()) {
      if (steady_now() - wanted_at_ >= options_.rest_after) following_ = false;
      if (!following_) continue;
    } else {
      wanted_at_ = steady_now();
    }
    result<void> done;
    if (!following_) done = co_await begin();
    if (done && (!inbox_.empty() || !deferred_.empty())) done = co_await serve_inbox();
    if (done && (steady_now() >= next_round_ || !resumed_.empty())) {
      next_round_ = steady_now() + options_.poll;
      done = co_await go_round();
    }
    if (!done) {
      if (!failing_) parts_.log.warn("live push waits reason=\"{}\"", to_string(done.error()));
      next_round_ = steady_now() + options_.poll;
      asked_ = false;
    }
    failing_ = !done;
  }
}

/// Until the next round, or until somebody asks for something; without anybody, until then.
awaitable<void> feed::pause() {
  if (asked_) co_return;
  if (following_ || !inbox_.empty()) {
    round_timer_.expires_at(next_round_);
  } else {
    round_timer_.expires_at(std::chrono::steady_clock::time_point::max());
  }
  co_await round_timer_.async_wait(as_result);
}

std::vector<store::tail_place> feed::places() const {
  std::vector<store::tail_place> all;
  for (const auto& [shard, id] : ring_.end()) all.push_back({shard, id});
  return all;
}

/// Takes up reading after a rest: nobody is there to be told, but somebody may want to resume.
awaitable<result<void>> feed::begin() {
  complaints_.reload();
  land_ = parts_.province();
  day_ = domain::civil_date(parts_.now.now());
  bool known = ring_.end().size() == land_->org.shards().size();
  if (known) {
    const auto parts = co_await tail_.read(places(), options_.batch);
    if (!parts) co_return pass(parts);
    known = std::ranges::none_of(*parts, [](const auto& part) { return part.more; });
    for (const auto& part : *parts) {
      for (const auto& entry : part.entries) {
        if (known && entry.event) ring_.add(part.shard, see(entry.id, *entry.event));
      }
    }
  }
  if (!known) {
    if (auto ok = co_await begin_anew(); !ok) co_return ok;
  }
  following_ = true;
  co_return result<void>();
}

awaitable<result<void>> feed::begin_anew() {
  std::vector<std::string> shards;
  for (const auto shard : parts_.province()->org.shards()) shards.emplace_back(shard);
  const auto parts = co_await tail_.recent(std::move(shards), options_.begin_with);
  if (!parts) co_return pass(parts);
  ring_ = event_ring(options_.events_kept);
  complaints_.reload();
  for (const auto& part : *parts) {
    ring_.begin(part.shard, part.floor);
    for (const auto& entry : part.entries) {
      if (entry.event) ring_.add(part.shard, see(entry.id, *entry.event));
    }
  }
  co_return result<void>();
}

awaitable<result<void>> feed::go_round() {
  if (wide_topics_ == 0) complaints_.forget();
  if (auto land = parts_.province(); land != land_) {
    land_ = std::move(land);
    recheck_topics();
    complaints_.forget();
    for (const auto& who : sessions_) want_complaints(*who);
  }
  const instant now = parts_.now.now();
  const auto parts = co_await tail_.read(places(), options_.batch);
  if (!parts) co_return pass(parts);
  if (std::ranges::any_of(*parts, [](const auto& part) { return part.gap; })) {
    co_return co_await skip_gap();
  }
  // What happened, to everybody and, for those who come back, since they left.
  std::vector<std::pair<std::string, seen_event>> fresh;
  for (const auto& part : *parts) {
    if (part.more) next_round_ = steady_now();
    for (const auto& entry : part.entries) {
      if (!entry.event) parts_.log.error("unreadable event shard={}", part.shard);
      fresh.emplace_back(part.shard, entry.event ? see(entry.id, *entry.event)
                                                 : seen_event{entry.id, {}, {}, nullptr});
    }
  }
  change_list live;
  std::vector<change_list> missed(resumed_.size());
  for (std::size_t i = 0; i < resumed_.size(); ++i) {
    for (const auto& event : resumed_[i].missed) missed[i].add(event);
  }
  for (const auto& [shard, event] : fresh) {
    live.add(event);
    for (auto& own : missed) own.add(event);
  }
  std::set<std::string> numbers;
  for (const auto& change : live.changes()) {
    if (may_concern(change)) numbers.insert(change.no);
  }
  for (const auto& own : missed) {
    for (const auto& change : own.changes()) numbers.insert(change.no);
  }
  const auto tickets = co_await load(std::move(numbers));
  if (!tickets) co_return pass(tickets);
  const auto past = co_await load_past(live, missed, *tickets);
  if (!past) co_return pass(past);

  std::set<std::string> dirty;
  note_day(now, dirty);
  add_dirty(live, *tickets, dirty);
  for (const auto& own : missed) add_dirty(own, *tickets, dirty);
  for (const auto& [no, ticket] : *tickets) complaints_.note(ticket, now);
  const auto rows = co_await count_rows(std::move(dirty), now);
  if (!rows) co_return pass(rows);
  if (!rows->counted.empty()) {
    if (auto ok = co_await catch_up_complaints(fresh, now); !ok) co_return ok;
  }

  // From here on nothing waits.
  for (auto& [shard, event] : fresh) ring_.add(shard, std::move(event));
  round_texts round(codec_, live.changes(), *tickets, *past, *rows,
                    seal_position(*parts_.seal, ring_.end()));
  std::vector<session*> found;
  find_hits(round, found);
  const auto told = std::exchange(resumed_, {});
  for (std::size_t i = 0; i < told.size(); ++i) deliver_missed(*told[i].who, missed[i], round);
  for (session* who : found) deliver(*who, round);
  co_return result<void>();
}

/// Events were trimmed before this reader saw them: everybody must load again.
awaitable<result<void>> feed::skip_gap() {
  ++parts_.counts.gaps;
  parts_.log.error("events were trimmed before live push saw them");
  if (auto ok = co_await begin_anew(); !ok) co_return ok;
  resumed_.clear();
  for (const auto& who : sessions_) {
    who->resuming = false;
    if (!who->topics().empty() && who->reachable()) tell_resync(*who, v1::RESYNC_REASON_LOST);
  }
  co_return result<void>();
}

awaitable<result<loaded_tickets>> feed::load(std::set<std::string> numbers) const {
  loaded_tickets out;
  std::vector<std::string> burst;
  for (auto next = numbers.begin(); next != numbers.end();) {
    burst.push_back(*next++);
    if (burst.size() < load_max && next != numbers.end()) continue;
    auto loaded = co_await parts_.tickets.load_many(burst);
    if (!loaded) co_return pass(loaded);
    for (std::size_t i = 0; i < burst.size(); ++i) {
      auto& one = (*loaded)[i];
      if (!one) {
        parts_.log.error("ticket={} is not pushed: {}", burst[i], to_string(one.error()));
      } else if (one->has_value()) {
        out.emplace(std::move(burst[i]), std::move(**one));
      }
    }
    burst.clear();
  }
  co_return out;
}

awaitable<result<board_rows>> feed::count_rows(std::set<std::string> units, instant now) const {
  board_rows out;
  if (units.empty()) co_return out;
  append_rfc3339(out.at, now);
  for (const auto scope : {domain::board_scope::all, domain::board_scope::ordinary}) {
    std::vector<std::string> codes(units.begin(), units.end());
    auto rows = co_await parts_.board.rows(std::move(codes), now, scope);
    if (!rows) co_return pass(rows);
    for (auto& row : *rows) {
      const v1::Unit* const unit = land_->org.find(row.unit());
      if (unit == nullptr) continue;
      row.set_unit_name(unit->name());
      const board_rows::place place(scope, row.unit());
      out.texts.emplace(place, codec_.write(row));
      out.counted.emplace(place, std::move(row));
    }
  }
  co_return out;
}

/// Whether anybody could want to know; only wide topics need the ticket to tell.
bool feed::may_concern(const changed_ticket& change) const {
  return wide_topics_ > 0 || index_.contains(ticket_key(change.no));
}

/// Units whose rows must be counted because somebody watches a board they are on.
void feed::add_dirty(const change_list& list, const loaded_tickets& tickets,
                     std::set<std::string>& dirty) const {
  const auto watched = [this](std::string_view unit) {
    if (index_.contains(unit_key(topic_kind::board, unit))) return true;
    return std::ranges::any_of(land_->org.ancestors(unit), [this](std::string_view above) {
      return index_.contains(unit_key(topic_kind::board, above));
    });
  };
  for (const auto& change : list.changes()) {
    const auto ticket = tickets.find(change.no);
    if (ticket == tickets.end()) continue;
    for (auto& unit : rows_of(change, ticket->second, land_->org)) {
      if (!dirty.contains(unit) && watched(unit)) dirty.insert(std::move(unit));
    }
  }
}

/// A new civil day: "due today" and "this month" change without an event. The mark stays with the
/// clients until a round has told them.
void feed::note_day(instant now, std::set<std::string>& dirty) {
  const auto today = domain::civil_date(now);
  const bool changed = today != std::exchange(day_, today);
  if (changed) complaints_.reload();
  for (const auto& who : sessions_) {
    if (changed) mark_boards(*who);
    dirty.insert(who->dirty_rows.begin(), who->dirty_rows.end());
  }
}

void feed::mark_boards(session& who) const {
  for (const auto& [key, shown] : who.topics()) {
    if (!key.starts_with(board_prefix)) continue;
    for (const v1::Unit& unit : land_->org.subtree(key.substr(board_prefix.size()))) {
      who.dirty_rows.push_back(unit.code());
    }
  }
}

void feed::find_hits(const round_texts& round, std::vector<session*>& found) {
  for (const auto& who : sessions_) {
    if (!who->dirty_rows.empty()) found.push_back(who.get());  // marked by the day
  }
  const auto note = [&found](session* who) {
    if (who->hits.empty() && who->dirty_rows.empty()) found.push_back(who);
  };
  for (std::size_t i = 0; i < round.changes().size(); ++i) {
    const changed_ticket& change = round.changes()[i];
    const v1::Ticket* const ticket = round.ticket(change.no);
    if (ticket == nullptr) continue;
    const auto rows = rows_of(change, *ticket, land_->org);
    for (const auto& key : keys_of(change, *ticket, land_->org)) {
      const auto watchers = index_.find(key);
      if (watchers == index_.end()) continue;
      for (session* who : watchers->second) {
        if (!who->reachable() || who->resuming) continue;
        note(who);
        if (key.starts_with(board_prefix)) {
          who->add_rows(rows, land_->org, key.substr(board_prefix.size()));
        } else {
          who->add_hit(i, key);
        }
      }
    }
  }
}

void feed::deliver(session& who, round_texts& round) {
  auto hits = std::exchange(who.hits, {});
  auto rows = std::exchange(who.dirty_rows, {});
  if (!who.reachable()) return;
  if (!who.valid()) return say_bye(who, v1::BYE_REASON_RIGHTS);
  std::erase_if(hits, [&](session::hit& hit) {
    return !judge(who, hit, round.changes()[hit.change], round);
  });
  const auto own = rows_for(who, std::move(rows), round.rows());
  if (hits.empty() && own.units.empty()) return;
  send_all(who, round.messages(hits, own));
}

void feed::deliver_missed(session& who, const change_list& missed, const round_texts& round) {
  if (!who.reachable() || !who.resuming) return;
  if (!who.valid()) return say_bye(who, v1::BYE_REASON_RIGHTS);
  who.resuming = false;
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < missed.changes().size(); ++i) {
    const changed_ticket& change = missed.changes()[i];
    const v1::Ticket* const ticket = round.ticket(change.no);
    if (ticket == nullptr) continue;
    const auto touched = rows_of(change, *ticket, land_->org);
    for (const auto& key : keys_of(change, *ticket, land_->org)) {
      if (!who.topics().contains(key)) continue;
      if (key.starts_with(board_prefix)) {
        who.add_rows(touched, land_->org, key.substr(board_prefix.size()));
      } else {
        who.add_hit(i, key);
      }
    }
  }
  auto hits = std::exchange(who.hits, {});
  std::erase_if(hits, [&](session::hit& hit) {
    return !judge(who, hit, missed.changes()[hit.change], round);
  });
  rows = std::exchange(who.dirty_rows, {});
  const auto own = rows_for(who, std::move(rows), round.rows());
  if (hits.size() > options_.missed_tickets_max) {
    return tell_resync(who, v1::RESYNC_REASON_TOO_MUCH);
  }
  send_all(who, round.own_messages(missed.changes(), hits, own));
}

void feed::send_all(session& who, const std::vector<text>& messages) {
  const auto now = steady_now();
  for (const auto& message : messages) {
    if (!who.send(message, now)) {
      ++parts_.counts.slow;
      return;  // told to load again once it has caught up
    }
    ++parts_.counts.messages;
  }
}

}  // namespace hotline::gateway::live
