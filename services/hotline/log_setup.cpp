#include "services/hotline/log_setup.hpp"

#include <array>
#include <utility>

namespace hotline::program {

std::shared_ptr<log_sink> make_log(std::string_view level) {
  constexpr std::array<std::pair<std::string_view, log_level>, 6> names{{
      {"trace", log_level::trace},
      {"debug", log_level::debug},
      {"info", log_level::info},
      {"warn", log_level::warn},
      {"error", log_level::error},
      {"off", log_level::off},
  }};
  for (const auto& [name, value] : names) {
    if (name == level) return make_stderr_sink(value);
  }
  return make_stderr_sink(log_level::info);
}

}  // namespace hotline::program
