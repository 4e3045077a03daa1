#include "services/hotline/table/columns.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "common/domain/civil.hpp"

namespace hotline::program {
namespace {

using namespace std::chrono_literals;

/// Blanks as offices type them: full-width and unbreakable ones too.
std::string_view trim(std::string_view text) {
  constexpr std::array<std::string_view, 6> blanks{" ", "\t", "\r", "\n", "\u3000", "\u00A0"};
  for (bool cut = true; cut;) {
    cut = false;
    for (const auto blank : blanks) {
      if (text.starts_with(blank)) {
        text.remove_prefix(blank.size());
        cut = true;
      } else if (text.ends_with(blank)) {
        text.remove_suffix(blank.size());
        cut = true;
      }
    }
  }
  return text;
}

/// The heading of this title; the end when it is none.
auto known_heading(std::string_view title, std::span<const heading> headings) {
  return std::ranges::find_if(headings,
                              [&](const heading& h) { return title == h.zh || title == h.en; });
}

/// How many of the headings stand in a row; nothing where a required one is missing.
std::optional<std::size_t> headings_in(const table_row& row, std::span<const heading> headings) {
  std::size_t count = 0;
  for (const auto& h : headings) {
    const bool there = std::ranges::any_of(row.cells, [&](const std::string& cell) {
      return trim(cell) == h.zh || trim(cell) == h.en;
    });
    if (!there && h.required) return std::nullopt;
    count += there ? 1 : 0;
  }
  return count;
}

std::optional<int> take_number(std::string_view& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, char mark) {
  if (!text.starts_with(mark)) return false;
  text.remove_prefix(1);
  return true;
}

std::unexpected<failure> no_day() { return fail(errc::invalid_argument, "日期应写作 2027-06-30"); }

std::unexpected<failure> no_time() {
  return fail(errc::invalid_argument, "时间应写作 2027-06-30 09:30");
}

/// A spreadsheet counts days from 1899-12-30.
std::chrono::year_month_day spreadsheet_day(int number) {
  return std::chrono::sys_days(std::chrono::year(1899) / 12 / 30) + std::chrono::days(number);
}

bool is_spreadsheet_day(int number) { return number >= 40'000 && number <= 80'000; }

}  // namespace

columns columns::find(const table_row& first, std::span<const heading> headings,
                      std::vector<table_mistake>& mistakes) {
  columns found;
  found.places_.resize(headings.size());
  for (std::size_t i = 0; i < first.cells.size(); ++i) {
    const auto title = trim(first.cells[i]);
    if (title.empty()) continue;
    const auto known = known_heading(title, headings);
    if (known == headings.end()) {
      mistakes.push_back({first.line, std::string(title), "不认识的列"});
      continue;
    }
    auto& place = found.places_[static_cast<std::size_t>(known - headings.begin())];
    if (place) mistakes.push_back({first.line, std::string(title), "列重复"});
    place = i;
  }
  for (std::size_t c = 0; c < headings.size(); ++c) {
    if (headings[c].required && !found.places_[c]) {
      mistakes.push_back({first.line, std::string(headings[c].zh), "缺少这一列"});
    }
  }
  return found;
}

columns::found_below_titles columns::find_below_titles(const table& rows,
                                                       std::span<const heading> headings,
                                                       std::vector<table_mistake>& mistakes) {
  constexpr std::size_t titles_max = 5;
  found_below_titles found;
  const auto end = std::min(rows.size(), titles_max);
  while (found.row < end && !headings_in(rows[found.row], headings)) ++found.row;
  if (found.row == end) {
    found.row = 0;
    if (!rows.empty()) found.where = find(rows.front(), headings, mistakes);
    return found;
  }
  table_row ours = rows[found.row];
  for (std::string& title : ours.cells) {
    const auto text = trim(title);
    if (text.empty() || known_heading(text, headings) != headings.end()) continue;
    found.ignored.emplace_back(text);
    title.clear();
  }
  found.where = find(ours, headings, mistakes);
  return found;
}

std::vector<std::size_t> columns::broken(const table_row& row) const {
  std::vector<std::size_t> found;
  for (std::size_t c = 0; c < places_.size(); ++c) {
    const auto place = places_[c];
    if (place && std::ranges::find(row.broken, *place) != row.broken.end()) found.push_back(c);
  }
  return found;
}

std::string broken_cell_text(std::string_view cell) {
  return "单元格是错误值 " + std::string(cell) + "，请改正公式或填入内容";
}

std::string_view columns::cell(const table_row& row, std::size_t column) const {
  const auto place = places_[column];
  if (!place || *place >= row.cells.size()) return {};
  return trim(row.cells[*place]);
}

result<std::chrono::year_month_day> parse_civil_day(std::string_view text) {
  const auto year = take_number(text);
  if (!year) return no_day();
  std::chrono::year_month_day day;
  if (text.empty()) {
    if (!is_spreadsheet_day(*year)) return no_day();
    day = spreadsheet_day(*year);
  } else {
    const char mark = text.front();
    if (mark != '-' && mark != '/') return no_day();
    take(text, mark);
    const auto month = take_number(text);
    if (!month || *month < 1 || !take(text, mark)) return no_day();
    const auto date = take_number(text);
    if (!date || *date < 1 || !text.empty()) return no_day();
    day = std::chrono::year(*year) / *month / *date;
  }
  if (!day.ok() || day.year() < std::chrono::year(2000) || day.year() > std::chrono::year(2100)) {
    return no_day();
  }
  return day;
}

result<instant> parse_civil_time(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() &&
      is_spreadsheet_day(static_cast<int>(number))) {
    const auto whole = std::floor(number);
    const auto minutes = std::chrono::minutes(std::llround((number - whole) * 24 * 60));
    return domain::civil_instant(spreadsheet_day(static_cast<int>(whole)), minutes);
  }
  const auto gap = text.find_first_of(" T");
  const auto day = parse_civil_day(text.substr(0, gap));
  if (!day) return no_time();
  if (gap == std::string_view::npos) return domain::civil_instant(*day, 0min);
  auto clock = trim(text.substr(gap + 1));
  const auto hour = take_number(clock);
  if (!hour || !take(clock, ':')) return no_time();
  const auto minute = take_number(clock);
  std::optional<int> second = 0;
  if (take(clock, ':')) second = take_number(clock);
  const bool whole = minute && second && clock.empty();
  if (!whole || *hour < 0 || *hour > 23 || *minute < 0 || *minute > 59 || *second < 0 ||
      *second > 59) {
    return no_time();
  }
  return domain::civil_instant(*day, std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                                         std::chrono::seconds(*second));
}

}  // namespace hotline::program
