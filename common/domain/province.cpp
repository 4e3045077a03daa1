#include "common/domain/province.hpp"

#include "common/base/assert.hpp"
#include "hotline/v1/config.pb.h"

namespace hotline::domain {
namespace {

void append(std::vector<config_mistake>& all, std::string_view member,
            std::vector<config_mistake> found) {
  for (auto& mistake : found) {
    const auto path = mistake.path.empty() ? "" : "." + mistake.path;
    all.push_back({std::string(member) + path, std::move(mistake.reason)});
  }
}

}  // namespace

std::vector<config_mistake> check_province(const v1::HotlineConfig& config) {
  std::vector<config_mistake> all;
  append(all, "organisation", check_organisation(config.organisation()));
  append(all, "calendar", check_calendars(config.calendar()));
  append(all, "policies", check_policies(config.policies()));
  if (auto org = build_organisation(config.organisation())) {
    append(all, "policies", check_routing(config.policies(), *org));
  }
  for (auto& mistake : check_partner_terms(config)) all.push_back(std::move(mistake));
  return all;
}

result<province> build_province(const v1::HotlineConfig& config) {
  if (auto mistakes = check_province(config); !mistakes.empty()) {
    return fail(errc::misconfigured, join_mistakes(mistakes));
  }
  auto org = build_organisation(config.organisation());
  auto calendars = build_calendars(config.calendar());
  auto policy = build_policies(config.policies());
  HL_ASSERT(org && calendars && policy, "check_province has accepted the configuration");
  region_recogniser regions(*org);
  return province{std::move(*org), std::move(*calendars), std::move(*policy), std::move(regions),
                  build_partner_terms(config)};
}

}  // namespace hotline::domain
