#include "services/gateway/live/round.hpp"

#include <algorithm>
#include <iterator>

#include "common/domain/derive.hpp"
#include "services/gateway/live/topic.hpp"
#include "services/gateway/summaries.hpp"

namespace hotline::gateway::live {

namespace {

/// Tells apart what must be written apart.
std::string shape_of(const line_view& shown) {
  return {shown.whole ? 'w' : '-', shown.internal ? 'i' : '-',
          static_cast<char>('0' + static_cast<int>(shown.words))};
}

/// Each once, with every unit above it.
std::vector<std::string_view> with_those_above(const std::vector<std::string>& units,
                                               const domain::organisation& org) {
  std::vector<std::string_view> trees;
  for (const auto& unit : units) {
    trees.push_back(unit);
    for (const auto above : org.ancestors(unit)) trees.push_back(above);
  }
  std::ranges::sort(trees);
  const auto again = std::ranges::unique(trees);
  trees.erase(again.begin(), again.end());
  return trees;
}

}  // namespace

void change_list::add(const seen_event& event) {
  if (event.no.empty()) return;
  const auto [place, fresh] = places_.try_emplace(event.no, changes_.size());
  if (fresh) changes_.push_back({event.no, {}, {}, event.version - 1});
  changed_ticket& change = changes_[place->second];
  if (std::ranges::find(change.kinds, event.kind) == change.kinds.end()) {
    change.kinds.push_back(event.kind);
  }
  change.touched.merge(*event.touched);
}

std::vector<std::string> keys_of(const changed_ticket& change, const v1::Ticket& now,
                                 const domain::organisation& org) {
  const concerned who = concerned_by(change.touched, now, org);
  std::vector<std::string> keys{ticket_key(change.no)};
  for (const auto& user : who.users) keys.push_back(user_key(user));
  for (const auto& unit : who.queues) keys.push_back(unit_key(topic_kind::queue, unit));
  for (const auto unit : with_those_above(who.parts, org)) {
    keys.push_back(unit_key(topic_kind::unit, unit));
  }
  const auto rows = rows_of(change, now, org);
  for (const auto unit : with_those_above(rows, org)) {
    keys.push_back(unit_key(topic_kind::board, unit));
  }
  return keys;
}

std::vector<std::string> rows_of(const changed_ticket& change, const v1::Ticket& now,
                                 const domain::organisation& org) {
  concerned who = concerned_by(change.touched, now, org);
  std::vector<std::string> units = std::move(who.parts);
  units.insert(units.end(), std::make_move_iterator(who.queues.begin()),
               std::make_move_iterator(who.queues.end()));
  // A change may alter for whom it counts, so wherever it does: by its clocks and requests, too.
  for (const auto& clock : now.clocks()) {
    const bool counts =
        clock.state() == v1::CLOCK_STATE_RUNNING || clock.state() == v1::CLOCK_STATE_PAUSED;
    if (counts) units.push_back(clock.unit());
  }
  for (const auto& request : now.requests()) {
    if (request.state() == v1::REQUEST_STATE_OPEN) units.push_back(request.decider_unit());
  }
  std::erase(units, "");
  std::ranges::sort(units);
  const auto again = std::ranges::unique(units);
  units.erase(again.begin(), again.end());
  return units;
}

const v1::Ticket* round_texts::ticket(const std::string& no) const {
  const auto found = tickets_.find(no);
  return found == tickets_.end() ? nullptr : &found->second;
}

const v1::Ticket* round_texts::ticket_before(const changed_ticket& change) const {
  const auto found = past_.find({change.no, change.version_before});
  return found == past_.end() ? nullptr : &found->second;
}

const std::vector<text>& round_texts::messages(const std::vector<session::hit>& hits,
                                               const own_rows& rows) {
  std::string signature(rows.scope == domain::board_scope::all ? "a" : "o");
  for (const auto& hit : hits) {
    signature += std::to_string(hit.change);
    signature.append(1, '/').append(hit.gone ? "gone" : shape_of(hit.shown));
    for (const auto& topic : hit.topics) signature.append(1, ' ').append(topic);
    signature.push_back('\n');
  }
  for (const auto& unit : rows.units) signature.append(unit).push_back(' ');
  for (const auto& [unit, row] : rows.corrected) signature.append(1, '\n').append(row);
  const auto [made, fresh] = made_.try_emplace(std::move(signature));
  if (!fresh) return made->second;
  frame out(rows_.at);
  for (const auto& hit : hits) {
    const auto& change = changes_[hit.change];
    if (hit.gone) {
      out.add_gone(change.no, hit.topics);
      continue;
    }
    std::string& written = written_[{hit.change, shape_of(hit.shown)}];
    if (written.empty()) {
      written = write_change(codec_, summarise(*ticket(change.no), hit.shown), change.kinds);
    }
    out.add_change(written, hit.topics);
  }
  add_rows(out, rows);
  made->second = std::move(out).finish(position_);
  return made->second;
}

std::vector<text> round_texts::own_messages(const std::vector<changed_ticket>& changes,
                                            const std::vector<session::hit>& hits,
                                            const own_rows& rows) const {
  frame out(rows_.at);
  for (const auto& hit : hits) {
    const auto& change = changes[hit.change];
    if (hit.gone) {
      out.add_gone(change.no, hit.topics);
      continue;
    }
    out.add_change(write_change(codec_, summarise(*ticket(change.no), hit.shown), change.kinds),
                   hit.topics);
  }
  add_rows(out, rows);
  return std::move(out).finish(position_);
}

void round_texts::add_rows(frame& out, const own_rows& rows) const {
  for (const auto& unit : rows.units) {
    if (const auto own = rows.corrected.find(unit); own != rows.corrected.end()) {
      out.add_row(own->second);
    } else if (const auto row = rows_.texts.find({rows.scope, unit}); row != rows_.texts.end()) {
      out.add_row(row->second);
    }
  }
}

seen_event see(const store::stream_id& id, const v1::Event& event) {
  return {id, event.ticket_no(), event.kind(), std::make_shared<const touch>(touch_of(event)),
          event.version()};
}

}  // namespace hotline::gateway::live
