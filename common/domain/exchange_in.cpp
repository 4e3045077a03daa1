#include "common/domain/exchange_in.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "common/domain/form.hpp"
#include "common/domain/limit.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/rejections.hpp"

namespace hotline::domain {
namespace {

using commands = std::vector<v1::Command>;
using answer = std::expected<commands, v1::Rejection>;

std::string_view word_of(v1::PartnerEventKind kind) {
  switch (kind) {
    case v1::PARTNER_EVENT_KIND_ACCEPT: return "对方已受理";
    case v1::PARTNER_EVENT_KIND_REFUSE: return "对方退回";
    case v1::PARTNER_EVENT_KIND_SIGN: return "对方已签收";
    case v1::PARTNER_EVENT_KIND_PROGRESS: return "对方告知进展";
    case v1::PARTNER_EVENT_KIND_EXTEND_REQ: return "对方申请延期";
    case v1::PARTNER_EVENT_KIND_EXTEND_RESP: return "对方答复延期";
    case v1::PARTNER_EVENT_KIND_URGE: return "对方催办";
    case v1::PARTNER_EVENT_KIND_SUPERVISE: return "对方督办";
    case v1::PARTNER_EVENT_KIND_SUPPLEMENT: return "对方补充";
    case v1::PARTNER_EVENT_KIND_FINISH: return "对方已办结";
    case v1::PARTNER_EVENT_KIND_VISIT_RESULT: return "对方告知回访结果";
    case v1::PARTNER_EVENT_KIND_REWORK: return "对方要求重办";
    case v1::PARTNER_EVENT_KIND_WITHDRAW: return "对方撤单";
    case v1::PARTNER_EVENT_KIND_ATTACH: return "对方补充附件";
    case v1::PARTNER_EVENT_KIND_SUPPLEMENT_REQ: return "对方要求补充材料";
    default: return "对方来件";
  }
}

std::unexpected<v1::Rejection> no(v1::RejectCode code, std::string_view rule,
                                  std::string_view field = {}) {
  return std::unexpected(reject(code, rule, field));
}

bool is_waiting_for_the_first_time(v1::State state) {
  return state == v1::STATE_DRAFT || state == v1::STATE_ACCEPTED || state == v1::STATE_DISPATCHED;
}

bool has_result(v1::State state) {
  return state == v1::STATE_REVIEWED || state == v1::STATE_CLOSED;
}

bool has_ended(v1::State state) {
  return state >= v1::STATE_CLOSED && state != v1::STATE_TRANSFERRED;
}

bool was_transferred_to(const v1::Ticket& ticket, std::string_view unit) {
  return std::ranges::find(ticket.transfers(), unit, &v1::Transfer::partner) !=
         ticket.transfers().end();
}

/// Collects the commands of one event.
class order {
 public:
  order(const v1::FeedItem& item, const v1::Partner& partner, const province& land, instant now)
      : event_(item.event()),
        received_at_(from_unix_ms(item.received_at())),
        partner_(partner),
        land_(land),
        now_(now) {}

  answer create() {
    auto& order = *add().mutable_create();
    v1::Intake& intake = *order.mutable_intake();
    intake = event_.intake();
    if (intake.source() == v1::SOURCE_UNSPECIFIED) intake.set_source(partner_.source());
    intake.set_external_no(event_.external_no());
    intake.set_external_partner(partner_.unit());
    if (intake.partner_due_at() == 0) intake.set_partner_due_at(event_.due_at());
    if (intake.matter().content().empty()) intake.mutable_matter()->set_content(event_.text());
    intake.set_partner_return_until_at(return_until());
    intake.mutable_attachments()->MergeFrom(event_.attachments());
    // An operator completes it with the caller; the partner's item is not lost meanwhile.
    order.set_draft(check_complete(intake).has_value());
    return std::move(commands_);
  }

