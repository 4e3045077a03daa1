#include "services/hotline/service_set.hpp"

#include <fmt/core.h>

#include <array>
#include <utility>

namespace hotline::program {
namespace {

using member = bool service_set::*;

constexpr std::array<std::pair<std::string_view, member>, 6> names{{
    {"gateway", &service_set::gateway},
    {"dispatch", &service_set::dispatch},
    {"sla", &service_set::sla},
    {"escalation", &service_set::escalation},
    {"audit", &service_set::audit},
    {"transfer", &service_set::transfer},
}};

member find_member(std::string_view name) {
  for (const auto& [known, at] : names) {
    if (known == name) return at;
  }
  return nullptr;
}

}  // namespace

result<service_set> parse_services(std::string_view text) {
  service_set services;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto name = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    if (name == "redis") continue;
    const auto at = find_member(name);
    if (!at) {
      return fail(errc::invalid_argument,
                  fmt::format("there is no service '{}'; there are gateway, dispatch, sla, "
                              "escalation, audit, transfer, and redis",
                              name));
    }
    services.*at = true;
  }
  return services;
}

std::string to_string(const service_set& services) {
  std::string text;
  for (const auto& [name, at] : names) {
    if (!(services.*at)) continue;
    if (!text.empty()) text += ',';
    text += name;
  }
  return text.empty() ? "redis" : text;
}

}  // namespace hotline::program
