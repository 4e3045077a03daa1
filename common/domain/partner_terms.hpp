// What the rules know of the partners (对接方): whom the exchange reaches, and how long each has
// with what is transferred to it (转出时限).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/domain/config_mistake.hpp"
#include "common/domain/limit.hpp"
#include "hotline/v1/partner.pb.h"

namespace hotline::v1 {
class HotlineConfig;
}

namespace hotline::domain {

/// Of one partner. The limits hold for what is handed over by hand, too: they are its law, not its
/// link.
struct partner_terms {
  bool is_active = false;
  bool hears_creates = false;   ///< 派单: what is transferred to it reaches it
  bool hears_refusals = false;  ///< 退回: what it sent can go back to it
  std::optional<limit> answer;
  std::optional<limit> after_accept;
  std::optional<limit> after_sign;
  std::optional<limit> supplement;
};

/// Immutable.
class partner_terms_book {
 public:
  /// Of a unit; nullptr when no partner is configured for it. An active one counts before others.
  const partner_terms* of_unit(std::string_view unit) const;

 private:
  friend partner_terms_book build_partner_terms(const v1::HotlineConfig& config);

  std::unordered_map<std::string, partner_terms> by_unit_;
};

/// Paths start at HotlineConfig ("partners[1].transfer_limits.answer").
std::vector<config_mistake> check_partner_terms(const v1::HotlineConfig& config);

/// Of a configuration check_partner_terms finds nothing wrong with.
partner_terms_book build_partner_terms(const v1::HotlineConfig& config);

/// Whether the partner is told of such events.
bool is_told(const v1::Partner& partner, v1::PartnerEventKind kind);

}  // namespace hotline::domain