  /// About a ticket that this partner has sent.
  answer from_origin(const v1::Ticket& ticket) {
    const v1::State state = ticket.state();
    switch (event_.kind()) {
      case v1::PARTNER_EVENT_KIND_URGE:
        if (has_ended(state)) break;
        add().mutable_urge()->set_text(words());
        break;
      case v1::PARTNER_EVENT_KIND_SUPERVISE: supervise(); break;
      case v1::PARTNER_EVENT_KIND_SUPPLEMENT: supplement(state); break;
      case v1::PARTNER_EVENT_KIND_ATTACH: attach(); break;
      case v1::PARTNER_EVENT_KIND_REWORK: rework(state); break;
      case v1::PARTNER_EVENT_KIND_VISIT_RESULT:
        if (!has_result(state)) return annotated(state);
        *add().mutable_record_visit()->mutable_visit() = event_.visit();
        break;
      case v1::PARTNER_EVENT_KIND_WITHDRAW:
        if (has_ended(state)) break;
        add().mutable_withdraw()->set_evidence(words());
        break;
      case v1::PARTNER_EVENT_KIND_EXTEND_RESP: return extension_answered(state);
      case v1::PARTNER_EVENT_KIND_REFUSE:
      case v1::PARTNER_EVENT_KIND_EXTEND_REQ:
        return no(v1::REJECT_CODE_STATE_NOT_ALLOWED, "exchange.not-transferred", "kind");
      default: return annotated(state);
    }
    return std::move(commands_);
  }

  /// About a ticket that this partner is handling for us.
  answer from_handler(const v1::Ticket& ticket, const v1::Transfer& ours) {
    const bool accepted = ours.accepted_at() != 0 || ours.signed_at() != 0;
    switch (event_.kind()) {
      // A step again, or one before it, is no more than words.
      case v1::PARTNER_EVENT_KIND_ACCEPT: step(v1::PARTNER_STEP_ACCEPTED, !accepted); break;
      case v1::PARTNER_EVENT_KIND_SIGN: step(v1::PARTNER_STEP_SIGNED, ours.signed_at() == 0); break;
      case v1::PARTNER_EVENT_KIND_SUPPLEMENT_REQ:
        attach();
        step(v1::PARTNER_STEP_SUPPLEMENT_ASKED, !awaits_supplement(ticket));
        break;
      case v1::PARTNER_EVENT_KIND_REFUSE:
      // The partner stops; whether the matter itself is over is for our dispatcher to find out.
      case v1::PARTNER_EVENT_KIND_WITHDRAW: {
        auto& told = *add().mutable_record_partner_answer();
        told.set_refused(true);
        told.set_answer(words());
        break;
      }
      case v1::PARTNER_EVENT_KIND_FINISH: {
        attach();
        auto& told = *add().mutable_record_partner_answer();
        told.set_answer(event_.text().empty() && !event_.reply().text().empty()
                            ? event_.reply().text()
                            : words());
        *told.mutable_result() = event_.reply();
        break;
      }
      case v1::PARTNER_EVENT_KIND_ATTACH: attach(); break;
      case v1::PARTNER_EVENT_KIND_SUPERVISE:
      case v1::PARTNER_EVENT_KIND_REWORK:
      case v1::PARTNER_EVENT_KIND_EXTEND_RESP:
        return no(v1::REJECT_CODE_STATE_NOT_ALLOWED, "exchange.handler-reports", "kind");
      default: annotate(); break;
    }
    return std::move(commands_);
  }

 private:
  v1::Command& add() {
    v1::Command& command = commands_.emplace_back();
    command.mutable_actor()->set_user(partner_.name());
    command.mutable_actor()->set_unit(partner_.unit());
    command.mutable_actor()->set_role(v1::ROLE_PARTNER);
    return command;
  }

  std::int64_t return_until() const {
    if (partner_.return_limit().empty()) return 0;
    const auto within = parse_limit(partner_.return_limit());
    if (!within) return 0;  // no configuration that was checked has such a limit
    return to_unix_ms(due_at(received_at_, *within, land_.calendar_of(partner_.unit())));
  }

  /// What the partner says, or what it has done where it says nothing; with its reason code.
  std::string words() const {
    std::string text = event_.text().empty() ? std::string(word_of(event_.kind())) : event_.text();
    if (!event_.reason_code().empty()) text += "（" + event_.reason_code() + "）";
    return text;
  }

  void step(v1::PartnerStep reached, bool is_new) {
    if (!is_new) return annotate();
    auto& told = *add().mutable_record_partner_answer();
    told.set_step(reached);
    told.set_answer(report());
  }

  void annotate() { add().mutable_annotate()->set_text(report()); }

