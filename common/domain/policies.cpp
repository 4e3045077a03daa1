#include "common/domain/policies.hpp"

#include <algorithm>
#include <ranges>

#include "common/base/assert.hpp"

namespace hotline::domain {
namespace {

limit parsed(std::string_view text, bool statutory = false) {
  auto l = parse_limit(text, statutory);
  HL_ASSERT(l.has_value(), "check_policies has accepted this limit");
  return *l;
}

std::optional<limit> parsed_or_none(const std::string& text, bool statutory = false) {
  if (text.empty()) return std::nullopt;
  return parsed(text, statutory);
}

template <class Enum>
std::size_t at(Enum value) {
  return static_cast<std::size_t>(value);
}

/// A first-level code is its own; "wages.arrears" belongs to "wages".
std::string_view parent_code(std::string_view code) { return code.substr(0, code.find('.')); }

}  // namespace

std::optional<limit> policies::handle_limit(v1::Kind kind, v1::Grade grade) const {
  if (at(kind) >= kinds || at(grade) >= grades) return std::nullopt;
  return handle_[at(kind)][at(grade)];
}

std::optional<limit> policies::notice_limit(v1::Kind kind) const {
  return at(kind) < kinds ? notice_[at(kind)] : std::nullopt;
}

std::optional<limit> policies::step_limit(v1::ClockKind clock, v1::Urgency urgency) const {
  if (at(clock) >= clocks || at(urgency) >= urgencies) return std::nullopt;
  return steps_[at(clock)][at(urgency)];
}

const extension_rule& policies::extension(v1::Urgency urgency) const {
  return extensions_[at(urgency) < urgencies ? at(urgency) : 0];
}

const extension_rule* policies::statutory_extension(v1::Kind kind) const {
  const bool set = at(kind) < kinds && kind_extensions_[at(kind)];
  return set ? &*kind_extensions_[at(kind)] : nullptr;
}

std::optional<limit> policies::return_limit(v1::Kind kind, v1::Urgency urgency) const {
  if (urgency == v1::URGENCY_NORMAL && at(kind) < kinds && return_[at(kind)]) {
    return return_[at(kind)];
  }
  return step_limit(v1::CLOCK_KIND_RETURN, urgency);
}

const suspension_rule& policies::suspension(v1::Urgency urgency) const {
  return suspensions_[at(urgency) < urgencies ? at(urgency) : 0];
}

std::span<const ladder_rung> policies::rungs(v1::ClockKind clock) const {
  return rungs_[at(clock) < clocks ? at(clock) : 0];
}

const ladder_rung* policies::rung(v1::ClockKind clock, v1::Rung rung, v1::Urgency urgency) const {
  for (const auto& r : rungs(clock)) {
    if (r.rule.rung() != rung) continue;
    const auto& only = r.rule.urgencies();
    if (only.empty() || std::ranges::find(only, urgency) != only.end()) return &r;
  }
  return nullptr;
}

const v1::Category* policies::category(std::string_view code) const {
  const auto found = categories_.find(std::string(code));
  return found == categories_.end() ? nullptr : found->second;
}

void policies::index() {
  const auto& sla = config_.sla();
  for (const auto& h : sla.handle_limits()) {
    for (std::size_t g = 0; g < grades; ++g) {
      if (h.grade() != v1::GRADE_UNSPECIFIED && at(h.grade()) != g) continue;
      handle_[at(h.kind())][g] = parsed(h.limit(), h.statutory());
    }
    if (!h.notice_limit().empty()) {
      notice_[at(h.kind())] = parsed(h.notice_limit(), h.statutory());
    }
    if (!h.return_limit().empty()) return_[at(h.kind())] = parsed(h.return_limit());
    if (h.has_extension()) kind_extensions_[at(h.kind())] = h.extension();
  }
  for (const auto& s : sla.step_limits()) {
    for (std::size_t u = 0; u < urgencies; ++u) {
      if (s.urgency() != v1::URGENCY_UNSPECIFIED && at(s.urgency()) != u) continue;
      steps_[at(s.clock())][u] = parsed_or_none(s.limit());
    }
  }
  for (const auto& e : sla.extensions()) extensions_[at(e.urgency())] = e;
  for (const auto& s : sla.suspensions()) suspensions_[at(s.urgency())] = s;
  for (const auto& rule : config_.ladder().rungs()) {
    ladder_rung r{rule, ladder_rung::offset::percent, {}};
    if (!rule.before_due().empty()) {
      r.from = ladder_rung::offset::before_due;
      r.distance = parsed(rule.before_due());
    } else if (!rule.after_due().empty()) {
      r.from = ladder_rung::offset::after_due;
      if (rule.after_due() != "0min") r.distance = parsed(rule.after_due());
    }
    for (const auto clock : rule.clocks()) rungs_[static_cast<std::size_t>(clock)].push_back(r);
  }
  for (auto& of_clock : rungs_) {
    std::ranges::sort(of_clock, {}, [](const ladder_rung& r) { return r.rule.rung(); });
  }
  for (const auto& c : config_.categories().categories()) categories_[c.code()] = &c;
  priority_sign_limit_ = parsed_or_none(sla.priority_sign_limit());
  total_cap_ = parsed(sla.total_cap());
  partner_margin_ = parsed(sla.partner_margin());
  nag_every_ = parsed(sla.nag_every());
  archive_after_ = parsed(sla.archive_after());
}

namespace {

class checker {
 public:
  explicit checker(const v1::Policies& config) : config_(config) {}

