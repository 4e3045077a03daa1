#include "common/redis/reply_error.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace hotline::redis {

namespace {

constexpr std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find(' '));
}

}  // namespace

failure failure_of_error_reply(std::string_view text) {
  static constexpr std::array<std::string_view, 4> passing = {"LOADING", "MASTERDOWN", "TRYAGAIN",
                                                              "CLUSTERDOWN"};
  const auto quoted = text.find(", with args beginning with");
  const bool retryable = std::ranges::find(passing, first_word(text)) != passing.end();
  return {retryable ? errc::unavailable : errc::refused, std::string(text.substr(0, quoted))};
}

bool is_error_reply(const failure& f, std::string_view code) {
  return (f.code == errc::refused || f.code == errc::unavailable) && first_word(f.detail) == code;
}

}  // namespace hotline::redis
