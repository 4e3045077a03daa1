// The rules of a well-formed organisation: codes, levels, parents, names.
#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include <fmt/core.h>

#include "common/domain/organisation.hpp"

namespace hotline::domain {
namespace {

using levels = std::vector<v1::Unit::Level>;

constexpr std::size_t code_length_max = 32;
constexpr std::size_t division_digits = 6;
constexpr std::size_t city_digits = 4;
constexpr std::string_view partner_prefix = "p-";

/// What may stand directly above a unit of this level. The rows only ever point to larger bodies,
/// so a tree that keeps them has no cycle.
const levels& allowed_parents(v1::Unit::Level level) {
  using u = v1::Unit;
  static const levels none, top = {u::PROVINCE}, city = {u::CITY}, local = {u::COUNTY, u::ZONE},
                            point = {u::STREET, u::COUNTY, u::ZONE, u::CITY},
                            any_union = {u::PROVINCE, u::CITY, u::COUNTY, u::ZONE};
  switch (level) {
    case u::CITY: return top;
    case u::COUNTY:
    case u::ZONE: return city;
    case u::STREET: return local;
    case u::POINT: return point;
    case u::DEPARTMENT:
    case u::TEAM:
    case u::PARTNER: return any_union;
    default: return none;
  }
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class checker {
 public:
  explicit checker(const v1::OrganisationConfig& config) : config_(config) {}

  std::vector<config_mistake> run() {
    index_codes();
    for (int i = 0; i < config_.units_size(); ++i) check_unit(i);
    check_root();
    for (int i = 0; i < config_.aliases_size(); ++i) check_alias(i);
    return std::move(mistakes_);
  }

 private:
  void report(int unit, std::string_view field, std::string reason) {
    mistakes_.push_back({fmt::format("units[{}].{}", unit, field), std::move(reason)});
  }

  void index_codes() {
    for (int i = 0; i < config_.units_size(); ++i) {
      const std::string& code = config_.units(i).code();
      if (!is_unit_code(code)) {
        report(i, "code",
               fmt::format("'{}' is not a unit code: use 1 to {} of a-z, 0-9 and '-'", code,
                           code_length_max));
      } else if (!by_code_.emplace(code, i).second) {
        report(i, "code", fmt::format("unit {} is defined twice", code));
      }
    }
  }

  void check_unit(int i) {
    const v1::Unit& unit = config_.units(i);
    if (unit.name().empty()) report(i, "name", fmt::format("unit {} has no name", unit.code()));
    if (unit.level() == v1::Unit::LEVEL_UNSPECIFIED || !v1::Unit::Level_IsValid(unit.level())) {
      report(i, "level", fmt::format("unit {} has no level", unit.code()));
      return;
    }
    check_parent(i);
    check_code_form(i);
  }

  void check_parent(int i) {
    const v1::Unit& unit = config_.units(i);
    if (unit.level() == v1::Unit::PROVINCE) {
      if (!unit.parent().empty())
        report(i, "parent", fmt::format("the province {} cannot have a parent", unit.code()));
      return;
    }
    if (unit.parent().empty()) {
      report(i, "parent", fmt::format("unit {} has no parent", unit.code()));
      return;
    }
    const auto found = by_code_.find(unit.parent());
    if (found == by_code_.end()) {
      report(i, "parent",
             fmt::format("the parent {} of unit {} does not exist", unit.parent(), unit.code()));
      return;
    }
    const v1::Unit::Level above = config_.units(found->second).level();
    const levels& allowed = allowed_parents(unit.level());
    if (std::find(allowed.begin(), allowed.end(), above) == allowed.end())
      report(i, "parent",
             fmt::format("unit {} is a {} and cannot stand below {}, a {}", unit.code(),
                         v1::Unit::Level_Name(unit.level()), unit.parent(),
                         v1::Unit::Level_Name(above)));
  }

  /// A code shows where a unit belongs; keys, ticket numbers and people rely on that.
  void check_code_form(int i) {
    const v1::Unit& unit = config_.units(i);
    const std::string_view code = unit.code();
    if (unit.level() == v1::Unit::PARTNER) {
      if (!code.starts_with(partner_prefix))
        report(i, "code",
               fmt::format("the code of partner {} must start with '{}'", code, partner_prefix));
    } else if (is_union(unit.level())) {
      check_division_code(i);
    } else if (!unit.parent().empty() && !code.starts_with(unit.parent() + "-")) {
      report(i, "code",
             fmt::format("the code of unit {} must start with its parent's, '{}-'", code,
                         unit.parent()));
    }
  }

  void check_division_code(int i) {
    const v1::Unit& unit = config_.units(i);
    const std::string_view code = unit.code();
    if (code.size() != division_digits || !all_digits(code)) {
      report(i, "code",
             fmt::format("the code of division {} must be the six digits of GB/T 2260", code));
      return;
    }
    const bool below_city = unit.level() == v1::Unit::COUNTY || unit.level() == v1::Unit::ZONE;
    const bool is_city = unit.level() == v1::Unit::CITY;
    const std::size_t shared = below_city ? city_digits : is_city ? city_digits / 2 : 0;
    if (!std::string_view(unit.parent()).starts_with(code.substr(0, shared)))
      report(i, "code",
             fmt::format("division {} cannot belong to {}: the first {} digits differ", code,
                         unit.parent(), shared));
    // Cities and the province are the shards, by their first four digits: "00" must follow.
    if (!below_city && code.substr(city_digits) != "00")
      report(i, "code", fmt::format("the code of {} must end in 00", code));
  }

  void check_root() {
    int root = -1;
    for (int i = 0; i < config_.units_size(); ++i) {
      if (config_.units(i).level() != v1::Unit::PROVINCE) continue;
      if (root >= 0)
        report(i, "level",
               fmt::format("{} is a second province besides {}", config_.units(i).code(),
                           config_.units(root).code()));
      else
        root = i;
    }
    if (root < 0) {
      mistakes_.push_back({"units", "there is no province; one unit needs level PROVINCE"});
    } else if (config_.units(root).inactive()) {
      report(root, "inactive", "the province is the last resort and cannot be inactive");
    } else if (!config_.units(root).desk()) {
      report(root, "desk", "the province must be a desk: what nobody else can take waits there");
    }
  }

  void check_alias(int i) {
    const v1::Alias& alias = config_.aliases(i);
    const auto complain = [&](std::string_view field, std::string reason) {
      mistakes_.push_back({fmt::format("aliases[{}].{}", i, field), std::move(reason)});
    };
    if (alias.text().empty()) complain("text", "an alias without text");
    const auto unit = by_code_.find(alias.code());
    if (unit == by_code_.end()) {
      complain("code",
               fmt::format("alias {} names the unknown unit '{}'", alias.text(), alias.code()));
    } else if (!is_union(config_.units(unit->second).level())) {
      complain("code",
               fmt::format("alias {} names {}, which is not a place", alias.text(), alias.code()));
    }
    const auto [first, fresh] = by_alias_.emplace(alias.text(), alias.code());
    if (!fresh && first->second == alias.code())
      complain("text", fmt::format("alias {} is given twice", alias.text()));
    else if (!fresh)
      complain("text", fmt::format("alias {} means both {} and {}", alias.text(), first->second,
                                   alias.code()));
  }

  const v1::OrganisationConfig& config_;
  std::unordered_map<std::string_view, int> by_code_;
  std::unordered_map<std::string_view, std::string_view> by_alias_;
  std::vector<config_mistake> mistakes_;
};

}  // namespace

bool is_unit_code(std::string_view code) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !code.empty() && code.size() <= code_length_max &&
         std::all_of(code.begin(), code.end(), allowed);
}

std::vector<config_mistake> check_organisation(const v1::OrganisationConfig& config) {
  return checker(config).run();
}

}  // namespace hotline::domain