  /// What the partner has done, who, and in what words.
  std::string report() const {
    std::string text(word_of(event_.kind()));
    if (!event_.handler_name().empty()) text += "，" + event_.handler_name();
    if (event_.days() > 0) text += "，" + std::to_string(event_.days()) + " 个工作日";
    if (!event_.text().empty()) text += "：" + event_.text();
    if (!event_.reason_code().empty()) text += "（" + event_.reason_code() + "）";
    return text;
  }

  /// An archived ticket takes no more words: too late.
  answer annotated(v1::State state) {
    if (state != v1::STATE_ARCHIVED) annotate();
    return std::move(commands_);
  }

  void attach() {
    for (const v1::Attachment& one : event_.attachments()) {
      auto& order = *add().mutable_add_attachment();
      *order.mutable_attachment() = one;
      order.set_remark(event_.text());
    }
  }

  void supervise() {
    auto& order = *add().mutable_supervise();
    order.set_order_no(event_.order_no());
    order.set_text(words());
    if (event_.due_at() == 0) return;
    // Limits are at least a minute; one that is past already is due at once.
    const auto left =
        std::chrono::duration_cast<std::chrono::minutes>(from_unix_ms(event_.due_at()) - now_);
    const auto minutes = std::clamp<std::int64_t>(left.count(), 1, limit_amount_max);
    order.set_limit(std::to_string(minutes) + "min");
  }

  void supplement(v1::State state) {
    v1::Intake given = event_.intake();
    // Where it came from and until when is not the caller's to supplement.
    given.clear_source();
    given.clear_external_no();
    given.clear_external_partner();
    given.clear_partner_due_at();
    given.clear_partner_return_until_at();
    const bool handled = is_waiting_for_the_first_time(state) || state == v1::STATE_HANDLING ||
                         state == v1::STATE_REWORK || state == v1::STATE_SUSPENDED ||
                         state == v1::STATE_TRANSFERRED;
    if (given.ByteSizeLong() > 0 && handled) {
      auto& order = *add().mutable_supplement();
      *order.mutable_intake() = std::move(given);
      order.set_reason(words());
    } else if (state != v1::STATE_ARCHIVED) {
      annotate();
    }
    attach();
  }

  void rework(v1::State state) {
    if (!has_result(state)) {
      // Nothing to send back: it is being handled, or has ended otherwise. The words are kept.
      if (state != v1::STATE_ARCHIVED) annotate();
      return;
    }
    add().mutable_rework()->set_reason(words());
    if (event_.due_at() != 0) set_due();
  }

  void set_due() {
    auto& order = *add().mutable_set_partner_due();
    order.set_partner_due_at(event_.due_at());
    order.set_reason(words());
  }

  answer extension_answered(v1::State state) {
    if (!event_.granted()) return annotated(state);
    if (event_.due_at() == 0)
      return no(v1::REJECT_CODE_FIELD_REQUIRED, "exchange.extension-until", "due_at");
    if (!has_ended(state)) set_due();
    return std::move(commands_);
  }

  const v1::PartnerEvent& event_;
  instant received_at_;
  const v1::Partner& partner_;
  const province& land_;
  instant now_;
  commands commands_;
};

}  // namespace

answer commands_of(const v1::FeedItem& item, const v1::Partner& partner, const v1::Ticket* ticket,
                   const province& land, instant now) {
  const v1::PartnerEvent& event = item.event();
  order ordered(item, partner, land, now);
  const bool creates = event.kind() == v1::PARTNER_EVENT_KIND_CREATE;
  if (ticket == nullptr) {
    if (creates) return ordered.create();
    return no(v1::REJECT_CODE_TICKET_UNKNOWN, "exchange.no-ticket", "external_no");
  }
  const bool sent_by_them = ticket->intake().external_partner() == partner.unit();
  if (creates) {
    if (sent_by_them && ticket->intake().external_no() == event.external_no()) return commands{};
    return no(v1::REJECT_CODE_TICKET_EXISTS, "exchange.another-ticket", "external_no");
  }
  const v1::Transfer* transfer = open_transfer(*ticket);
  if (transfer && transfer->partner() == partner.unit())
    return ordered.from_handler(*ticket, *transfer);
  if (sent_by_them) return ordered.from_origin(*ticket);
  if (was_transferred_to(*ticket, partner.unit())) return commands{};  // answered before: too late
  return no(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "exchange.no-part", "external_no");
}

}  // namespace hotline::domain
