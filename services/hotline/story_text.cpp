#include "services/hotline/story_text.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "common/base/clock.hpp"
#include "services/hotline/words.hpp"

namespace hotline::program {
namespace {

/// "办理 到期，应于 2026-11-23 17:00，晚 2分钟"
std::string told_of_rung(const v1::Event& event) {
  const auto& rung = event.rung();
  auto text = fmt::format("{}时限 {}，应于 {}", word(rung.clock()), word(rung.rung()),
                          civil_text(rung.scheduled_at()));
  const milliseconds late(event.at() - rung.scheduled_at());
  if (late >= std::chrono::seconds(1)) text += fmt::format("，晚 {}", span_text(late));
  if (rung.escalates()) text += "，升级";
  return text;
}

std::string decision_text(const v1::Request& request) {
  if (request.state() != v1::REQUEST_STATE_GRANTED) return "不同意";
  return fmt::format("同意 {} 天", request.days());
}

}  // namespace

std::string name_of(const domain::organisation& org, std::string_view code) {
  const auto* unit = org.find(code);
  if (!unit) return std::string(code);
  // The tree names divisions by their place; what acts there is its union.
  return domain::is_union(unit->level()) ? unit->name() + "总工会" : unit->name();
}

std::string who(const v1::Event& event) {
  const auto& actor = event.actor();
  if (actor.role() == v1::ROLE_SYSTEM) return fmt::format("系统 {}", actor.user());
  return fmt::format("{} {}", word(actor.role()), actor.user());
}

std::string told_of_change(const v1::Event& event, const domain::organisation& org) {
  const auto& change = event.change();
  std::string text;
  const auto add = [&](std::string part) {
    if (part.empty()) return;
    if (!text.empty()) text += "，";
    text += part;
  };
  if (event.has_rung()) add(told_of_rung(event));
  if (change.has_state()) add(fmt::format("→{}", word(change.state())));
  for (const auto& a : change.assignments()) {
    if (a.state() == v1::ASSIGNMENT_STATE_WAITING && a.dispatched_at() == event.at()) {
      add(fmt::format("{}{}", a.role() == v1::ASSIGNMENT_ROLE_CO ? "协办" : "主办",
                      name_of(org, a.unit())));
    }
    if (!a.advice().empty() && event.kind() == v1::EVENT_KIND_DISPATCHED) add(a.advice());
  }
  if (change.has_escalated_to() && !change.escalated_to().empty()) {
    add("升级到" + name_of(org, change.escalated_to()));
  }
  for (const auto& s : change.supervisions()) {
    if (s.state() == v1::SUPERVISION_STATE_OPEN) add("督办" + name_of(org, s.unit()));
  }
  if (event.kind() == v1::EVENT_KIND_TRANSFERRED) {
    for (const auto& t : change.transfers())
      add(fmt::format("转{}{}", name_of(org, t.partner()), t.by_hand() ? "（线下移交）" : ""));
  }
  if (event.kind() == v1::EVENT_KIND_PARTNER_STEP) {
    const auto& words = event.cause().record_partner_answer();
    add(value_text(v1::PartnerStep_Name(words.step())));
    add(words.answer());
  }
  for (const auto& r : change.requests()) {
    // Its words are those of the step.
    if (event.kind() != v1::EVENT_KIND_PARTNER_STEP) add(value_text(r.reason()));
    if (event.kind() == v1::EVENT_KIND_PARTNER_EXTENSION_DECIDED) add(decision_text(r));
  }
  if (change.has_reply()) add(change.reply().text());
  if (change.has_end_reason()) add(value_text(change.end_reason()));
  if (!event.told().empty()) add(fmt::format("快报 {}", fmt::join(event.told(), "、")));
  return text;
}

std::string due_of(const v1::Event& event) {
  std::int64_t due = 0;
  for (const auto& clock : event.change().clocks()) {
    if (clock.state() != v1::CLOCK_STATE_RUNNING || clock.due_at() == 0) continue;
    if (clock.started_at() != event.at() && event.has_rung()) continue;
    due = due == 0 ? clock.due_at() : std::min(due, clock.due_at());
  }
  return civil_text(due);
}

std::string story_line(const v1::Event& event, const v1::Ticket& ticket,
                       const domain::organisation& org) {
  const auto unit = event.has_rung() ? event.rung().unit() : event.actor().unit();
  const auto* region = org.find(ticket.intake().matter().region());
  const auto place = region ? region->name() : ticket.intake().matter().place();
  auto line = fmt::format("{}  {}  {} {}  【{}】{}", civil_text(event.at()), ticket.no(), place,
                          ticket.intake().caller().name(), word(event.kind()), name_of(org, unit));
  if (event.actor().role() != v1::ROLE_SYSTEM)
    line += fmt::format(" {}", word(event.actor().role()));
  if (const auto told = told_of_change(event, org); !told.empty()) line += "：" + told;
  if (const auto due = due_of(event); !due.empty()) line += "（时限 " + due + "）";
  return line;
}

}  // namespace hotline::program
