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

std::string accusing_set_of(std::string_view unit) {
  return std::string("complained:").append(unit);
}

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
    auto name = accusing_set_of(unit);
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

std::string accusing_set(const v1::Ticket& ticket) {
  const auto& about = ticket.intake().matter().complained_unit();
  return about.empty() ? std::string() : accusing_set_of(about);
}

int correction(const organisation& org, const v1::Actor& reader, const v1::Ticket& ticket) {
  const bool sensitive = ticket.intake().sensitivity() == v1::SENSITIVITY_SENSITIVE;
  const bool counted = !sensitive || scope_of(reader.role()) == board_scope::all;
  const bool seen = permit(org, reader, action::list, &ticket) == access::granted;
  return (seen ? 1 : 0) - (counted ? 1 : 0);
}

std::vector<board_number> numbers_of(const v1::Ticket& ticket, instant now) {
  const auto entries = derive(ticket);
  std::vector<board_number> numbers;
  for (const auto& group : board_groups(now)) {
    for (const auto& column : group.columns) {
      for (const auto& entry : entries) {
        const std::string_view key = entry.key;
        const auto colon = key.find(':');
        if (colon == std::string_view::npos || key.substr(0, colon) != column.family) continue;
        if (entry.score < column.from || entry.score >= column.to) continue;
        numbers.push_back({std::string(key.substr(colon + 1)), column.get, column.set});
      }
    }
  }
  return numbers;
}

bool take_off(v1::BoardRow& row, std::span<const board_number> numbers) {
  bool counted = false;
  for (const auto& number : numbers) {
    if (number.unit != row.unit()) continue;
    counted = true;
    // Counted and read at two instants: what has come between must not make a number negative.
    (row.*number.set)(std::max<std::int64_t>(0, (row.*number.get)() - 1));
  }
  if (counted) complete_row(row);
  return counted;
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
