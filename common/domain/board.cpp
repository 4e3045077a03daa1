#include "common/domain/board.hpp"

#include <chrono>
#include <limits>

#include "common/domain/civil.hpp"
#include "common/domain/derive.hpp"

namespace hotline::domain {
namespace {

constexpr double everything = std::numeric_limits<double>::infinity();

constexpr double band(int number) { return score_band * number; }

double score_of(instant t) { return static_cast<double>(to_unix_ms(t)); }

}  // namespace

std::vector<board_group> board_groups(instant now) {
  using row = v1::BoardRow;
  const auto day = civil_date(now);
  const instant today = midnight(day);
  const auto first = day.year() / day.month() / std::chrono::day(1);
  const double month = score_of(midnight(first));
  const double next_month = score_of(midnight(first + std::chrono::months(1)));
  // Whoever must act on an open ticket, or waits for a part of it, has it in its open entries.
  return {
      {"open",
       {{"queue", band(0), band(4), &row::set_waiting},
        {"queue", band(8), band(9), &row::set_handling},
        {"open", score_of(today), score_of(today + std::chrono::days(1)), &row::set_due_today},
        {"light", band(v1::LIGHT_YELLOW), band(v1::LIGHT_RED), &row::set_yellow},
        {"light", band(v1::LIGHT_RED), band(v1::LIGHT_DOUBLE_RED), &row::set_red},
        {"light", band(v1::LIGHT_DOUBLE_RED), band(v1::LIGHT_DOUBLE_RED + 1), &row::set_double_red},
        {"supervised", 0, band(1), &row::set_supervised},
        {"returned", 0, band(1), &row::set_returned},
        {"open", -everything, everything, &row::set_open}}},
      {"closed",
       {{"closed", month, next_month, &row::set_closed_on_time},
        {"closed", band(1) + month, band(1) + next_month, &row::set_closed_late}}},
  };
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
