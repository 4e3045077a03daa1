// The numbers of the trade, parsed once: limits by kind, grade and urgency, the ladder, categories.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/error.hpp"
#include "common/domain/config_mistake.hpp"
#include "common/domain/limit.hpp"
#include "hotline/v1/policy.pb.h"

namespace hotline::domain {

/// One rung of the ladder with its offset parsed.
struct ladder_rung {
  enum class offset { percent, before_due, after_due };
  v1::LadderRung rule;
  offset from;
  limit distance;  ///< for before_due and after_due
};

/// What the policy grants for a request to extend or suspend at one urgency.
using extension_rule = v1::ExtensionRule;
using suspension_rule = v1::SuspensionRule;

/// Immutable; every look-up is an array access or one hash.
class policies {
 public:
  policies(policies&&) noexcept = default;
  policies& operator=(policies&&) noexcept = default;
  policies(const policies&) = delete;  // the index points into config_

  /// 办理时限 of a kind and grade; nothing when the policy has none (then the kind needs no
  /// handling).
  std::optional<limit> handle_limit(v1::Kind kind, v1::Grade grade) const;
  /// 告知时限 of a kind (信访: receipt must be told); nothing for most kinds.
  std::optional<limit> notice_limit(v1::Kind kind) const;
  /// Limit of a step at an urgency; nothing: no clock. HANDLE: where it ends before the table's.
  std::optional<limit> step_limit(v1::ClockKind clock, v1::Urgency urgency) const;
  const extension_rule& extension(v1::Urgency urgency) const;
  /// The rule a law sets for a kind whose limit is statutory; nullptr for most kinds.
  const extension_rule* statutory_extension(v1::Kind kind) const;
  /// Within which a unit may return a ticket; nothing: at any time before the reply.
  std::optional<limit> return_limit(v1::Kind kind, v1::Urgency urgency) const;
  const suspension_rule& suspension(v1::Urgency urgency) const;
  /// The rungs of a clock, in the order of the enumeration.
  std::span<const ladder_rung> rungs(v1::ClockKind clock) const;
  /// A rung of a clock at an urgency; nullptr when the ladder has none there.
  const ladder_rung* rung(v1::ClockKind clock, v1::Rung rung, v1::Urgency urgency) const;
  /// nullptr for an unknown code.
  const v1::Category* category(std::string_view code) const;

  /// 签收 of tickets with priority, where it is shorter than that of their urgency.
  const std::optional<limit>& priority_sign_limit() const { return priority_sign_limit_; }
  const limit& total_cap() const { return total_cap_; }
  const limit& partner_margin() const { return partner_margin_; }
  const limit& nag_every() const { return nag_every_; }
  const limit& archive_after() const { return archive_after_; }
  const v1::Policies& config() const { return config_; }
  const v1::SlaPolicy& sla() const { return config_.sla(); }

 private:
  friend result<policies> build_policies(const v1::Policies& config);
  policies() = default;
  void index();

  static constexpr std::size_t kinds = 8;
  static constexpr std::size_t grades = 4;
  static constexpr std::size_t urgencies = 4;
  static constexpr std::size_t clocks = 20;

  v1::Policies config_;
  std::array<std::array<std::optional<limit>, grades>, kinds> handle_;
  std::array<std::optional<limit>, kinds> notice_;
  std::array<std::optional<limit>, kinds> return_;
  std::array<std::optional<extension_rule>, kinds> kind_extensions_;
  std::array<std::array<std::optional<limit>, urgencies>, clocks> steps_;
  std::array<extension_rule, urgencies> extensions_;
  std::array<suspension_rule, urgencies> suspensions_;
  std::array<std::vector<ladder_rung>, clocks> rungs_;
  std::unordered_map<std::string, const v1::Category*> categories_;
  std::optional<limit> priority_sign_limit_;
  limit total_cap_;
  limit partner_margin_;
  limit nag_every_;
  limit archive_after_;
};

/// Everything wrong with the policies; empty when they can be built. Paths start at Policies
/// ("sla.handle_limits[3].limit").
std::vector<config_mistake> check_policies(const v1::Policies& config);

/// Fails with errc::misconfigured and every mistake check_policies finds.
result<policies> build_policies(const v1::Policies& config);

}  // namespace hotline::domain
