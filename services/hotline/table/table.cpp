#include "services/hotline/table/table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "common/net/http_target.hpp"

namespace hotline::program {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::uintmax_t file_bytes_max = 64UL * 1024 * 1024;

/// Whichever of the usual separators the first line has most of.
char separator_of(std::string_view text) {
  const auto first = text.substr(0, text.find('\n'));
  char best = ',';
  for (const char c : {',', ';', '\t'}) {
    if (std::ranges::count(first, c) > std::ranges::count(first, best)) best = c;
  }
  return best;
}

/// Reads one text from the front to the end.
class csv_reader {
 public:
  explicit csv_reader(std::string_view text) : rest_(text), separator_(separator_of(text)) {}

  result<table> read() {
    table rows;
    while (!rest_.empty()) {
      table_row row;
      row.line = line_;
      if (auto ok = read_row(row); !ok) return pass(ok);
      const bool blank = std::ranges::all_of(row.cells, [](const auto& c) { return c.empty(); });
      if (!blank) rows.push_back(std::move(row));
      if (rows.size() > table_rows_max) return wrong("too many rows");
    }
    return rows;
  }

 private:
  std::unexpected<failure> wrong(std::string_view what) const {
    return fail(errc::invalid_argument, fmt::format("line {}: {}", line_, what));
  }

  result<void> read_row(table_row& row) {
    for (;;) {
      if (row.cells.size() == table_columns_max) return wrong("too many columns");
      auto cell = read_cell();
      if (!cell) return pass(cell);
      row.cells.push_back(*std::move(cell));
      if (rest_.empty()) return {};
      const char end = take();
      if (end == separator_) continue;
      if (end == '\r' && rest_.starts_with('\n')) take();
      return {};
    }
  }

  result<std::string> read_cell() {
    if (rest_.starts_with('"')) return read_quoted();
    const std::string_view ends = separator_ == '\t'  ? "\t\r\n"
                                  : separator_ == ';' ? ";\r\n"
                                                      : ",\r\n";
    const auto end = std::min(rest_.find_first_of(ends), rest_.size());
    std::string cell(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return cell;
  }

  result<std::string> read_quoted() {
    take();
    std::string cell;
    while (!rest_.empty()) {
      const char c = take();
      if (c != '"') {
        cell += c;
      } else if (rest_.starts_with('"')) {
        cell += take();
      } else if (rest_.empty() || rest_[0] == separator_ || rest_[0] == '\r' || rest_[0] == '\n') {
        return cell;
      } else {
        return wrong("text behind a closing quote");
      }
    }
    return wrong("a quote that is not closed");
  }

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '\n') ++line_;
    return c;
  }

  std::string_view rest_;
  char separator_;
  std::size_t line_ = 1;
};

}  // namespace

result<table> read_csv(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  if (!net::is_valid_utf8(text)) {
    return fail(errc::invalid_argument,
                "not UTF-8: save it as \"CSV UTF-8\" (CSV UTF-8 逗号分隔), or as .xlsx");
  }
  return csv_reader(text).read();
}

result<table> read_table(const std::filesystem::path& file) {
  if (file.extension() == ".xlsx") return read_xlsx(file);
  if (file.extension() != ".csv") {
    return fail(errc::invalid_argument, fmt::format("{}: neither .csv nor .xlsx", file.string()));
  }
  std::error_code bad;
  const auto size = std::filesystem::file_size(file, bad);
  if (bad) return fail(errc::io_error, fmt::format("{}: {}", file.string(), bad.message()));
  if (size > file_bytes_max) return fail(errc::invalid_argument, "the file is too large");
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return fail(errc::io_error, fmt::format("cannot read {}", file.string()));
  return read_csv(text.str());
}

}  // namespace hotline::program
