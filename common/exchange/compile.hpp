// From a partner's configuration to its mapping, with everything wrong on the way.
#pragma once

#include <memory>
#include <vector>

#include "common/domain/config_mistake.hpp"
#include "common/domain/organisation.hpp"
#include "common/exchange/mapping.hpp"
#include "hotline/v1/policy.pb.h"

namespace hotline::exchange {

struct compiled {
  std::shared_ptr<partner_mapping> mapping;  ///< only to be used without mistakes
  std::vector<domain::config_mistake> mistakes;
};

/// `places` is kept and may be nullptr where nothing will be read.
compiled compile_partner(const v1::Partner& config, const domain::organisation& units,
                         const v1::Policies& rules, const domain::region_recogniser* places);

/// What is wrong besides paths, fields and tables: names, ways, signatures, limits. Paths start at
/// Partner.
std::vector<domain::config_mistake> check_terms(const v1::Partner& config,
                                                const domain::organisation& units);

}  // namespace hotline::exchange
