// A table whose first row names its columns, in Chinese or English, in any order.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "services/hotline/table/table.hpp"

namespace hotline::program {

struct heading {
  std::string_view zh;
  std::string_view en;
  bool required = false;
};

/// One thing wrong with a table.
struct table_mistake {
  std::size_t line = 0;
  std::string column;  ///< its heading; empty: the whole row
  std::string reason;
};

/// Where each column stands.
class columns {
 public:
  /// By the first row of a table. Unknown, doubled and missing columns are added to `mistakes`.
  static columns find(const table_row& first, std::span<const heading> headings,
                      std::vector<table_mistake>& mistakes);

  /// Where people keep tables for themselves: a title may stand above the headings, and columns of
  /// their own (序号, 备注) between ours.
  struct found_below_titles;
  static found_below_titles find_below_titles(const table& rows, std::span<const heading> headings,
                                              std::vector<table_mistake>& mistakes);

  /// The columns (their places among the headings) in which the row has an error of the office
  /// program instead of a value.
  std::vector<std::size_t> broken(const table_row& row) const;

  /// The cell of a column (its place among the headings) without white space around it; empty where
  /// the table or the row has none.
  std::string_view cell(const table_row& row, std::size_t column) const;

 private:
  std::vector<std::optional<std::size_t>> places_;
};

struct columns::found_below_titles {
  columns where;
  std::size_t row = 0;               ///< of the table; the headings stand there
  std::vector<std::string> ignored;  ///< headings that are none of ours
};

/// What is said of such a cell.
std::string broken_cell_text(std::string_view cell);

/// A civil day given as 2027-06-30, 2027/6/30, or the number a spreadsheet has for it (of the years
/// 2009 to 2119). invalid_argument: something else, or not of this century.
result<std::chrono::year_month_day> parse_civil_day(std::string_view text);

/// The same with a time of day behind it, or a spreadsheet's number with a fraction; without one it
/// is 00:00.
result<instant> parse_civil_time(std::string_view text);

}  // namespace hotline::program
