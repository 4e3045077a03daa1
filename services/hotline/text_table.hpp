// Tables for a terminal in which a Chinese character takes two columns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hotline::program {

/// The text with everything a terminal would obey made visible: control characters (␀ … ␡), those
/// that turn the direction of reading or are not seen ("<U+202E>"), bytes that are no UTF-8.
std::string printable(std::string_view text);

/// Columns of a text in a terminal: East Asian wide and full-width characters take two, combining
/// ones none.
std::size_t display_width(std::string_view utf8);

/// The text cut to at most `width` columns, with "…" where something was cut.
std::string fit(std::string_view utf8, std::size_t width);

class text_table {
 public:
  explicit text_table(std::vector<std::string> heads) : rows_{std::move(heads)} {}

  /// As many cells as there are heads; what they hold is made printable.
  void add(std::vector<std::string> cells);
  std::size_t size() const { return rows_.size() - 1; }

  /// Every line ends with a newline; no cell is wider than `cell_max`.
  std::string to_text(std::size_t cell_max = 60) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace hotline::program
