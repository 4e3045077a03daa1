#include "common/domain/ticket_no.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "common/base/assert.hpp"

namespace hotline::domain {
namespace {

namespace chr = std::chrono;

constexpr std::size_t shard_digits = 4;
constexpr std::size_t date_digits = 8;
constexpr std::size_t serial_digits_min = 5;
constexpr std::size_t serial_digits_max = 9;
constexpr std::size_t serial_at = shard_digits + 1 + date_digits + 1;

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Digits only, at most nine of them, so that it cannot overflow.
std::uint32_t number(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits) value = value * 10 + static_cast<std::uint32_t>(c - '0');
  return value;
}

std::optional<chr::year_month_day> read_date(std::string_view digits) {
  const chr::year_month_day date(chr::year(static_cast<int>(number(digits.substr(0, 4)))),
                                 chr::month(number(digits.substr(4, 2))),
                                 chr::day(number(digits.substr(6, 2))));
  if (!date.ok()) return std::nullopt;
  return date;
}

std::optional<ticket_no> read(std::string_view text) {
  if (text.size() < serial_at + serial_digits_min) return std::nullopt;
  if (text.size() > serial_at + serial_digits_max) return std::nullopt;
  const auto shard = text.substr(0, shard_digits);
  const auto day = text.substr(shard_digits + 1, date_digits);
  const auto serial = text.substr(serial_at);
  if (text[shard_digits] != '-' || text[serial_at - 1] != '-') return std::nullopt;
  if (!all_digits(shard) || !all_digits(day) || !all_digits(serial)) return std::nullopt;
  if (serial.size() > serial_digits_min && serial.front() == '0') return std::nullopt;
  const auto date = read_date(day);
  const auto count = number(serial);
  if (!date || count == 0) return std::nullopt;
  return ticket_no{std::string(shard), *date, count};
}

}  // namespace

std::string compact_date(chr::year_month_day date) {
  return fmt::format("{:04}{:02}{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string format_ticket_no(const ticket_no& no) {
  HL_ASSERT(is_shard(no.shard) && no.date.ok(), "a ticket number of invalid parts");
  HL_ASSERT(no.serial > 0 && no.serial <= ticket_serial_max, "a serial out of range");
  return fmt::format("{}-{}-{:05}", no.shard, compact_date(no.date), no.serial);
}

result<ticket_no> parse_ticket_no(std::string_view text) {
  auto no = read(text);
  // The text itself is not repeated: it comes from outside and may be anything.
  if (!no) return fail(errc::invalid_argument, "not a ticket number like 3708-20261123-00042");
  return *std::move(no);
}

bool is_ticket_no(std::string_view text) { return read(text).has_value(); }

bool is_shard(std::string_view text) { return text.size() == shard_digits && all_digits(text); }

std::string_view shard_of_ticket(std::string_view no) {
  HL_ASSERT(no.size() >= serial_at && no[shard_digits] == '-', "not a ticket number");
  return no.substr(0, shard_digits);
}

}  // namespace hotline::domain
