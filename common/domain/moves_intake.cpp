#include <algorithm>
#include <string>
#include <vector>

#include "common/domain/citizen.hpp"
#include "common/domain/civil.hpp"
#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/moves.hpp"
#include "common/domain/routing.hpp"
#include "common/domain/standing.hpp"

namespace hotline::domain::moves {
namespace {

/// The first characters of the content's first line, cut at a character's border.
std::string title_from(std::string_view content) {
  constexpr std::size_t bytes_max = 90;  // thirty Chinese characters
  content.remove_prefix(std::min(content.find_first_not_of(" \r\n"), content.size()));
  const auto line = content.substr(0, content.find_first_of("\r\n"));
  if (line.size() <= bytes_max) return std::string(line);
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
  return std::string(line.substr(0, end)) + "…";
}

void tidy(v1::Intake& intake) {
  if (intake.title().empty()) intake.set_title(title_from(intake.matter().content()));
}

urgency_proposal called_for(const move& m, const v1::Intake& intake) {
  return propose_urgency(intake, m.now(), m.policy().config().routing());
}

/// The urgency after a supplement: what a person has set now, or more where words and numbers of
/// the matter call for it. Words that were there before do not count again: somebody may have
/// judged them less urgent than they sound.
v1::Urgency after_supplement(const move& m, v1::Urgency given, v1::Urgency called_for_before,
                             v1::Urgency called_for_now) {
  if (given != v1::URGENCY_UNSPECIFIED) {
    return std::max({v1::URGENCY_NORMAL, given, called_for_now});
  }
  return called_for_now > called_for_before ? std::max(m.urgency(), called_for_now) : m.urgency();
}

/// 快报: the open event says who is told at once; who was told before is not told again.
void tell_at_once(move& m, const std::vector<std::string>& posts,
                  const std::vector<std::string>& before = {}) {
  for (const auto& post : posts) {
    if (std::ranges::find(before, post) != before.end()) continue;
    m.current_event().add_told(post);
  }
}

/// 待受理: elements are missing.
void await_acceptance(move& m, std::string_view desk) {
  m.state(v1::STATE_DRAFT);
  m.start_step(v1::CLOCK_KIND_ACCEPT, 0, desk);
}

void accept(move& m, v1::Change& change) {
  change.set_accepted_at(m.now_ms());
  await_dispatch(m);
}

/// Whom a ticket came from sees it: a partner speaks for nobody but itself.
refusal check_own_partner(const move& m, const v1::Intake& given) {
  // Until when it may be returned follows from the partner's terms and is written at the create.
  const bool written = m.command().has_create() && m.actor().role() == v1::ROLE_PARTNER;
  if (given.partner_return_until_at() != 0 && !written) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "form.read-only",
                  "intake.partner_return_until_at");
  }
  const auto& named = given.external_partner();
  if (m.actor().role() != v1::ROLE_PARTNER || named.empty() || named == m.actor().unit()) {
    return std::nullopt;
  }
  return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "create.own-partner", "intake.external_partner");
}

/// What citizens send along comes from strangers: a file is named by its bytes, or not taken.
refusal check_files_of_citizen(const v1::Intake& given) {
  for (const auto& file : given.attachments()) {
    if (auto no = check_attachment(file, "intake.attachments")) return no;
  }
  return std::nullopt;
}

/// A channel hands in by its own ways in only, and for nobody else.
refusal check_channel(const move& m, const v1::Intake& given) {
  if (m.actor().role() != v1::ROLE_CHANNEL) return std::nullopt;
  if (!is_public_source(given.source())) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "create.public-source", "intake.source");
  }
  if (!given.external_partner().empty()) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "create.own-channel", "intake.external_partner");
  }
  return check_files_of_citizen(given);
}

