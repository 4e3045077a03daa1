#include "common/domain/exchange_in.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "common/domain/exchange_words.hpp"
#include "common/domain/fill.hpp"
#include "common/domain/form.hpp"
#include "common/domain/limit.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/rejections.hpp"
#include "common/domain/ticket_no.hpp"

namespace hotline::domain {
namespace {

asked_for only_review(v1::RejectCode code, std::string_view rule, std::string_view field = {}) {
  return {.commands = {}, .review = reject(code, rule, field)};
}

v1::Rejection too_late() {
  auto no = reject(v1::REJECT_CODE_STATE_NOT_ALLOWED, "exchange.too-late", "kind");
  no.set_text("来件时工单已有结果、已结束或已归档，未能办理，请人工核对。");
  no.set_text_en("The ticket has its result or has ended: somebody has to look at this.");
  return no;
}

v1::Rejection out_of_order() {
  auto no = reject(v1::REJECT_CODE_ALREADY_DONE, "exchange.late", "occurred_at");
  no.set_text("此件迟到：对方其后的来件已先办理，未以此件覆盖，请人工核对。");
  no.set_text_en("What the partner said after this was carried out before it came.");
  return no;
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

/// What a supplement may change: where it came from and until when is not the caller's.
v1::Intake supplied(v1::Intake given) {
  given.clear_source();
  given.clear_external_no();
  given.clear_external_partner();
  given.clear_partner_due_at();
  given.clear_partner_return_until_at();
  return given;
}

/// Of a state in which the elements of the matter can still change.
bool takes_supplements(v1::State state) {
  return is_waiting_for_the_first_time(state) || state == v1::STATE_HANDLING ||
         state == v1::STATE_REWORK || state == v1::STATE_SUSPENDED ||
         state == v1::STATE_TRANSFERRED;
}

/// Collects the commands of one event.
class order {
 public:
  order(const v1::FeedItem& item, const v1::Partner& partner, const heard_before& before,
        const province& land, instant now)
      : event_(item.event()),
        received_at_(from_unix_ms(item.received_at())),
        partner_(partner),
        before_(before),
        land_(land),
        now_(now) {}

  asked_for create() {
    auto& order = *add().mutable_create();
    v1::Intake& intake = *order.mutable_intake();
    intake = event_.intake();
    if (intake.source() == v1::SOURCE_UNSPECIFIED) intake.set_source(partner_.source());
    intake.set_external_no(event_.external_no());
    intake.set_external_partner(partner_.unit());
    if (intake.partner_due_at() == 0) intake.set_partner_due_at(event_.due_at());
    if (intake.matter().content().empty()) intake.mutable_matter()->set_content(event_.text());
    intake.set_partner_return_until_at(return_until_at(partner_, received_at_, land_));
    intake.mutable_attachments()->MergeFrom(event_.attachments());
    // An operator completes it with the caller; the partner's item is not lost meanwhile.
    order.set_draft(check_complete(intake).has_value());
    return done();
  }

  /// The same again is no news; another matter, or one that has ended, is.
  asked_for create_again(const v1::Ticket& ticket) {
    const std::string& content = event_.intake().matter().content().empty()
                                     ? event_.text()
                                     : event_.intake().matter().content();
    if (!content.empty() && content != ticket.intake().matter().content()) {
      return only_review(v1::REJECT_CODE_TICKET_EXISTS, "exchange.other-content",
                         "intake.matter.content");
    }
    if (has_ended(ticket.state()) && !before_.after(event_)) look_at(too_late());
    return done();
  }

  /// About a ticket that this partner has sent.
  asked_for from_origin(const v1::Ticket& ticket) {
    const v1::State state = ticket.state();
    switch (event_.kind()) {
      case v1::PARTNER_EVENT_KIND_URGE:
        if (has_ended(state)) {
          look_at(too_late());
        } else {
          add().mutable_urge()->set_text(words_of(event_));
        }
        break;
      case v1::PARTNER_EVENT_KIND_SUPERVISE: supervise(); break;
      case v1::PARTNER_EVENT_KIND_SUPPLEMENT: supplement(ticket); break;
      case v1::PARTNER_EVENT_KIND_ATTACH: attach(); break;
      case v1::PARTNER_EVENT_KIND_REWORK: rework(state); break;
      case v1::PARTNER_EVENT_KIND_VISIT_RESULT: visited(state); break;
      case v1::PARTNER_EVENT_KIND_WITHDRAW: withdraw(state); break;
      case v1::PARTNER_EVENT_KIND_EXTEND_RESP: return extension_answered(state);
      case v1::PARTNER_EVENT_KIND_REFUSE:
      case v1::PARTNER_EVENT_KIND_EXTEND_REQ:
        return only_review(v1::REJECT_CODE_STATE_NOT_ALLOWED, "exchange.not-transferred", "kind");
      default: annotate_unless_archived(state); break;
    }
    return done();
  }

  /// About a ticket that this partner is handling for us.
  asked_for from_handler(const v1::Ticket& ticket, const v1::Transfer& ours) {
    const bool accepted = ours.accepted_at() != 0 || ours.signed_at() != 0;
    switch (event_.kind()) {
      // A step again, or one before it, is no more than words.
      case v1::PARTNER_EVENT_KIND_ACCEPT: step(v1::PARTNER_STEP_ACCEPTED, !accepted); break;
      case v1::PARTNER_EVENT_KIND_SIGN: step(v1::PARTNER_STEP_SIGNED, ours.signed_at() == 0); break;
      case v1::PARTNER_EVENT_KIND_SUPPLEMENT_REQ:
        attach();
        step(v1::PARTNER_STEP_SUPPLEMENT_ASKED, !awaits_supplement(ticket));
        break;
      case v1::PARTNER_EVENT_KIND_EXTEND_REQ:
        attach();
        step(v1::PARTNER_STEP_EXTENSION_ASKED,
             !open_request(ticket, v1::REQUEST_KIND_PARTNER_EXTENSION));
        break;
      case v1::PARTNER_EVENT_KIND_REFUSE:
      // The partner stops; whether the matter itself is over is for our dispatcher to find out.
      case v1::PARTNER_EVENT_KIND_WITHDRAW: {
        auto& told = *add().mutable_record_partner_answer();
        told.set_refused(true);
        told.set_answer(words_of(event_));
        break;
      }
      case v1::PARTNER_EVENT_KIND_FINISH: {
        attach();
        auto& told = *add().mutable_record_partner_answer();
        told.set_answer(answer_of(event_));
        *told.mutable_result() = event_.reply();
        break;
      }
      case v1::PARTNER_EVENT_KIND_ATTACH: attach(); break;
      case v1::PARTNER_EVENT_KIND_SUPPLEMENT:
        annotate();
        attach();
        // What the matter is, only who sent it may change.
        if (supplied(event_.intake()).ByteSizeLong() > 0) look_at(handler_reports("intake"));
        break;
      case v1::PARTNER_EVENT_KIND_SUPERVISE:
      case v1::PARTNER_EVENT_KIND_REWORK:
      case v1::PARTNER_EVENT_KIND_EXTEND_RESP: look_at(handler_reports("kind")); break;
      default: annotate(); break;
    }
    return done();
  }

  /// About a ticket it handled for us, after its answer: all but the same answer is news.
  asked_for from_former_handler(const v1::Ticket& ticket) {
    const auto& transfers = ticket.transfers();
    const auto last =
        std::find_if(transfers.rbegin(), transfers.rend(),
                     [&](const v1::Transfer& one) { return one.partner() == partner_.unit(); });
    if (!is_answer_again(ticket, *last) && !is_bare_step()) look_at(too_late());
    return done();
  }

 private:
  v1::Command& add() {
    v1::Command& command = commands_.emplace_back();
    command.mutable_actor()->set_user(partner_.name());
    command.mutable_actor()->set_unit(partner_.unit());
    command.mutable_actor()->set_role(v1::ROLE_PARTNER);
    return command;
  }

  asked_for done() { return {.commands = std::move(commands_), .review = std::move(review_)}; }

  void look_at(v1::Rejection why) { review_ = std::move(why); }

  static v1::Rejection handler_reports(std::string_view field) {
    return reject(v1::REJECT_CODE_STATE_NOT_ALLOWED, "exchange.handler-reports", field);
  }

  bool is_answer_again(const v1::Ticket& ticket, const v1::Transfer& answered) const {
    const bool refuses = event_.kind() == v1::PARTNER_EVENT_KIND_REFUSE ||
                         event_.kind() == v1::PARTNER_EVENT_KIND_WITHDRAW;
    if (refuses) return answered.refused() && answered.answer() == words_of(event_);
    if (event_.kind() != v1::PARTNER_EVENT_KIND_FINISH || answered.refused()) return false;
    v1::Reply wanted = event_.reply();
    if (wanted.text().empty()) wanted.set_text(answer_of(event_));
    v1::Reply kept = ticket.reply();
    kept.clear_replied_at();
    return answered.answer() == answer_of(event_) &&
           wanted.SerializeAsString() == kept.SerializeAsString();
  }

  /// A step that was passed before the answer, without a word to it.
  bool is_bare_step() const {
    const bool is_step = event_.kind() == v1::PARTNER_EVENT_KIND_ACCEPT ||
                         event_.kind() == v1::PARTNER_EVENT_KIND_SIGN;
    return is_step && event_.text().empty() && event_.handler_name().empty() &&
           event_.reason_code().empty() && event_.attachments().empty();
  }

  void step(v1::PartnerStep reached, bool is_new) {
    if (!is_new) return annotate();
    auto& told = *add().mutable_record_partner_answer();
    told.set_step(reached);
    told.set_answer(report_of(event_));
    if (reached == v1::PARTNER_STEP_EXTENSION_ASKED) told.set_days(event_.days());
  }

  void annotate(bool late = false) { add().mutable_annotate()->set_text(report_of(event_, late)); }

  void annotate_unless_archived(v1::State state) {
    if (state == v1::STATE_ARCHIVED) {
      look_at(too_late());
    } else {
      annotate();
    }
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
    order.set_text(words_of(event_));
    if (event_.due_at() == 0) return;
    // Limits are at least a minute; one that is past already is due at once.
    const auto left =
        std::chrono::duration_cast<std::chrono::minutes>(from_unix_ms(event_.due_at()) - now_);
    const auto minutes = std::clamp<std::int64_t>(left.count(), 1, limit_amount_max);
    order.set_limit(std::to_string(minutes) + "min");
  }

  void supplement(const v1::Ticket& ticket) {
    const v1::State state = ticket.state();
    // Where it is over nobody reads words on the ticket; while it is only closed they are kept
    // there as well.
    if (has_ended(state)) look_at(too_late());
    if (has_ended(state) && state != v1::STATE_CLOSED) return;
    v1::Intake given = supplied(event_.intake());
    const bool late = before_.after(event_, {v1::EVENT_KIND_SUPPLEMENTED, v1::EVENT_KIND_ACCEPTED});
    const bool contradicts = late && keep_missing(ticket.intake(), given);
    if (given.ByteSizeLong() == 0) {
      annotate(late);
    } else if (takes_supplements(state)) {
      auto& order = *add().mutable_supplement();
      *order.mutable_intake() = std::move(given);
      order.set_reason(late ? report_of(event_, late) : words_of(event_));
    } else {
      annotate(late);
      look_at(too_late());
    }
    if (contradicts && !review_) look_at(out_of_order());
    attach();
  }

  void rework(v1::State state) {
    if (!has_result(state)) {
      // Nothing to send back: it is being handled, and the words are kept. Where it has ended
      // otherwise nobody would read them.
      if (has_ended(state)) return look_at(too_late());
      return annotate();
    }
    if (before_.after(event_, {v1::EVENT_KIND_REWORK_ORDERED, v1::EVENT_KIND_VISITED})) {
      return note_late();
    }
    add().mutable_rework()->set_reason(words_of(event_));
    if (event_.due_at() != 0 && !is_due_late()) set_due();
  }

  void visited(v1::State state) {
    if (!has_result(state)) {
      if (has_ended(state)) return look_at(too_late());
      return annotate();
    }
    if (before_.after(event_, {v1::EVENT_KIND_REWORK_ORDERED, v1::EVENT_KIND_VISITED})) {
      return note_late();
    }
    *add().mutable_record_visit()->mutable_visit() = event_.visit();
  }

  void note_late() {
    annotate(true);
    look_at(out_of_order());
  }

  void withdraw(v1::State state) {
    if (!has_ended(state)) {
      add().mutable_withdraw()->set_evidence(words_of(event_));
    } else if (state != v1::STATE_WITHDRAWN) {
      look_at(too_late());
    } else if (!event_.text().empty() || !event_.reason_code().empty()) {
      annotate();  // withdrawn already: the words are kept
    }
  }

  bool is_due_late() const { return before_.after(event_, {v1::EVENT_KIND_PARTNER_DUE_CHANGED}); }

  void set_due() {
    auto& order = *add().mutable_set_partner_due();
    order.set_partner_due_at(event_.due_at());
    order.set_reason(words_of(event_));
  }

  asked_for extension_answered(v1::State state) {
    if (event_.granted() && event_.due_at() == 0) {
      return only_review(v1::REJECT_CODE_FIELD_REQUIRED, "exchange.extension-until", "due_at");
    }
    if (!event_.granted() || has_ended(state)) {
      annotate_unless_archived(state);
    } else if (is_due_late()) {
      annotate(true);
    } else {
      set_due();
    }
    return done();
  }

  const v1::PartnerEvent& event_;
  instant received_at_;
  const v1::Partner& partner_;
  const heard_before& before_;
  const province& land_;
  instant now_;
  std::vector<v1::Command> commands_;
  std::optional<v1::Rejection> review_;
};

}  // namespace

bool was_transferred_to(const v1::Ticket& ticket, std::string_view unit) {
  return std::ranges::find(ticket.transfers(), unit, &v1::Transfer::partner) !=
         ticket.transfers().end();
}

asked_for commands_of(const v1::FeedItem& item, const v1::Partner& partner,
                      const v1::Ticket* ticket, const heard_before& before, const province& land,
                      instant now) {
  const v1::PartnerEvent& event = item.event();
  order ordered(item, partner, before, land, now);
  const bool creates = event.kind() == v1::PARTNER_EVENT_KIND_CREATE;
  if (ticket == nullptr) {
    if (creates) return ordered.create();
    return only_review(v1::REJECT_CODE_TICKET_UNKNOWN, "exchange.no-ticket", "external_no");
  }
  // Two numbers that do not belong together: nobody guesses which is right.
  if (is_ticket_no(event.ticket_no()) && event.ticket_no() != ticket->no()) {
    return only_review(v1::REJECT_CODE_FIELD_INVALID, "exchange.other-number", "ticket_no");
  }
  const bool sent_by_them = ticket->intake().external_partner() == partner.unit();
  if (creates) {
    if (sent_by_them && ticket->intake().external_no() == event.external_no())
      return ordered.create_again(*ticket);
    return only_review(v1::REJECT_CODE_TICKET_EXISTS, "exchange.another-ticket", "external_no");
  }
  const v1::Transfer* transfer = open_transfer(*ticket);
  if (transfer && transfer->partner() == partner.unit())
    return ordered.from_handler(*ticket, *transfer);
  if (sent_by_them) return ordered.from_origin(*ticket);
  if (was_transferred_to(*ticket, partner.unit())) return ordered.from_former_handler(*ticket);
  return only_review(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "exchange.no-part", "external_no");
}

std::int64_t return_until_at(const v1::Partner& partner, instant received, const province& land) {
  if (partner.return_limit().empty()) return 0;
  const auto within = parse_limit(partner.return_limit());
  if (!within) return 0;  // no configuration that was checked has such a limit
  return to_unix_ms(due_at(received, *within, land.calendar_of(partner.unit())));
}

}  // namespace hotline::domain
