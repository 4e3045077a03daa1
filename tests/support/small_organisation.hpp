// A province small enough to be known by heart: two cities and a county of each.
#pragma once

#include "common/base/assert.hpp"
#include "common/domain/organisation.hpp"

namespace hotline::test {

inline const domain::organisation& small_organisation() {
  static const domain::organisation built = [] {
    v1::OrganisationConfig config;
    const auto add = [&](const char* code, const char* parent, v1::Unit::Level level,
                         const char* name) {
      auto& unit = *config.add_units();
      unit.set_code(code);
      unit.set_parent(parent);
      unit.set_level(level);
      unit.set_name(name);
      unit.set_desk(level == v1::Unit::PROVINCE);
    };
    add("370000", "", v1::Unit::PROVINCE, "山东省");
    add("370100", "370000", v1::Unit::CITY, "济南市");
    add("370800", "370000", v1::Unit::CITY, "济宁市");
    add("370102", "370100", v1::Unit::COUNTY, "历下区");
    add("370883", "370800", v1::Unit::COUNTY, "邹城市");
    auto made = domain::build_organisation(config);
    HL_ASSERT(made.has_value(), "a well-formed organisation");
    return *std::move(made);
  }();
  return built;
}

}  // namespace hotline::test