/// 敏感: who takes a call judges that; of what nobody took, its category does.
void mark_sensitive(const move& m, v1::Intake& intake) {
  if (m.actor().role() != v1::ROLE_CHANNEL) return;
  const auto* category = m.policy().category(intake.matter().category());
  if (category && category->sensitive()) intake.set_sensitivity(v1::SENSITIVITY_SENSITIVE);
}

template <class Message>
void merge_part(Message& into, const Message& from) {
  into.MergeFrom(from);
}

/// Fields that are set replace those of the ticket; a list that is given replaces the whole list.
v1::Intake merged(const v1::Intake& stored, const v1::Intake& given) {
  v1::Intake next = stored;
  if (!given.attachments().empty()) next.clear_attachments();
  if (!given.caller().tags().empty()) next.mutable_caller()->clear_tags();
  if (!given.matter().tags().empty()) next.mutable_matter()->clear_tags();
  if (!given.matter().evidence().empty()) next.mutable_matter()->clear_evidence();
  merge_part(next, given);
  return next;
}

/// What a citizen adds stands behind what was said before, which stays as it was.
v1::Intake added_to(const move& m, const v1::Intake& stored, const v1::Intake& given) {
  v1::Intake next = stored;
  if (!given.matter().content().empty()) {
    std::string& content = *next.mutable_matter()->mutable_content();
    if (!content.empty()) content += '\n';
    content += "【" + format_civil_minute(m.now()) + " 职工补充】" + given.matter().content();
  }
  return next;
}

/// Those of a citizen's files the ticket has not got: the same bytes again are no further file.
std::vector<v1::Attachment> new_files(const v1::Intake& stored, const v1::Intake& given) {
  std::vector<v1::Attachment> files;
  const auto has = [](const auto& kept, const v1::Attachment& file) {
    return std::ranges::find(kept, file.sha256(), &v1::Attachment::sha256) != kept.end();
  };
  for (const auto& file : given.attachments()) {
    if (!has(stored.attachments(), file) && !has(files, file)) files.push_back(file);
  }
  return files;
}

/// An event for each, as of those that staff add: who is told of files is told of these.
void attach(move& m, const std::vector<v1::Attachment>& files) {
  for (const auto& file : files) *m.event(v1::EVENT_KIND_ATTACHED).mutable_attachment() = file;
}

/// Of a ticket that exists a citizen can say more, and change nothing.
refusal check_added(const v1::Intake& given, const v1::Intake& next, std::size_t files) {
  v1::Intake other = given;
  other.mutable_matter()->clear_content();
  if (other.matter().ByteSizeLong() == 0) other.clear_matter();
  other.clear_attachments();
  if (other.ByteSizeLong() > 0) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "supplement.citizen-adds", "intake");
  }
  if (next.matter().content().size() > content_bytes_max) {
    return reject(v1::REJECT_CODE_FIELD_TOO_LONG, "supplement.length", "intake.matter.content");
  }
  if (next.attachments_size() + static_cast<int>(files) > list_items_max) {
    return reject(v1::REJECT_CODE_FIELD_TOO_LONG, "supplement.files", "intake.attachments");
  }
  return check_files_of_citizen(given);
}

}  // namespace

