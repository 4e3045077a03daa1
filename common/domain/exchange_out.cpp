#include "common/domain/exchange_out.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "common/domain/free_text.hpp"
#include "common/domain/merging.hpp"
#include "common/domain/partner_terms.hpp"
#include "common/domain/personal.hpp"

namespace hotline::domain {
namespace {

/// The transfer to this unit that waits for its answer when the event happens; nullptr when there
/// is none, or a person speaks with the partner about it (by_hand).
const v1::Transfer* handled_for_us(const v1::Ticket& ticket, std::string_view unit,
                                   std::int64_t at) {
  const auto found = std::ranges::find_if(ticket.transfers(), [&](const v1::Transfer& t) {
    return t.partner() == unit && t.sent_at() <= at && !t.by_hand() &&
           (t.answered_at() == 0 || t.answered_at() > at);
  });
  return found == ticket.transfers().end() ? nullptr : &*found;
}

bool ends(const v1::Event& event, v1::State state) {
  return event.change().has_state() && event.change().state() == state;
}

/// What the words of a command say, by the kind of the event.
std::string words_of(const v1::Event& event) {
  const v1::Command& cause = event.cause();
  switch (cause.body_case()) {
    case v1::Command::kRefuse: return cause.refuse().remark();
    case v1::Command::kDecideRefusal: return cause.decide_refusal().remark();
    case v1::Command::kReportProgress: return cause.report_progress().text();
    case v1::Command::kRequestExtension: return cause.request_extension().reason();
    case v1::Command::kDecidePartnerExtension: return cause.decide_partner_extension().remark();
    case v1::Command::kAnswerSupervision: return cause.answer_supervision().answer();
    case v1::Command::kUrge: return cause.urge().text();
    case v1::Command::kSupervise: return cause.supervise().text();
    case v1::Command::kSupplement: return cause.supplement().reason();
    case v1::Command::kTransferOut: return cause.transfer_out().reason();
    case v1::Command::kRecordPartnerAnswer: return cause.record_partner_answer().answer();
    case v1::Command::kWithdraw: return cause.withdraw().evidence();
    case v1::Command::kAddAttachment: return cause.add_attachment().remark();
    case v1::Command::kRequestTermination: return cause.request_termination().explanation();
    case v1::Command::kAnnotate: return cause.annotate().text();
    default: return {};
  }
}

/// The last word counts, as with every state that is told.
std::string word_of_state(const v1::Partner& partner, v1::State state) {
  std::string word;
  for (const v1::StateWord& one : partner.states())
    if (one.state() == state) word = one.theirs();
  return word;
}

/// Makes what one partner is told of one event.
class telling {
 public:
  telling(const v1::Partner& partner, const v1::Ticket& ticket, const v1::Event& event,
          const organisation& org)
      : partner_(partner),
        ticket_(ticket),
        event_(event),
        org_(org),
        is_origin_(ticket.intake().external_partner() == partner.unit()),
        own_number_(ticket.intake().external_no()) {}

  std::optional<v1::PartnerEvent> run() {
    // A sensitive matter does not exist for partners (sight.hpp).
    if (ticket_.intake().sensitivity() == v1::SENSITIVITY_SENSITIVE) return std::nullopt;
    const bool known = is_origin_ ? tell_origin() : tell_handler();
    if (!known || !is_told(partner_, told_.kind())) return std::nullopt;
    told_.set_partner(partner_.name());
    told_.set_external_no(own_number_);
    told_.set_ticket_no(ticket_.no());
    told_.set_serial(ticket_.no() + ":" + std::to_string(event_.version()));
    told_.set_sequence(event_.version());
    told_.set_occurred_at(event_.at());
    name_state();
    name_handler();
    guard_personal();
    return std::move(told_);
  }

 private:
  /// Nobody is told what they have just told us.
  bool is_echo() const {
    return event_.actor().role() == v1::ROLE_PARTNER && event_.actor().unit() == partner_.unit();
  }

  bool tell(v1::PartnerEventKind kind, std::string text = {}) {
    told_.set_kind(kind);
    told_.set_text(text.empty() ? words_of(event_) : std::move(text));
    return true;
  }

