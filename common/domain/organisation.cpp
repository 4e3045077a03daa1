#include "common/domain/organisation.hpp"

#include <algorithm>

#include "common/base/assert.hpp"

namespace hotline::domain {
namespace {

constexpr std::size_t shard_digits = 4;

}  // namespace

bool is_union(v1::Unit::Level level) {
  return level == v1::Unit::PROVINCE || level == v1::Unit::CITY || level == v1::Unit::COUNTY ||
         level == v1::Unit::ZONE;
}

bool same_rank(v1::Unit::Level a, v1::Unit::Level b) {
  const auto rank = [](v1::Unit::Level l) { return l == v1::Unit::ZONE ? v1::Unit::COUNTY : l; };
  return rank(a) == rank(b);
}

std::uint32_t organisation::position(std::string_view code) const {
  const auto found = index_.find(code);
  return found == index_.end() ? npos : found->second;
}

const v1::Unit* organisation::find(std::string_view code) const {
  const std::uint32_t at = position(code);
  return at == npos ? nullptr : &units_[at];
}

result<const v1::Unit*> organisation::require(std::string_view code) const {
  if (const v1::Unit* unit = find(code)) return unit;
  return fail(errc::not_found, "the organisation has no unit '" + std::string(code) + "'");
}

const v1::Unit& organisation::province() const { return units_.front(); }

v1::Unit::Level organisation::level(std::string_view code) const {
  const v1::Unit* unit = find(code);
  return unit ? unit->level() : v1::Unit::LEVEL_UNSPECIFIED;
}

std::string_view organisation::parent(std::string_view code) const {
  const v1::Unit* unit = find(code);
  return unit ? std::string_view(unit->parent()) : std::string_view();
}

std::vector<std::string_view> organisation::ancestors(std::string_view code) const {
  std::vector<std::string_view> above;
  const std::uint32_t at = position(code);
  if (at == npos) return above;
  for (std::uint32_t up = places_[at].parent; up != npos; up = places_[up].parent)
    above.push_back(units_[up].code());
  return above;
}

std::vector<std::string_view> organisation::children(std::string_view code) const {
  std::vector<std::string_view> below;
  const std::uint32_t at = position(code);
  if (at == npos) return below;
  for (std::uint32_t child = at + 1; child < places_[at].end; child = places_[child].end)
    below.push_back(units_[child].code());
  return below;
}

std::span<const v1::Unit> organisation::subtree(std::string_view root) const {
  const std::uint32_t at = position(root);
  if (at == npos) return {};
  return std::span(units_).subspan(at, places_[at].end - at);
}

bool organisation::is_in_subtree(std::string_view unit, std::string_view root) const {
  const std::uint32_t at = position(unit);
  const std::uint32_t top = position(root);
  if (at == npos || top == npos) return false;
  return top <= at && at < places_[top].end;
}

std::uint32_t organisation::active_union_above(std::uint32_t at) const {
  std::uint32_t up = places_[at].parent;
  while (up != npos && (units_[up].inactive() || !is_union(units_[up].level())))
    up = places_[up].parent;
  return up;
}

std::string_view organisation::superior_of(std::string_view unit) const {
  const std::uint32_t at = position(unit);
  if (at == npos) return {};
  const std::uint32_t up = active_union_above(at);
  return up == npos ? std::string_view() : std::string_view(units_[up].code());
}

std::string_view organisation::common_superior(std::string_view a, std::string_view b) const {
  const std::uint32_t at = position(a);
  const std::uint32_t other = position(b);
  if (at == npos || other == npos) return {};
  const auto strictly_above_other = [&](std::uint32_t up) {
    return up < other && other < places_[up].end;
  };
  std::uint32_t up = active_union_above(at);
  while (up != npos && !strictly_above_other(up)) up = active_union_above(up);
  return up == npos ? province_desk() : std::string_view(units_[up].code());
}

std::string_view organisation::nearest_active(std::string_view unit) const {
  const std::uint32_t at = position(unit);
  if (at == npos) return {};
  if (!units_[at].inactive()) return units_[at].code();
  return superior_of(unit);
}

std::string_view organisation::union_of(std::string_view unit) const {
  std::uint32_t at = position(unit);
  while (at != npos && !is_union(units_[at].level())) at = places_[at].parent;
  return at == npos ? std::string_view() : std::string_view(units_[at].code());
}

std::string_view organisation::desk_of(std::string_view unit) const {
  std::uint32_t at = position(unit);
  if (at == npos) return province_desk();
  while (!units_[at].desk() && places_[at].parent != npos) at = places_[at].parent;
  return units_[at].desk() ? std::string_view(units_[at].code()) : province_desk();
}

std::string_view organisation::shard_of(std::string_view code) const {
  std::uint32_t at = position(code);
  while (at != npos && units_[at].level() != v1::Unit::CITY) at = places_[at].parent;
  const v1::Unit& owner = at == npos ? province() : units_[at];
  return std::string_view(owner.code()).substr(0, shard_digits);
}

void organisation::place_subtree(const v1::OrganisationConfig& config,
                                 const std::vector<std::vector<int>>& children_of, int unit,
                                 std::uint32_t parent) {
  const auto at = static_cast<std::uint32_t>(units_.size());
  units_.push_back(config.units(unit));
  places_.push_back({.parent = parent, .end = 0});
  for (const int child : children_of[static_cast<std::size_t>(unit)])
    place_subtree(config, children_of, child, at);
  places_[at].end = static_cast<std::uint32_t>(units_.size());
}

result<organisation> build_organisation(const v1::OrganisationConfig& config) {
  if (const auto mistakes = check_organisation(config); !mistakes.empty())
    return fail(errc::misconfigured, join_mistakes(mistakes));

  std::unordered_map<std::string_view, int> by_code;
  for (int i = 0; i < config.units_size(); ++i) by_code.emplace(config.units(i).code(), i);
  std::vector<std::vector<int>> children_of(by_code.size());
  int root = -1;
  for (int i = 0; i < config.units_size(); ++i) {
    const v1::Unit& unit = config.units(i);
    if (unit.level() == v1::Unit::PROVINCE)
      root = i;
    else
      children_of[static_cast<std::size_t>(by_code.at(unit.parent()))].push_back(i);
  }

  organisation built;
  built.units_.reserve(by_code.size());
  built.places_.reserve(by_code.size());
  built.place_subtree(config, children_of, root, organisation::npos);
  HL_ASSERT(built.units_.size() == by_code.size(), "a checked tree reaches every unit");
  built.aliases_.assign(config.aliases().begin(), config.aliases().end());

  for (std::uint32_t at = 0; at < built.units_.size(); ++at) {
    const v1::Unit& unit = built.units_[at];
    built.index_.emplace(unit.code(), at);
    if (unit.level() == v1::Unit::PROVINCE || unit.level() == v1::Unit::CITY)
      built.shards_.push_back(std::string_view(unit.code()).substr(0, shard_digits));
  }
  std::sort(built.shards_.begin(), built.shards_.end());
  return built;
}

}  // namespace hotline::domain