refusal create(move& m) {
  const auto& order = m.command().create();
  if (m.command().ticket_no().empty()) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "create.number", "ticket_no");
  }
  const auto& intake = order.intake();
  if (auto no = check_intake(intake, m)) return no;
  if (auto no = check_own_partner(m, intake)) return no;
  if (auto no = check_channel(m, intake)) return no;
  const bool from_partner = m.actor().role() == v1::ROLE_PARTNER;
  const auto missing = check_complete(intake);
  if (missing && !order.draft()) return missing;
  if (order.draft() && intake.caller().phone().empty() && intake.call().number().empty() &&
      intake.matter().content().empty()) {
    return reject(v1::REJECT_CODE_INCOMPLETE, "draft.phone-or-content", "intake.caller.phone");
  }

  auto& change = m.event(order.draft() ? v1::EVENT_KIND_DRAFTED : v1::EVENT_KIND_ACCEPTED);
  *change.mutable_intake() = intake;
  tidy(*change.mutable_intake());
  mark_sensitive(m, *change.mutable_intake());
  if (from_partner) change.mutable_intake()->set_external_partner(m.actor().unit());
  const auto words = called_for(m, intake);
  change.set_urgency(std::max({v1::URGENCY_NORMAL, intake.urgency(), words.urgency}));
  change.set_priority(intake.caller().platform_work() != v1::PLATFORM_WORK_UNSPECIFIED);
  change.set_created_at(m.now_ms());
  change.set_created_by(m.actor().user());
  change.set_desk(std::string(m.org().desk_of(m.actor().unit())));
  tell_at_once(m, words.told);
  if (order.draft()) {
    await_acceptance(m, change.desk());
  } else {
    accept(m, change);
  }
  return std::nullopt;
}

refusal supplement(move& m) {
  const auto& given = m.command().supplement().intake();
  if (given.ByteSizeLong() == 0) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "supplement.something", "intake");
  }
  if (auto no = check_own_partner(m, given)) return no;
  const bool draft = m.ticket().state() == v1::STATE_DRAFT;
  if (!draft && given.urgency() != v1::URGENCY_UNSPECIFIED) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "supplement.urgency-by-change-urgency",
                  "intake.urgency");
  }
  const bool adds = m.actor().role() == v1::ROLE_CHANNEL;
  auto next = adds ? added_to(m, m.ticket().intake(), given) : merged(m.ticket().intake(), given);
  std::vector<v1::Attachment> files;
  if (adds) {
    files = new_files(m.ticket().intake(), given);
    if (auto no = check_added(given, next, files.size())) return no;
    // Without words nothing else changes.
    if (given.matter().content().empty()) {
      attach(m, files);
      if (!files.empty()) supply_partner(m);
      return std::nullopt;
    }
  }
  if (auto no = check_intake(next, m)) return no;
  const auto missing = check_complete(next);
  if (missing && !draft) return missing;

  const bool accepts = draft && !missing;
  const auto before = called_for(m, m.ticket().intake());
  const auto now = called_for(m, next);
  const auto urgency = after_supplement(m, given.urgency(), before.urgency, now.urgency);
  auto& change = m.event(accepts ? v1::EVENT_KIND_ACCEPTED : v1::EVENT_KIND_SUPPLEMENTED);
  const bool other_kind = limits_kind(next) != limits_kind(m.ticket().intake());
  // A title made from the content follows it; one that somebody wrote stays.
  const auto& stored = m.ticket().intake();
  if (next.title() == title_from(stored.matter().content())) next.clear_title();
  if (!given.title().empty()) next.set_title(given.title());
  tidy(next);
  *change.mutable_intake() = std::move(next);
  tell_at_once(m, now.told, before.told);
  if (given.caller().platform_work() != v1::PLATFORM_WORK_UNSPECIFIED) change.set_priority(true);
  if (accepts) {
    m.stop(v1::CLOCK_KIND_ACCEPT);
    change.set_urgency(urgency);
    accept(m, change);
  } else if (m.ticket().state() == v1::STATE_TRANSFERRED) {
    // The limits are the partner's; the urgency counts again when the ticket comes back.
    if (urgency != m.urgency()) change.set_urgency(urgency);
    supply_partner(m);
  } else if (urgency != m.urgency() || (other_kind && !draft)) {
    // What has become urgent, or has a legal limit now, does not lie until its review date.
    const bool lies = m.ticket().state() == v1::STATE_SUSPENDED;
    if (lies && (urgency != m.urgency() || has_statutory_limit(m))) resume(m);
    if (urgency != m.urgency()) set_urgency(m, urgency);
    if (other_kind && !draft) follow_kind(m);
  }
  attach(m, files);
  return std::nullopt;
}

