#include "services/hotline/register/register_report.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>

namespace hotline::program {
namespace {

/// Quoted as RFC 4180 has it, and never a formula to the office program that opens the report.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  if (!text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos) {
    out += '\'';
  }
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string_view word(row_end end) {
  switch (end) {
    case row_end::made: return "新建";
    case row_end::known: return "已有";
    case row_end::wrong: return "有误";
    case row_end::waiting: return "未处理";
  }
  return "";
}

result<register_report> register_report::open(const std::string& name) {
  register_report made;
  if (name.empty()) return made;
  made.file_.reset(std::fopen(name.c_str(), "wbe"));
  if (!made.file_) return fail(errc::io_error, std::strerror(errno));
  // The mark tells spreadsheets that it is UTF-8.
  if (auto ok = made.write("\xEF\xBB\xBF行,工单号,归类,结果\n"); !ok) return pass(ok);
  return made;
}

result<void> register_report::add(const row_outcome& row) {
  return write(
      fmt::format("{},{},{},{}\n", row.line, row.ticket_no, word(row.end), quoted(row.words)));
}

result<void> register_report::write(std::string_view text) {
  if (!file_) return {};
  const bool done = std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size() &&
                    std::fflush(file_.get()) == 0;
  if (done) return {};
  return fail(errc::io_error, std::strerror(errno));
}

}  // namespace hotline::program
