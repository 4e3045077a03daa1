#include "common/domain/partner_terms.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/assert.hpp"
#include "hotline/v1/config.pb.h"

namespace hotline::domain {
namespace {

struct limit_field {
  std::string_view name;
  const std::string& (v1::TransferLimits::*text)() const;
  std::optional<limit> partner_terms::* parsed;
};

constexpr std::array<limit_field, 4> limit_fields{{
    {"answer", &v1::TransferLimits::answer, &partner_terms::answer},
    {"after_accept", &v1::TransferLimits::after_accept, &partner_terms::after_accept},
    {"after_sign", &v1::TransferLimits::after_sign, &partner_terms::after_sign},
    {"supplement", &v1::TransferLimits::supplement, &partner_terms::supplement},
}};

partner_terms terms_of(const v1::Partner& config) {
  partner_terms terms;
  terms.is_active = !config.inactive();
  terms.hears_creates = is_told(config, v1::PARTNER_EVENT_KIND_CREATE);
  terms.hears_refusals = is_told(config, v1::PARTNER_EVENT_KIND_REFUSE);
  for (const auto& field : limit_fields) {
    const std::string& text = (config.transfer_limits().*field.text)();
    if (text.empty()) continue;
    const auto parsed = parse_limit(text);
    HL_ASSERT(parsed.has_value(), "check_partner_terms has accepted this limit");
    terms.*field.parsed = *parsed;
  }
  return terms;
}

}  // namespace

const partner_terms* partner_terms_book::of_unit(std::string_view unit) const {
  const auto found = by_unit_.find(std::string(unit));
  return found == by_unit_.end() ? nullptr : &found->second;
}

std::vector<config_mistake> check_partner_terms(const v1::HotlineConfig& config) {
  std::vector<config_mistake> mistakes;
  for (int i = 0; i < config.partners_size(); ++i) {
    const auto& limits = config.partners(i).transfer_limits();
    for (const auto& field : limit_fields) {
      const std::string& text = (limits.*field.text)();
      if (text.empty()) continue;
      if (const auto parsed = parse_limit(text); !parsed)
        mistakes.push_back(
            {"partners[" + std::to_string(i) + "].transfer_limits." + std::string(field.name),
             parsed.error().detail});
    }
  }
  return mistakes;
}

partner_terms_book build_partner_terms(const v1::HotlineConfig& config) {
  partner_terms_book book;
  for (const v1::Partner& one : config.partners()) {
    const auto [place, added] = book.by_unit_.try_emplace(one.unit(), terms_of(one));
    if (!added && !place->second.is_active) place->second = terms_of(one);
  }
  return book;
}

bool is_told(const v1::Partner& partner, v1::PartnerEventKind kind) {
  const auto& list = partner.outbound().events();
  return std::ranges::any_of(list, [&](const v1::EventWord& w) { return w.kind() == kind; });
}

}  // namespace hotline::domain
