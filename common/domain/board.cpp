#include "common/domain/board.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "common/domain/civil.hpp"
#include "common/domain/derive.hpp"
#include "common/domain/permission.hpp"

namespace hotline::domain {
namespace {

constexpr double everything = std::numeric_limits<double>::infinity();

constexpr double band(int number) { return score_band * number; }

double score_of(instant t) { return static_cast<double>(to_unix_ms(t)); }

}  // namespace

board_scope scope_of(v1::Role reader) {
  return reader == v1::ROLE_DISPATCHER || reader == v1::ROLE_SUPERVISOR ? board_scope::all
                                                                        : board_scope::ordinary;
}

std::vector<board_group> board_groups(instant now, bool sensitive) {
  using row = v1::BoardRow;
  const auto day = civil_date(now);
  const instant today = midnight(day);
  const auto first = day.year() / day.month() / std::chrono::day(1);
  const double month = score_of(midnight(first));
  const double next_month = score_of(midnight(first + std::chrono::months(1)));
  const auto of = [sensitive](std::string_view family) {
    return std::string(sensitive ? sensitive_prefix : "").append(family);
  };
  // Whoever must act on an open ticket, or waits for a part of it, has it in its open entries.
  return {
      {of("open"),
       {{of("queue"), band(0), band(4), &row::waiting, &row::set_waiting},
        {of("queue"), band(8), band(9), &row::handling, &row::set_handling},
        {of("open"), score_of(today), score_of(today + std::chrono::days(1)), &row::due_today,
         &row::set_due_today},
        {of("light"), band(v1::LIGHT_YELLOW), band(v1::LIGHT_RED), &row::yellow, &row::set_yellow},
        {of("light"), band(v1::LIGHT_RED), band(v1::LIGHT_DOUBLE_RED), &row::red, &row::set_red},
        {of("light"), band(v1::LIGHT_DOUBLE_RED), band(v1::LIGHT_DOUBLE_RED + 1), &row::double_red,
         &row::set_double_red},
        {of("supervised"), 0, band(1), &row::supervised, &row::set_supervised},
        {of("returned"), 0, band(1), &row::returned, &row::set_returned},
        {of("open"), -everything, everything, &row::open, &row::set_open}}},
      {of("closed"),
       {{of("closed"), month, next_month, &row::closed_on_time, &row::set_closed_on_time},
        {of("closed"), band(1) + month, band(1) + next_month, &row::closed_late,
         &row::set_closed_late}}},
  };
}

std::vector<std::string> accusing_sets(const organisation& org, const v1::Actor& reader) {
  std::vector<std::string> sets;
  const auto add = [&](std::string_view unit) {
    auto name = std::string("complained:").append(unit);
    if (std::ranges::find(sets, name) == sets.end()) sets.push_back(std::move(name));
  };
  const auto add_line = [&](std::string_view unit) {
    add(unit);
    for (const auto above : org.ancestors(unit)) add(above);
  };
  add_line(reader.unit());
  for (const auto& other : reader.other_units()) add_line(other);
  return sets;
}

int correction(const organisation& org, const v1::Actor& reader, const v1::Ticket& ticket) {
  const bool sensitive = ticket.intake().sensitivity() == v1::SENSITIVITY_SENSITIVE;
  const bool counted = !sensitive || scope_of(reader.role()) == board_scope::all;
  const bool seen = permit(org, reader, action::list, &ticket) == access::granted;
  return (seen ? 1 : 0) - (counted ? 1 : 0);
}

void take_off(v1::BoardRow& row, const v1::Ticket& ticket, instant now) {
  const auto entries = derive(ticket);
  for (const auto& group : board_groups(now)) {
    for (const auto& column : group.columns) {
      const auto name = column.family + ":" + row.unit();
      const auto found = std::ranges::find(entries, name, &index_entry::key);
      if (found == entries.end()) continue;
      if (found->score < column.from || found->score >= column.to) continue;
      // Counted and read at two instants: what has come between must not make a number negative.
      (row.*column.set)(std::max<std::int64_t>(0, (row.*column.get)() - 1));
    }
  }
  complete_row(row);
}

void complete_row(v1::BoardRow& row) {
  const auto closed = row.closed_on_time() + row.closed_late();
  if (closed == 0) {
    row.clear_on_time_rate();
  } else {
    row.set_on_time_rate(static_cast<double>(row.closed_on_time()) / static_cast<double>(closed));
  }
}

}  // namespace hotline::domain
