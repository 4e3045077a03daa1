// Words region recognition needs besides the names of Shandong's own divisions.
#pragma once

#include <span>
#include <string_view>

namespace hotline::domain {

/// Provinces other than Shandong, official and short names.
std::span<const std::string_view> outside_provinces();

/// Prefecture-level cities of other provinces, short names. Left out are those that are ordinary
/// words or common in names of streets, schools and firms (中山, 朝阳, 东方, 三明, …).
std::span<const std::string_view> outside_cities();

/// Words that contain the name of a division and mean something else: 高密度, 市中心.
std::span<const std::string_view> decoy_words();

/// Short names that are ordinary words too, or part of them (平原, 惠民, 市中): believed only where
/// a place is to be expected.
bool is_careful_name(std::string_view short_name);

/// Words a place name follows: 在, 到, 住, …
std::span<const std::string_view> place_prepositions();

/// What makes a place name the name of a road when it follows: 青岛路, 北京西路.
std::span<const std::string_view> road_suffixes();

/// What makes a place the origin of a person instead: 河南籍, 四川人; 来自江苏, 老家河北.
std::span<const std::string_view> origin_suffixes();
std::span<const std::string_view> origin_prefixes();

}  // namespace hotline::domain