  /// To whom the matter came from: how it goes.
  bool tell_origin() {
    if (event_.kind() == v1::EVENT_KIND_ACCEPTED) return tell(v1::PARTNER_EVENT_KIND_ACCEPT);
    if (is_echo()) return false;
    if (ticket_.state() == v1::STATE_MERGED && event_.cause().has_follow_main())
      return tell_merged_result();
    if (ends(event_, v1::STATE_REJECTED)) return tell(v1::PARTNER_EVENT_KIND_REFUSE, end_words());
    if (ends(event_, v1::STATE_REVIEWED)) return visits_itself() && tell_result();
    // Who visits itself was told the result at the review.
    const bool told_before = visits_itself() && !ticket_.visits().empty();
    if (ends(event_, v1::STATE_CLOSED)) return !told_before && tell_result();
    if (ends(event_, v1::STATE_TERMINATED)) return tell_result();
    if (ends(event_, v1::STATE_WITHDRAWN)) return tell(v1::PARTNER_EVENT_KIND_WITHDRAW);
    switch (event_.kind()) {
      case v1::EVENT_KIND_DISPATCHED:
      case v1::EVENT_KIND_REDISPATCHED:
        return tell(v1::PARTNER_EVENT_KIND_PROGRESS, "已派至" + handler_name());
      case v1::EVENT_KIND_SIGNED: return tell(v1::PARTNER_EVENT_KIND_SIGN);
      case v1::EVENT_KIND_PROGRESS_REPORTED:
      case v1::EVENT_KIND_ANSWERED: return tell(v1::PARTNER_EVENT_KIND_PROGRESS);
      case v1::EVENT_KIND_SUPERVISION_ANSWERED: return tell_supervision();
      case v1::EVENT_KIND_EXTENSION_ASKED:
        told_.set_days(event_.cause().request_extension().days());
        return tell(v1::PARTNER_EVENT_KIND_EXTEND_REQ);
      case v1::EVENT_KIND_VISITED:
        // What the caller of a merged ticket said is not for whoever sent this one.
        if (!event_.change().visit().caller_of().empty()) return false;
        *told_.mutable_visit() = event_.change().visit();
        told_.mutable_visit()->clear_recording();
        told_.mutable_visit()->clear_visitor();
        return tell(v1::PARTNER_EVENT_KIND_VISIT_RESULT);
      case v1::EVENT_KIND_REWORK_ORDERED:
        return tell(v1::PARTNER_EVENT_KIND_PROGRESS, "已退回重新办理");
      case v1::EVENT_KIND_MERGED:
        return tell(v1::PARTNER_EVENT_KIND_PROGRESS, "已与同一诉求合并办理");
      case v1::EVENT_KIND_UNMERGED: return tell(v1::PARTNER_EVENT_KIND_PROGRESS, "已恢复单独办理");
      case v1::EVENT_KIND_SUSPENSION_DECIDED:
        return ends(event_, v1::STATE_SUSPENDED) &&
               tell(v1::PARTNER_EVENT_KIND_PROGRESS, "经批准暂停计时（挂起）");
      case v1::EVENT_KIND_RESUMED: return tell(v1::PARTNER_EVENT_KIND_PROGRESS, "已恢复办理");
      case v1::EVENT_KIND_TRANSFERRED: return tell_transfer();
      case v1::EVENT_KIND_PARTNER_STEP: return tell(v1::PARTNER_EVENT_KIND_PROGRESS);
      case v1::EVENT_KIND_ATTACHED: return tell_attachment();
      default: return false;
    }
  }

  /// To whom we have transferred the matter: the matter, and what is added to it.
  bool tell_handler() {
    if (is_echo()) return false;
    if (event_.kind() == v1::EVENT_KIND_TRANSFERRED) return tell_create();
    const v1::Transfer* ours = handled_for_us(ticket_, partner_.unit(), event_.at());
    if (ours == nullptr) return false;
    own_number_ = ours->external_no();
    if (ends(event_, v1::STATE_WITHDRAWN)) return tell(v1::PARTNER_EVENT_KIND_WITHDRAW);
    switch (event_.kind()) {
      case v1::EVENT_KIND_URGED: return tell(v1::PARTNER_EVENT_KIND_URGE);
      case v1::EVENT_KIND_SUPERVISED:
        told_.set_order_no(event_.cause().supervise().order_no());
        return tell(v1::PARTNER_EVENT_KIND_SUPERVISE);
      case v1::EVENT_KIND_SUPPLEMENTED:
        *told_.mutable_intake() = event_.change().intake();
        name_due(*ours);
        return tell(v1::PARTNER_EVENT_KIND_SUPPLEMENT);
      case v1::EVENT_KIND_PARTNER_EXTENSION_DECIDED: return tell_extension(*ours);
      case v1::EVENT_KIND_ATTACHED: return tell_attachment();
      default: return false;
    }
  }

