// The tree of unions, their departments, teams and partners. Built once from configuration,
// immutable, shared by every thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/error.hpp"
#include "common/domain/config_mistake.hpp"
#include "hotline/v1/organisation.pb.h"

namespace hotline::domain {

/// The units in depth-first order, so that a subtree is one contiguous run: "is this unit below
/// that one" is two look-ups and a comparison. Every view and pointer handed out lives as long as
/// the organisation. Questions about an unknown code are answered with "nothing" (nullptr, empty,
/// false), never with a guess; use require() where an unknown code is an error to report.
class organisation {
 public:
  organisation(organisation&&) noexcept = default;
  organisation& operator=(organisation&&) noexcept = default;
  organisation(const organisation&) = delete;  // the index holds views into units_
  organisation& operator=(const organisation&) = delete;

  const v1::Unit* find(std::string_view code) const;
  /// Fails with errc::not_found and a sentence that names the code.
  result<const v1::Unit*> require(std::string_view code) const;
  bool contains(std::string_view code) const { return find(code) != nullptr; }

  /// The province's union: the root of the tree and the desk for what nobody else can take.
  const v1::Unit& province() const;
  std::string_view province_desk() const { return province().code(); }

  /// All units, parents before their children.
  std::span<const v1::Unit> units() const { return units_; }
  /// Other names of divisions and zones, as configured.
  std::span<const v1::Alias> aliases() const { return aliases_; }

  /// LEVEL_UNSPECIFIED for an unknown code.
  v1::Unit::Level level(std::string_view code) const;
  /// Empty for the province and for an unknown code.
  std::string_view parent(std::string_view code) const;
  /// From the parent up to the province.
  std::vector<std::string_view> ancestors(std::string_view code) const;
  /// The units directly below, in configured order.
  std::vector<std::string_view> children(std::string_view code) const;
  /// The unit itself and everything below it.
  std::span<const v1::Unit> subtree(std::string_view root) const;
  /// True when `unit` is `root` or below it. False when either is unknown.
  bool is_in_subtree(std::string_view unit, std::string_view root) const;

  /// The next working union above that may decide about `unit`: for a county its city, for a
  /// department or partner the union it belongs to. Empty for the province.
  std::string_view superior_of(std::string_view unit) const;
  /// The lowest working union above both, which may decide between them; the province when one of
  /// them is the province. Empty when either is unknown.
  std::string_view common_superior(std::string_view a, std::string_view b) const;
  /// The unit itself if it works, otherwise its nearest working superior. Empty when unknown.
  std::string_view nearest_active(std::string_view unit) const;
  /// The union (province, city, county, zone) a unit is or belongs to: whose place and calendar are
  /// the unit's. Empty when unknown.
  std::string_view union_of(std::string_view unit) const;

  /// The desk a call taken at a unit belongs to: the unit itself or the nearest above it that has
  /// dispatchers of its own, at last the province, which also takes those of an unknown unit.
  std::string_view desk_of(std::string_view unit) const;

  /// The hash tag of a division's keys: the first four digits of its city ("3708"); the province's
  /// ("3700") for the province, what belongs to it, and unknown codes.
  std::string_view shard_of(std::string_view code) const;
  /// Every shard, the province's first, ascending.
  const std::vector<std::string_view>& shards() const { return shards_; }

 private:
  friend result<organisation> build_organisation(const v1::OrganisationConfig& config);

  static constexpr std::uint32_t npos = ~std::uint32_t{0};
  struct place {
    std::uint32_t parent;  ///< position of the parent in units_; npos for the province
    std::uint32_t end;     ///< one past the last unit of this subtree
  };

  organisation() = default;
  std::uint32_t position(std::string_view code) const;
  std::uint32_t active_union_above(std::uint32_t at) const;
  void place_subtree(const v1::OrganisationConfig& config,
                     const std::vector<std::vector<int>>& children_of, int unit,
                     std::uint32_t parent);

  std::vector<v1::Unit> units_;
  std::vector<place> places_;
  std::vector<v1::Alias> aliases_;
  std::unordered_map<std::string_view, std::uint32_t> index_;
  std::vector<std::string_view> shards_;
};

/// Everything wrong with the configured tree; empty when it can be built. Paths start at
/// OrganisationConfig ("units[17].parent").
std::vector<config_mistake> check_organisation(const v1::OrganisationConfig& config);

/// Fails with errc::misconfigured and every mistake check_organisation finds.
result<organisation> build_organisation(const v1::OrganisationConfig& config);

/// Province, city, county and zone: unions that decide, and whose names are names of places; not
/// their streets, offices, teams or partners.
bool is_union(v1::Unit::Level level);

/// Whether units of the two levels stand side by side: a development zone ranks with the counties.
bool same_rank(v1::Unit::Level a, v1::Unit::Level b);

/// [a-z0-9-]{1,32}
bool is_unit_code(std::string_view code);

}  // namespace hotline::domain