  std::vector<config_mistake> run() {
    check_limits();
    check_requests();
    check_ladder();
    check_categories();
    return std::move(mistakes_);
  }

 private:
  void wrong(std::string path, std::string reason) {
    mistakes_.push_back({std::move(path), std::move(reason)});
  }

  void need_limit(const std::string& path, const std::string& text, bool empty_allowed = false) {
    if (text.empty() && empty_allowed) return;
    if (auto l = parse_limit(text); !l) wrong(path, l.error().detail);
  }

  template <class Value>
  void need_value(const std::string& path, Value value, bool known) {
    if (value == Value{} || !known) wrong(path, "Name one of the values of the enumeration.");
  }

  void check_limits() {
    const auto& sla = config_.sla();
    for (int i = 0; i < sla.handle_limits_size(); ++i) {
      const auto& h = sla.handle_limits(i);
      const auto path = "sla.handle_limits[" + std::to_string(i) + "]";
      need_value(path + ".kind", h.kind(), v1::Kind_IsValid(h.kind()));
      need_limit(path + ".limit", h.limit());
      need_limit(path + ".notice_limit", h.notice_limit(), true);
      need_limit(path + ".return_limit", h.return_limit(), true);
      if (h.has_extension()) check_extension(path + ".extension", h.extension());
    }
    for (int kind = v1::KIND_CONSULT; kind <= v1::KIND_PETITION; ++kind) need_handle_limit(kind);
    for (int i = 0; i < sla.step_limits_size(); ++i) {
      const auto& s = sla.step_limits(i);
      const auto path = "sla.step_limits[" + std::to_string(i) + "]";
      need_value(path + ".clock", s.clock(), v1::ClockKind_IsValid(s.clock()));
      need_limit(path + ".limit", s.limit(), true);
    }
    need_steps();
    need_limit("sla.priority_sign_limit", sla.priority_sign_limit(), true);
    need_limit("sla.total_cap", sla.total_cap());
    need_limit("sla.partner_margin", sla.partner_margin());
    need_limit("sla.nag_every", sla.nag_every());
    need_limit("sla.archive_after", sla.archive_after());
    need_limit("sla.supervision_limit", sla.supervision_limit());
    need_limit("sla.co_opinion_limit", sla.co_opinion_limit());
    need_limit("sla.partner_answer_limit", sla.partner_answer_limit());
    if (sla.visit_tries_max() < 1) wrong("sla.visit_tries_max", "At least one try is needed.");
    if (sla.reworks_max() < 0) wrong("sla.reworks_max", "Not negative.");
  }

  /// A kind needs a limit at every grade.
  void need_handle_limit(int kind) {
    for (int grade = v1::GRADE_ORDINARY; grade <= v1::GRADE_COMPLEX; ++grade) {
      const bool covered =
          std::ranges::any_of(config_.sla().handle_limits(), [&](const v1::HandleLimit& h) {
            return h.kind() == kind && (h.grade() == grade || h.grade() == v1::GRADE_UNSPECIFIED);
          });
      if (!covered) {
        wrong("sla.handle_limits",
              "There is no handling limit for " + v1::Kind_Name(static_cast<v1::Kind>(kind)) +
                  " of " + v1::Grade_Name(static_cast<v1::Grade>(grade)) + "; add one.");
      }
    }
  }

  /// Without these an open ticket could be without a timer.
  void need_steps() {
    for (const auto clock : {v1::CLOCK_KIND_ACCEPT, v1::CLOCK_KIND_DISPATCH, v1::CLOCK_KIND_SIGN,
                             v1::CLOCK_KIND_REVIEW, v1::CLOCK_KIND_VISIT, v1::CLOCK_KIND_REWORK,
                             v1::CLOCK_KIND_RETURN_DECISION, v1::CLOCK_KIND_EXTENSION_DECISION}) {
      for (int u = v1::URGENCY_NORMAL; u <= v1::URGENCY_CRITICAL; ++u) {
        const bool covered =
            std::ranges::any_of(config_.sla().step_limits(), [&](const v1::StepLimit& s) {
              return s.clock() == clock && !s.limit().empty() &&
                     (s.urgency() == u || s.urgency() == v1::URGENCY_UNSPECIFIED);
            });
        if (!covered) {
          wrong("sla.step_limits", "There is no limit for " + v1::ClockKind_Name(clock) + " at " +
                                       v1::Urgency_Name(static_cast<v1::Urgency>(u)) +
                                       "; a ticket in that step would have no deadline.");
        }
      }
    }
  }