refusal answer_directly(move& m) {
  const auto& words = m.command().answer_directly();
  if (auto no = need(words.answer(), "answer.text", "answer")) return no;
  auto& change = m.event(v1::EVENT_KIND_ANSWERED);
  change.set_answer(words.answer());
  change.set_answered_by(m.actor().user());
  if (m.ticket().accepted_at() == 0) change.set_accepted_at(m.now_ms());
  change.set_replied_at(m.now_ms());
  m.stop(v1::CLOCK_KIND_ACCEPT);
  m.stop(v1::CLOCK_KIND_DISPATCH);
  m.state(v1::STATE_ANSWERED);
  // 质检: the answer is checked within the review limit.
  m.start_step(v1::CLOCK_KIND_REVIEW, 0, m.ticket().desk());
  return std::nullopt;
}

refusal check_answer(move& m) {
  const auto& words = m.command().check_answer();
  if (!words.pass()) {
    if (auto no = need(words.remark(), "check.remark", "remark")) return no;
  }
  // Four eyes: an answer is not checked by who gave it.
  const auto& user = m.actor().user();
  if (!user.empty() && user == m.ticket().answered_by()) {
    return reject(v1::REJECT_CODE_UNIT_NOT_ALLOWED, "check.four-eyes", "actor.user");
  }
  auto& change = m.event(v1::EVENT_KIND_ANSWER_CHECKED);
  m.stop(v1::CLOCK_KIND_REVIEW);
  if (words.pass()) {
    close_ticket(m);
  } else if (check_complete(m.ticket().intake())) {
    // A draft that was answered at once is a draft again.
    change.set_accepted_at(0);
    await_acceptance(m, m.ticket().desk());
  } else {
    await_dispatch(m);
  }
  return std::nullopt;
}

refusal refuse(move& m) {
  const auto& words = m.command().refuse();
  if (auto no = check_return_to_partner(m)) return no;
  if (words.reason() == v1::REFUSAL_REASON_UNSPECIFIED) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "refuse.reason", "reason");
  }
  // A matter with a legal channel is never just turned away: the caller is told where to go.
  if (words.reason() == v1::REFUSAL_REASON_LEGAL_CHANNEL) {
    if (auto no = need(words.channel_told(), "refuse.channel-told", "channel_told")) return no;
  }
  if (words.reason() == v1::REFUSAL_REASON_OTHER) {
    if (auto no = need(words.remark(), "refuse.remark", "remark")) return no;
  }
  if (open_request(m.ticket(), v1::REQUEST_KIND_REFUSAL)) {
    return reject(v1::REJECT_CODE_ALREADY_OPEN, "refuse.once");
  }
  m.event(v1::EVENT_KIND_REFUSED);
  auto& r = m.add_request(v1::REQUEST_KIND_REFUSAL);
  r.set_decider_unit(m.ticket().desk());
  r.set_reason(v1::RefusalReason_Name(words.reason()));
  return std::nullopt;
}

refusal decide_refusal(move& m) {
  const auto* request = open_request(m.ticket(), v1::REQUEST_KIND_REFUSAL);
  if (!request) return reject(v1::REJECT_CODE_NOTHING_OPEN, "refuse.decide");
  const bool confirm = m.command().decide_refusal().confirm();
  if (confirm) {
    if (auto no = check_return_to_partner(m)) return no;
  }
  auto& change = m.event(v1::EVENT_KIND_REFUSAL_DECIDED);
  auto& r = m.edit_request(request->id());
  r.set_state(confirm ? v1::REQUEST_STATE_GRANTED : v1::REQUEST_STATE_DENIED);
  r.set_decided_at(m.now_ms());
  if (!confirm) return std::nullopt;
  change.set_end_reason(request->reason());
  change.set_closed_at(m.now_ms());
  m.end_ticket(v1::STATE_REJECTED, v1::ASSIGNMENT_STATE_CANCELLED);
  return std::nullopt;
}

}  // namespace hotline::domain::moves
