// The board (看板): which derived entries its numbers count.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "hotline/v1/api.pb.h"

namespace hotline::domain {

/// A number of a unit's row: its entries `family:<unit>` with from <= score < to (see derive).
struct board_column {
  std::string_view family;
  double from;
  double to;
  void (v1::BoardRow::*set)(std::int64_t);
};

/// Columns that can only be above zero where the unit has a `guard` entry, so that a reader may
/// skip them together.
struct board_group {
  std::string_view guard;
  std::vector<board_column> columns;
};

/// The columns at an instant: "today" and "this month" are civil ones of it.
std::vector<board_group> board_groups(instant now);

/// What follows from the counts of a row: the on-time rate of the month.
void complete_row(v1::BoardRow& row);

}  // namespace hotline::domain