  void check_requests() {
    const auto& sla = config_.sla();
    for (int i = 0; i < sla.extensions_size(); ++i) {
      const auto& e = sla.extensions(i);
      const auto path = "sla.extensions[" + std::to_string(i) + "]";
      need_value(path + ".urgency", e.urgency(), v1::Urgency_IsValid(e.urgency()));
      check_extension(path, e);
    }
    for (int i = 0; i < sla.suspensions_size(); ++i) {
      const auto& s = sla.suspensions(i);
      const auto path = "sla.suspensions[" + std::to_string(i) + "]";
      need_value(path + ".urgency", s.urgency(), v1::Urgency_IsValid(s.urgency()));
      if (!s.allowed()) continue;
      if (s.single_days_max() < 1) wrong(path + ".single_days_max", "At least one day.");
      if (s.total_days_max() < s.single_days_max()) {
        wrong(path + ".total_days_max", "Not below single_days_max.");
      }
    }
  }

  void check_extension(const std::string& path, const v1::ExtensionRule& e) {
    if (e.count_max() < 0 || e.count_max() > 10) wrong(path + ".count_max", "0 to 10.");
    if (e.count_max() == 0) return;
    if (e.first_days_max() < 1) wrong(path + ".first_days_max", "At least one day.");
    if (e.total_days_max() < e.first_days_max()) {
      wrong(path + ".total_days_max", "Not below first_days_max.");
    }
    need_limit(path + ".ask_before_due", e.ask_before_due(), true);
  }

  void check_ladder() {
    for (int i = 0; i < config_.ladder().rungs_size(); ++i) {
      const auto& r = config_.ladder().rungs(i);
      const auto path = "ladder.rungs[" + std::to_string(i) + "]";
      need_value(path + ".rung", r.rung(), v1::Rung_IsValid(r.rung()));
      if (r.rung() == v1::RUNG_NAG) wrong(path + ".rung", "RUNG_NAG is set by sla.nag_every.");
      if (r.clocks().empty()) wrong(path + ".clocks", "Name at least one clock.");
      const int offsets = (r.percent_of_limit() != 0 ? 1 : 0) + (r.before_due().empty() ? 0 : 1) +
                          (r.after_due().empty() ? 0 : 1);
      if (offsets != 1) {
        wrong(path, "Give exactly one of percent_of_limit, before_due and after_due.");
        continue;
      }
      if (r.percent_of_limit() < 0 || r.percent_of_limit() > 99) {
        wrong(path + ".percent_of_limit", "1 to 99.");
      }
      need_limit(path + ".before_due", r.before_due(), true);
      if (r.after_due() != "0min") need_limit(path + ".after_due", r.after_due(), true);
      const bool is_due = r.rung() == v1::RUNG_DUE;
      if (is_due && r.after_due() != "0min") {
        wrong(path + ".after_due", "RUNG_DUE is at due: after_due must be \"0min\".");
      }
    }
  }

  void check_categories() {
    std::unordered_map<std::string, int> seen;
    const auto& list = config_.categories().categories();
    for (int i = 0; i < list.size(); ++i) {
      const auto& c = list.Get(i);
      const auto path = "categories.categories[" + std::to_string(i) + "]";
      if (c.code().empty()) wrong(path + ".code", "A category needs a code.");
      if (c.name().empty()) wrong(path + ".name", "A category needs a name.");
      if (!seen.emplace(c.code(), i).second) {
        wrong(path + ".code", "The code \"" + c.code() + "\" stands twice.");
      }
    }
    for (int i = 0; i < list.size(); ++i) {
      const auto& c = list.Get(i);
      const auto path = "categories.categories[" + std::to_string(i) + "].parent";
      if (c.parent().empty()) continue;
      if (!seen.contains(c.parent())) {
        wrong(path, "There is no category \"" + c.parent() + "\".");
      } else if (parent_code(c.code()) != c.parent()) {
        wrong(path, "The code of a second-level category starts with its parent's and a dot.");
      }
    }
    if (list.empty()) wrong("categories", "There are no categories; a ticket needs one.");
  }

  const v1::Policies& config_;
  std::vector<config_mistake> mistakes_;
};

}  // namespace

std::vector<config_mistake> check_policies(const v1::Policies& config) {
  return checker(config).run();
}

result<policies> build_policies(const v1::Policies& config) {
  if (auto mistakes = check_policies(config); !mistakes.empty()) {
    return fail(errc::misconfigured, join_mistakes(mistakes));
  }
  policies built;
  built.config_ = config;
  built.index();
  return built;
}

}  // namespace hotline::domain
