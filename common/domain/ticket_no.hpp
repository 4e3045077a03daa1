// Ticket numbers (工单号): "3708-20261123-00042" = shard, civil day, serial.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/error.hpp"

namespace hotline::domain {

/// The shard is the first four digits of the division of birth, "3700" when only the province is
/// known; it is all one needs to find a ticket. Serials count from 1 within a shard and a day; they
/// are unique, not gapless.
struct ticket_no {
  std::string shard;
  std::chrono::year_month_day date;
  std::uint32_t serial = 0;

  bool operator==(const ticket_no&) const = default;
};

inline constexpr std::uint32_t ticket_serial_max = 999'999'999;

/// At least five digits of serial. The parts must be valid: what parse_ticket_no accepts.
std::string format_ticket_no(const ticket_no& no);

/// Strict: every number has exactly one spelling. invalid_argument for anything else.
result<ticket_no> parse_ticket_no(std::string_view text);

/// Whether parse_ticket_no accepts the text.
bool is_ticket_no(std::string_view text);

/// Four digits.
bool is_shard(std::string_view text);

/// The shard of a number that is_ticket_no accepts; a view into it.
std::string_view shard_of_ticket(std::string_view no);

/// "20261123", as in ticket numbers and names of keys. The date must be a real one.
std::string compact_date(std::chrono::year_month_day date);

}  // namespace hotline::domain
