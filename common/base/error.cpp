#include "common/base/error.hpp"

#include <fmt/core.h>

namespace hotline {

std::string_view to_string(errc code) {
  switch (code) {
    case errc::invalid_argument: return "invalid_argument";
    case errc::not_found: return "not_found";
    case errc::conflict: return "conflict";
    case errc::rejected: return "rejected";
    case errc::key_reused: return "key_reused";
    case errc::overloaded: return "overloaded";
    case errc::unavailable: return "unavailable";
    case errc::refused: return "refused";
    case errc::outcome_unknown: return "outcome_unknown";
    case errc::timeout: return "timeout";
    case errc::cancelled: return "cancelled";
    case errc::corrupt_data: return "corrupt_data";
    case errc::wrong_data_set: return "wrong_data_set";
    case errc::misconfigured: return "misconfigured";
    case errc::io_error: return "io_error";
    case errc::internal: return "internal";
  }
  return "internal";
}

std::string to_string(const failure& f) {
  if (f.detail.empty()) return std::string(to_string(f.code));
  return fmt::format("{}: {}", to_string(f.code), f.detail);
}

}  // namespace hotline