  bool tell_extension(const v1::Transfer& ours) {
    const auto& decided = event_.change().requests();
    const auto asked =
        std::ranges::find(decided, v1::REQUEST_KIND_PARTNER_EXTENSION, &v1::Request::kind);
    if (asked == decided.end()) return false;
    told_.set_granted(asked->state() == v1::REQUEST_STATE_GRANTED);
    if (told_.granted()) told_.set_days(asked->days());
    name_due(ours);
    const std::string words = words_of(event_);
    if (!words.empty()) return tell(v1::PARTNER_EVENT_KIND_EXTEND_RESP, words);
    return tell(v1::PARTNER_EVENT_KIND_EXTEND_RESP, told_.granted() ? "同意延期" : "不同意延期");
  }

  bool tell_create() {
    const auto& made = event_.change().transfers();
    const auto ours = std::ranges::find(made, partner_.unit(), &v1::Transfer::partner);
    if (ours == made.end() || ours->by_hand()) return false;
    own_number_ = ours->external_no();
    v1::Intake& intake = *told_.mutable_intake();
    intake = ticket_.intake();
    *told_.mutable_attachments() = intake.attachments();
    name_due(*ours);
    return tell(v1::PARTNER_EVENT_KIND_CREATE);
  }

  void name_due(const v1::Transfer& transfer) {
    for (const v1::Clock& clock : ticket_.clocks())
      if (clock.kind() == v1::CLOCK_KIND_PARTNER_ANSWER && clock.subject() == transfer.id())
        told_.set_due_at(clock.due_at());
  }

  bool tell_result() {
    if (ticket_.has_reply()) *told_.mutable_reply() = ticket_.reply();
    v1::Reply& reply = *told_.mutable_reply();
    if (reply.text().empty())
      reply.set_text(ticket_.answer().empty() ? end_words() : ticket_.answer());
    *told_.mutable_attachments() = reply.evidence();
    return tell(v1::PARTNER_EVENT_KIND_FINISH, reply.text());
  }

  /// 并单: who asked for the same hears how that ended, and nothing another caller said.
  bool tell_merged_result() {
    const v1::FollowMain& main = event_.cause().follow_main();
    v1::Reply& reply = *told_.mutable_reply();
    reply.set_result(main.result());
    reply.set_public_answer(main.public_answer());
    reply.set_text("已与同一诉求合并办理，" + (main.public_answer().empty()
                                                   ? end_of_main(main.ended_as())
                                                   : "答复：" + main.public_answer()));
    return tell(v1::PARTNER_EVENT_KIND_FINISH, reply.text());
  }

  static std::string end_of_main(v1::State state) {
    switch (state) {
      case v1::STATE_WITHDRAWN: return "该诉求已由诉求人撤回";
      case v1::STATE_REJECTED: return "该诉求不予受理";
      case v1::STATE_TERMINATED: return "该诉求经批准终止办理";
      default: return "现已办结";
    }
  }

  /// A ticket transferred to whom it came from is given back.
  bool tell_transfer() {
    const auto& made = event_.change().transfers();
    const auto back = std::ranges::find(made, partner_.unit(), &v1::Transfer::partner);
    if (back == made.end()) return tell(v1::PARTNER_EVENT_KIND_PROGRESS, "已转其他单位办理");
    return !back->by_hand() && tell(v1::PARTNER_EVENT_KIND_REFUSE);
  }

  /// The partner calls the worker back itself (回访), so the result is final for it only then.
  bool visits_itself() const {
    return std::ranges::any_of(partner_.inbound().events(), [](const v1::EventWord& w) {
      return w.kind() == v1::PARTNER_EVENT_KIND_VISIT_RESULT;
    });
  }

  bool tell_supervision() {
    for (const v1::Supervision& order : event_.change().supervisions()) {
      if (order.origin() != v1::SUPERVISION_ORIGIN_PARTNER) continue;
      told_.set_order_no(order.order_no());
      return tell(v1::PARTNER_EVENT_KIND_PROGRESS);
    }
    return false;
  }

  bool tell_attachment() {
    if (!event_.change().has_attachment() || !may_share_personal()) return false;
    *told_.add_attachments() = event_.change().attachment();
    return tell(v1::PARTNER_EVENT_KIND_ATTACH);
  }

  std::string end_words() const {
    const std::string words = words_of(event_);
    return words.empty() ? ticket_.end_reason() : words;
  }

  void name_state() {
    const v1::Change& change = event_.change();
    const v1::State state = change.has_state() ? change.state() : ticket_.state();
    const bool has_ended = change.has_state() ? change.has_closed_at() : ticket_.closed_at() != 0;
    // To them it is their ticket that is handled and ends, wherever we do so.
    told_.set_state(word_of_state(partner_, state_for_others(state, has_ended)));
  }

  const v1::Assignment* handler() const {
    const v1::Assignment* last = nullptr;
    for (const v1::Assignment& a : ticket_.assignments())
      if (a.role() == v1::ASSIGNMENT_ROLE_MAIN) last = &a;
    return last;
  }

