// Everything the rules look things up in: who is where, which days are worked, which numbers hold.
#pragma once

#include <string_view>
#include <vector>

#include "common/base/error.hpp"
#include "common/domain/calendar.hpp"
#include "common/domain/config_mistake.hpp"
#include "common/domain/organisation.hpp"
#include "common/domain/partner_terms.hpp"
#include "common/domain/policies.hpp"
#include "common/domain/region.hpp"
#include "common/domain/routing.hpp"

namespace hotline::v1 {
class HotlineConfig;
}

namespace hotline::domain {

/// Immutable and shared by all threads; a reload of the configuration swaps in a new one.
struct province {
  organisation org;
  calendar_set calendars;
  policies policy;
  region_recogniser regions;
  partner_terms_book partners;

  /// The calendar of the region a unit is in.
  const working_calendar& calendar_of(std::string_view unit) const {
    return calendars.for_region(unit);
  }

  /// What routing proposals rest on.
  routing_basis routing() const { return {org, regions, policy.config()}; }
};

/// Everything wrong with a configuration as far as the rules need it. Paths start at HotlineConfig
/// ("policies.sla.handle_limits[3].limit").
std::vector<config_mistake> check_province(const v1::HotlineConfig& config);

/// Fails with errc::misconfigured and every mistake check_province finds.
result<province> build_province(const v1::HotlineConfig& config);

}  // namespace hotline::domain
