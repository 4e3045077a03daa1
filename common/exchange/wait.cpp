#include "common/exchange/wait.hpp"

#include <charconv>

namespace hotline::exchange {

std::optional<milliseconds> parse_wait(std::string_view text) {
  constexpr int amount_max = 100'000;
  int amount = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), amount);
  const bool padded = text.starts_with('0');
  if (read.ec != std::errc() || padded || amount < 1 || amount > amount_max) return std::nullopt;
  const std::string_view unit(read.ptr, text.data() + text.size());
  if (unit == "s") return std::chrono::seconds(amount);
  if (unit == "min") return std::chrono::minutes(amount);
  if (unit == "h") return std::chrono::hours(amount);
  return std::nullopt;
}

}  // namespace hotline::exchange