  std::string handler_name() const {
    const v1::Assignment* last = handler();
    const v1::Unit* unit = last ? org_.find(last->unit()) : nullptr;
    return unit ? unit->name() : "承办单位";
  }

  void name_handler() {
    const v1::Assignment* last = handler();
    if (!is_origin_ || last == nullptr) return;
    told_.set_handler_unit(last->unit());
    told_.set_handler_name(handler_name());
  }

  bool may_go(std::string_view path) const {
    return std::ranges::find(partner_.personal_fields(), path) != partner_.personal_fields().end();
  }

  bool may_share_personal() const {
    const v1::Caller& caller = ticket_.intake().caller();
    const bool agreed = is_origin_ || !partner_.consent_needed() || caller.consent_to_share();
    return agreed && !caller.confidential();
  }

  /// A file shows whatever it shows: an identity card, a contract with names.
  void leave_out_files() {
    told_.clear_attachments();
    if (told_.has_intake()) told_.mutable_intake()->clear_attachments();
    if (told_.has_reply()) told_.mutable_reply()->clear_evidence();
  }

  /// What left us personal goes no further than the caller and the partner's list allow.
  void guard_personal() {
    const bool may_share = may_share_personal();
    if (!may_share) leave_out_files();
    if (told_.has_intake()) {
      v1::Intake& intake = *told_.mutable_intake();
      visit_personal(intake, [&](std::string_view path, std::string& value) {
        if (!may_share || !may_go(path)) value.clear();
      });
      // Ours alone: the index of the number, the recording, whom a complaint has gone through.
      intake.mutable_caller()->clear_phone_index();
      intake.mutable_call()->clear_recording();
      intake.mutable_call()->clear_call_id();
      intake.mutable_call()->clear_seat();
      if (!is_origin_) {
        intake.clear_external_no();
        intake.clear_external_partner();
        intake.clear_partner_due_at();
      }
    }
    const bool words_in_full = may_share && may_go("caller.phone") && may_go("caller.identity_no");
    if (!words_in_full) mask_words();
  }

  void mask_words() {
    const auto star_out = [](std::string& text) { text = mask_free_text(text); };
    star_out(*told_.mutable_text());
    if (told_.has_reply()) {
      v1::Reply& reply = *told_.mutable_reply();
      star_out(*reply.mutable_text());
      star_out(*reply.mutable_unsolved_reason());
      star_out(*reply.mutable_public_answer());
      star_out(*reply.mutable_document());
    }
    if (told_.has_visit()) star_out(*told_.mutable_visit()->mutable_remark());
    if (!told_.has_intake()) return;
    v1::Intake& intake = *told_.mutable_intake();
    star_out(*intake.mutable_title());
    if (!intake.has_matter()) return;
    star_out(*intake.mutable_matter()->mutable_content());
    star_out(*intake.mutable_matter()->mutable_place());
    for (std::string& one : *intake.mutable_matter()->mutable_evidence()) star_out(one);
  }

  const v1::Partner& partner_;
  const v1::Ticket& ticket_;
  const v1::Event& event_;
  const organisation& org_;
  bool is_origin_;
  std::string own_number_;
  v1::PartnerEvent told_;
};

}  // namespace

std::optional<v1::PartnerEvent> told_to(const v1::Partner& partner, const v1::Ticket& ticket,
                                        const v1::Event& event, const organisation& org) {
  return telling(partner, ticket, event, org).run();
}

std::optional<untold> why_untold(const v1::Partner& partner, const v1::PartnerEvent& named) {
  if (named.kind() != v1::PARTNER_EVENT_KIND_CREATE) return untold::no_create;
  if (!is_told(partner, v1::PARTNER_EVENT_KIND_REFUSE)) return untold::no_way;
  // As the store keeps them.
  constexpr std::size_t number_bytes_max = 200;
  const std::size_t length = named.external_no().size();
  if (length == 0 || length > number_bytes_max) return untold::no_number;
  return std::nullopt;
}

v1::PartnerEvent refusal_of_item(const v1::Partner& partner, const v1::PartnerEvent& named,
                                 v1::ItemRefusal reason, std::string_view words, instant now) {
  v1::PartnerEvent told;
  told.set_partner(partner.name());
  told.set_kind(v1::PARTNER_EVENT_KIND_REFUSE);
  told.set_external_no(named.external_no());
  told.set_occurred_at(to_unix_ms(now));
  told.set_reason_code(v1::ItemRefusal_Name(reason));
  told.set_text(mask_free_text(std::string(words)));
  told.set_state(word_of_state(partner, v1::STATE_REJECTED));
  return told;
}

}  // namespace hotline::domain
