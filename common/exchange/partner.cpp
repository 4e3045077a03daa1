#include "common/exchange/partner.hpp"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "common/exchange/compile.hpp"

namespace hotline::exchange {
namespace {

/// What they are told refers to files, and no file of ours can get there.
bool files_stay_here(const v1::Partner& one) {
  const auto names_file = [](const v1::FieldMapping& field) {
    return field.ours().starts_with("attachments[");
  };
  const auto& rules = one.attachments();
  const bool uploads = !rules.upload_url().empty() && one.outbound().has_url();
  return std::ranges::any_of(one.outbound().fields(), names_file) && !uploads &&
         rules.serve_url().empty();
}

}  // namespace

std::expected<partner, std::vector<domain::config_mistake>> partner::compile(
    const v1::Partner& config, const domain::province& land) {
  auto made = compile_partner(config, land.org, land.policy.config(), &land.regions);
  if (!made.mistakes.empty()) return std::unexpected(std::move(made.mistakes));
  return partner(std::move(made.mapping));
}

const v1::Partner& partner::config() const { return mapping_->config; }

const partner* partner_book::find(std::string_view name) const {
  const auto found = std::ranges::find(partners_, name, &partner::name);
  return found == partners_.end() ? nullptr : &*found;
}

const partner* partner_book::of_unit(std::string_view unit) const {
  const auto found = std::ranges::find(partners_, unit, &partner::unit);
  return found == partners_.end() ? nullptr : &*found;
}

std::vector<domain::config_mistake> check_partners(const v1::HotlineConfig& config,
                                                   const domain::organisation& units,
                                                   const v1::Policies& rules) {
  std::vector<domain::config_mistake> mistakes;
  std::map<std::string, int> names;
  std::map<std::string, int> of_units;
  for (int i = 0; i < config.partners_size(); ++i) {
    const v1::Partner& one = config.partners(i);
    const std::string at = fmt::format("partners[{}]", i);
    for (auto& m : compile_partner(one, units, rules, nullptr).mistakes)
      mistakes.push_back({m.path.empty() ? at : at + "." + m.path, std::move(m.reason)});
    if (!names.try_emplace(one.name(), i).second)
      mistakes.push_back({at + ".name", fmt::format("there are two partners '{}'", one.name())});
    if (!one.inactive() && !of_units.try_emplace(one.unit(), i).second)
      mistakes.push_back(
          {at + ".unit", fmt::format("another active partner has the unit '{}'", one.unit())});
  }
  return mistakes;
}

std::vector<std::string> partner_warnings(const v1::HotlineConfig& config) {
  std::vector<std::string> warnings;
  for (const v1::Partner& one : config.partners()) {
    const bool weak = one.inbound().signature().scheme() == v1::SIGNATURE_SCHEME_LEGACY_SHA1 ||
                      one.outbound().signature().scheme() == v1::SIGNATURE_SCHEME_LEGACY_SHA1;
    if (weak && !one.inactive())
      warnings.push_back(fmt::format(
          "partner {} uses the legacy signature, which does not cover the message", one.name()));
    if (files_stay_here(one) && !one.inactive())
      warnings.push_back(
          fmt::format("partner {} is told of files and gets none: set "
                      "attachments.upload_url or attachments.serve_url",
                      one.name()));
  }
  return warnings;
}

result<partner_book> build_partner_book(const v1::HotlineConfig& config,
                                        const domain::province& land) {
  const auto mistakes = check_partners(config, land.org, land.policy.config());
  if (!mistakes.empty()) return fail(errc::misconfigured, domain::join_mistakes(mistakes));
  std::vector<partner> partners;
  for (const v1::Partner& one : config.partners())
    if (!one.inactive()) partners.push_back(*partner::compile(one, land));
  return partner_book(std::move(partners));
}

}  // namespace hotline::exchange
