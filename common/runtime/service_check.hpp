// The rules of well-formed service settings.
#pragma once

#include <vector>

#include "common/domain/config_mistake.hpp"
#include "hotline/v1/config.pb.h"

namespace hotline::runtime {

/// Everything wrong with the settings; paths start at ServiceSettings ("gateway.port").
std::vector<domain::config_mistake> check_services(const v1::ServiceSettings& settings);

}  // namespace hotline::runtime
