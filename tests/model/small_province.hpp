// A province small enough to explore: one city, two counties and a zone, one street station, one
// office with a duty, one partner.
#pragma once

#include "common/domain/province.hpp"

namespace hotline::model {

inline constexpr const char* province_unit = "370000";
inline constexpr const char* city_unit = "370800";
inline constexpr const char* county_unit = "370883";
inline constexpr const char* other_county_unit = "370881";
inline constexpr const char* zone_unit = "370871";
inline constexpr const char* street_unit = "370883-s01";
inline constexpr const char* office_unit = "370883-d01";
inline constexpr const char* partner_unit = "p-12345-370800";

/// Built once per program.
const domain::province& small_province();

}  // namespace hotline::model
