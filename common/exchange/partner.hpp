// The configuration of one partner (对接方), checked and ready to translate messages: paths parsed,
// our fields resolved, code tables indexed.
#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.hpp"
#include "common/domain/config_mistake.hpp"
#include "common/domain/province.hpp"
#include "hotline/v1/config.pb.h"
#include "hotline/v1/partner.pb.h"

namespace hotline::exchange {

/// What reading and writing work on; defined in mapping.hpp.
struct partner_mapping;

/// Immutable and cheap to copy: copies share what was compiled. Recognises places with the province
/// it was compiled against, which must outlive it.
class partner {
 public:
  /// Fails with everything wrong; paths start at Partner ("inbound.fields[3].ours").
  static std::expected<partner, std::vector<domain::config_mistake>> compile(
      const v1::Partner& config, const domain::province& land);

  const v1::Partner& config() const;
  std::string_view name() const { return config().name(); }
  std::string_view unit() const { return config().unit(); }
  const partner_mapping& mapping() const { return *mapping_; }

 private:
  explicit partner(std::shared_ptr<const partner_mapping> mapping) : mapping_(std::move(mapping)) {}

  std::shared_ptr<const partner_mapping> mapping_;
};

/// Every partner messages are exchanged with: those that are not `inactive`.
class partner_book {
 public:
  partner_book() = default;
  explicit partner_book(std::vector<partner> partners) : partners_(std::move(partners)) {}

  /// nullptr for a name or unit without an active partner.
  const partner* find(std::string_view name) const;
  const partner* of_unit(std::string_view unit) const;
  std::span<const partner> all() const { return partners_; }

 private:
  std::vector<partner> partners_;
};

/// Everything wrong with the partners of a configuration, inactive ones included. Paths start at
/// HotlineConfig ("partners[1].inbound.fields[3].ours"). `units` and `rules` are of the same
/// configuration.
std::vector<domain::config_mistake> check_partners(const v1::HotlineConfig& config,
                                                   const domain::organisation& units,
                                                   const v1::Policies& rules);

/// What an operator should know at each start though it is no mistake: weak signatures in use.
std::vector<std::string> partner_warnings(const v1::HotlineConfig& config);

/// What a partner and we could not tell each other, for who writes its configuration (gaps.cpp):
/// states and events that are there on one side of the exchange and never told on the other.
/// English sentences; none for a partner that is complete.
std::vector<std::string> partner_gaps(const v1::Partner& config);

/// Fails with errc::misconfigured and every mistake.
result<partner_book> build_partner_book(const v1::HotlineConfig& config,
                                        const domain::province& land);

}  // namespace hotline::exchange
