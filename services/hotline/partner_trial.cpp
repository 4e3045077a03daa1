#include "services/hotline/partner_trial.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/domain/decide.hpp"
#include "common/domain/exchange_in.hpp"
#include "common/domain/form.hpp"
#include "common/domain/ticket_no.hpp"
#include "common/exchange/our_field.hpp"
#include "services/transfer/attachment_fetcher.hpp"

namespace hotline::program {
namespace {

constexpr const char* any_number = "3700-20260101-00001";

/// An element of acceptance (受理要素), and something to put where it is missing.
struct element {
  std::string_view field;
  std::string_view name;
  const char* filler;
};
constexpr std::array<element, 6> elements{{
    {"intake.source", "来源", "SOURCE_OTHER"},
    {"intake.matter.kind", "诉求类型", "KIND_HELP"},
    {"intake.matter.category", "诉求类别", "x"},
    {"intake.matter.content", "诉求内容", "x"},
    {"intake.caller.phone", "联系方式", "x"},
    {"intake.matter.region", "事发地", "x"},
}};

std::string text_of(const v1::Rejection& no) {
  const auto& field = no.field();
  return fmt::format("{}（{}{}{}）", no.text(), no.rule(), field.empty() ? "" : "，", field);
}

/// Everything that is missing, "诉求类别、事发地".
std::string missing_from(const v1::Intake& intake) {
  v1::PartnerEvent scratch;
  *scratch.mutable_intake() = intake;
  std::string names;
  for (std::size_t tries = 0; tries < elements.size(); ++tries) {
    const auto no = domain::check_complete(scratch.intake());
    if (!no) break;
    const auto known = std::ranges::find(elements, no->field(), &element::field);
    if (!names.empty()) names += "、";
    if (known == elements.end()) return names + no->field();
    names += known->name;
    const auto path = exchange::resolve_ours(known->field);
    if (!path || !exchange::set_ours(scratch, *path, 0, known->filler, {})) break;
  }
  return names;
}

bool is_of_handler(v1::PartnerEventKind kind) {
  switch (kind) {
    case v1::PARTNER_EVENT_KIND_ACCEPT:
    case v1::PARTNER_EVENT_KIND_REFUSE:
    case v1::PARTNER_EVENT_KIND_SIGN:
    case v1::PARTNER_EVENT_KIND_PROGRESS:
    case v1::PARTNER_EVENT_KIND_EXTEND_REQ:
    case v1::PARTNER_EVENT_KIND_SUPPLEMENT_REQ:
    case v1::PARTNER_EVENT_KIND_FINISH: return true;
    default: return false;
  }
}

/// A ticket the event may be about: one that this partner has sent, or handles for us.
v1::Ticket fitting_ticket(const v1::PartnerEvent& event, const v1::Partner& from, instant now) {
  v1::Ticket ticket;
  ticket.set_no(domain::is_ticket_no(event.ticket_no()) ? event.ticket_no() : any_number);
  if (is_of_handler(event.kind())) {
    ticket.set_state(v1::STATE_TRANSFERRED);
    auto& transfer = *ticket.add_transfers();
    transfer.set_id(1);
    transfer.set_partner(from.unit());
    transfer.set_sent_at(to_unix_ms(now));
    return ticket;
  }
  const bool about_result = event.kind() == v1::PARTNER_EVENT_KIND_VISIT_RESULT ||
                            event.kind() == v1::PARTNER_EVENT_KIND_REWORK;
  ticket.set_state(about_result ? v1::STATE_REVIEWED : v1::STATE_HANDLING);
  ticket.mutable_intake()->set_external_partner(from.unit());
  ticket.mutable_intake()->set_external_no(event.external_no());
  return ticket;
}

}  // namespace

trial try_event(const v1::PartnerEvent& event, const v1::Partner& from,
                const domain::province& land, instant now) {
  v1::FeedItem item;
  *item.mutable_event() = event;
  item.set_received_at(to_unix_ms(now));
  // As the feed does it: files are fetched by themselves.
  transfer::take_out_files(*item.mutable_event(), any_number);
  const bool creates = event.kind() == v1::PARTNER_EVENT_KIND_CREATE;
  const v1::Ticket ticket = fitting_ticket(event, from, now);
  auto asked = domain::commands_of(item, from, creates ? nullptr : &ticket, {}, land, now);
  if (asked.review) return {trial::outcome::review, text_of(*asked.review)};
  bool draft = false;
  std::string missing;
  for (auto& command : asked.commands) {
    command.set_ticket_no(any_number);
    if (const auto no = domain::check_form(command)) return {trial::outcome::review, text_of(*no)};
    if (!creates) continue;
    const auto made = domain::decide(nullptr, command, land, now);
    if (!made) return {trial::outcome::review, text_of(made.error())};
    draft = made->ticket.state() == v1::STATE_DRAFT;
    missing = missing_from(command.create().intake());
  }
  if (!creates) return {trial::outcome::applies, {}};
  if (draft) return {trial::outcome::draft, missing};
  return {trial::outcome::accepted, {}};
}

}  // namespace hotline::program
