#include "services/hotline/table/table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "common/exchange/charset.hpp"
#include "common/net/http_target.hpp"

namespace hotline::program {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::uintmax_t file_bytes_max = 64UL * 1024 * 1024;

/// Whichever of the usual separators the first line with any has most of: a title may stand above.
char separator_of(std::string_view text) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    char best = ',';
    for (const char c : {';', '\t'}) {
      if (std::ranges::count(line, c) > std::ranges::count(line, best)) best = c;
    }
    if (line.find(best) != std::string_view::npos) return best;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return ',';
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
      if (rows.size() > table_rows_max) return wrong(fmt::format("行数超过 {}", table_rows_max));
    }
    return rows;
  }

 private:
  std::unexpected<failure> wrong(std::string_view what) const {
    return fail(errc::invalid_argument, fmt::format("第 {} 行：{}", line_, what));
  }

  result<void> read_row(table_row& row) {
    for (;;) {
      if (row.cells.size() == table_columns_max)
        return wrong(fmt::format("列数超过 {}", table_columns_max));
      auto cell = read_cell();
      if (!cell) return pass(cell);
      row.cells.push_back(*std::move(cell));
      if (rest_.empty()) return {};
      const char end = take();
      if (end == separator_) continue;
      if (end == '\r' && rest_.starts_with('\n')) {
        take();
      } else if (end == '\r') {
        ++line_;  // as old office programs end a line
      }
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
    const auto begun = line_;
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
        return wrong("右引号后面还有内容");
      }
    }
    line_ = begun;  // the end of the file tells nobody where to look
    return wrong("引号没有闭合");
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

/// What a file that calls itself CSV is instead, and what to do; empty when it may be one.
std::string_view other_format(std::string_view text) {
  if (text.starts_with("PK\x03\x04")) return "不是 CSV，像是 .xlsx：请把文件名改为 .xlsx";
  if (text.starts_with("\xD0\xCF\x11\xE0")) return "不是 CSV，像是旧格式的 .xls：请另存为 .xlsx";
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
      text.find('\0') != std::string_view::npos) {
    return "是 UTF-16 编码或不是文本：请另存为“CSV UTF-8（逗号分隔）”，或 .xlsx";
  }
  return {};
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

std::unexpected<failure> cannot_read(const std::string& why) {
  return fail(errc::io_error, fmt::format("读不了（{}）", why));
}

}  // namespace

result<table> read_csv(std::string_view text, csv_charset charset) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  if (const auto other = other_format(text); !other.empty()) {
    return fail(errc::invalid_argument, std::string(other));
  }
  if (net::is_valid_utf8(text)) return csv_reader(text).read();
  if (charset == csv_charset::utf8) {
    return fail(errc::invalid_argument,
                "不是 UTF-8 编码：请另存为“CSV UTF-8（逗号分隔）”，或 .xlsx");
  }
  // What Chinese Excel calls CSV.
  const auto converted = exchange::to_utf8(text, v1::CHARSET_GB18030);
  if (converted) return csv_reader(*converted).read();
  return fail(errc::invalid_argument,
              fmt::format("既不是 UTF-8 也不是 GBK（GB18030）编码，第 {} 字节起读不出：请另存为 "
                          ".xlsx",
                          converted.error() + 1));
}

result<table> read_table(const std::filesystem::path& file, csv_charset charset) {
  const auto ending = lower(file.extension().string());
  if (ending == ".xls") {
    return fail(errc::invalid_argument, "是旧格式的 .xls：请另存为 .xlsx");
  }
  if (ending != ".xlsx" && ending != ".csv") {
    return fail(errc::invalid_argument, "不是 .csv，也不是 .xlsx");
  }
  std::error_code bad;
  const auto size = std::filesystem::file_size(file, bad);
  if (bad == std::errc::no_such_file_or_directory) return cannot_read("没有这个文件");
  if (bad) return cannot_read(bad.message());
  if (size > file_bytes_max) {
    return fail(errc::invalid_argument,
                fmt::format("文件超过 {} MB", file_bytes_max / 1024 / 1024));
  }
  if (ending == ".xlsx") return read_xlsx(file);
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return cannot_read(std::generic_category().message(errno));
  return read_csv(text.str(), charset);
}

}  // namespace hotline::program
