#include "common/domain/projection.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <array>
#include <vector>

#include "common/domain/free_text.hpp"
#include "common/domain/personal.hpp"

namespace hotline::domain {
namespace {

namespace pb = google::protobuf;

constexpr std::string_view unreadable = "****";

/// Fields that hold what people wrote.
constexpr std::array<std::string_view, 23> word_fields = {
    "title",          "content",      "place",         "text",    "answer",
    "explanation",    "advice",       "opinion",       "reason",  "remark",
    "evidence",       "basis",        "ask",           "result",  "document",
    "end_reason",     "tags",         "public_answer", "project", "unsolved_reason",
    "decline_reason", "channel_told", "knowledge_item"};

/// Codes and references: never words, and long digits in them are no telephone numbers.
constexpr std::array<std::string_view, 9> code_fields = {"sha256",    "reference",   "recording",
                                                         "call_id",   "credit_code", "phone_index",
                                                         "ticket_no", "no",          "command_id"};

bool among(std::string_view name, const auto& list) {
  return std::ranges::find(list, name) != list.end();
}

/// Changes every text of a message, nested ones included: `change(field, text)` gives the new text.
template <class Fn>
void each_text(pb::Message& message, const Fn& change) {
  const auto& r = *message.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  r.ListFields(message, &fields);
  for (const auto* field : fields) {
    const bool text = field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING;
    const bool nested = field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE;
    if (!text && !nested) continue;
    if (!field->is_repeated()) {
      if (nested) {
        each_text(*r.MutableMessage(&message, field), change);
      } else {
        r.SetString(&message, field, change(*field, r.GetString(message, field)));
      }
      continue;
    }
    for (int i = 0; i < r.FieldSize(message, field); ++i) {
      if (nested) {
        each_text(*r.MutableRepeatedMessage(&message, field, i), change);
      } else {
        r.SetRepeatedString(&message, field, i,
                            change(*field, r.GetRepeatedString(message, field, i)));
      }
    }
  }
}

void project_words(pb::Message& message, const view& shown) {
  if (shown.content == field_access::full) return;
  const bool withholds = shown.caller == field_access::hidden;
  each_text(message, [&](const pb::FieldDescriptor& field, std::string text) -> std::string {
    // They have a mask of their own; a sealed one is no text at all.
    if (is_personal(field)) return text;
    if (shown.content == field_access::hidden && among(field.name(), word_fields)) return {};
    if (among(field.name(), code_fields)) return text;
    return withholds ? withhold_in_text(text, shown.withheld) : mask_free_text(text);
  });
}

/// Adds what the hidden personal fields of a ticket or an event tell.
template <class Message>
void add_withheld(view& shown, Message& message, const token_opener& open) {
  const bool hides = shown.caller == field_access::hidden || shown.employer == field_access::hidden;
  if (!hides) return;
  visit_personal(message, [&](std::string_view path, std::string& stored) {
    const auto how = path.starts_with("employer.") ? shown.employer : shown.caller;
    if (how != field_access::hidden) return;
    std::optional<std::string> plain;
    if (!is_sealed(stored)) {
      plain = stored;
    } else if (open) {
      plain = open(path, stored);
    }
    if (!plain || is_sealed(*plain)) return;
    auto telling = telling_part(personal_kind(path), *plain);
    if (telling.empty() || among(telling, shown.withheld)) return;
    shown.withheld.push_back(std::move(telling));
  });
}

/// What a caller that is hidden leaves: how the work is to be done, and nothing of who it is.
v1::Caller without_person(const v1::Caller& caller) {
  v1::Caller kept;
  kept.set_confidential(caller.confidential());
  kept.set_no_reply_wanted(caller.no_reply_wanted());
  kept.set_no_visit_wanted(caller.no_visit_wanted());
  kept.set_consent_to_share(caller.consent_to_share());
  return kept;
}

/// Shows personal fields of one viewer.
class shower {
 public:
  shower(const view& shown, const token_opener& open) : view_(shown), open_(open) {}

  void intake(v1::Intake& in) const {
    if (in.has_caller()) caller(*in.mutable_caller());
    // Under its number elsewhere the matter is told with its caller.
    if (hides_caller() && in.external_partner() != view_.unit) in.clear_external_no();
    if (in.has_call()) call(in);
    if (in.has_employer()) {
      auto& firm = *in.mutable_employer();
      firm.set_contact(one("employer.contact", firm.contact(), view_.employer));
      firm.set_contact_phone(one("employer.contact_phone", firm.contact_phone(), view_.employer));
    }
    if (view_.files == field_access::hidden) in.clear_attachments();
  }

  std::string called_number(std::string_view stored) const {
    return one("contact.number", stored, view_.caller);
  }

  void transfer(v1::Transfer& t) const {
    if (hides_caller() && t.partner() != view_.unit) t.clear_external_no();
  }

  void attachment(v1::Change& c) const {
    if (view_.files == field_access::hidden) c.clear_attachment();
  }

  void reply(v1::Reply& r) const {
    if (view_.files == field_access::hidden) r.clear_evidence();
  }

  void visit(v1::Visit& v) const {
    if (view_.files == field_access::hidden) v.clear_recording();
  }

  void cause(v1::Command& c) const {
    switch (c.body_case()) {
      case v1::Command::kCreate: return intake(*c.mutable_create()->mutable_intake());
      case v1::Command::kSupplement: return intake(*c.mutable_supplement()->mutable_intake());
      case v1::Command::kRecordContact: {
        auto& contact = *c.mutable_record_contact();
        return contact.set_number(called_number(contact.number()));
      }
      case v1::Command::kRecordVisit: return visit(*c.mutable_record_visit()->mutable_visit());
      case v1::Command::kReply: return reply(*c.mutable_reply()->mutable_reply());
      case v1::Command::kTransferOut:
        if (hides_caller()) c.mutable_transfer_out()->clear_external_no();
        return;
      case v1::Command::kAddAttachment:
        if (view_.files == field_access::hidden) c.mutable_add_attachment()->clear_attachment();
        return;
      case v1::Command::kRecordPartnerAnswer:
        if (c.record_partner_answer().has_result()) {
          reply(*c.mutable_record_partner_answer()->mutable_result());
        }
        return;
      default: return;
    }
  }

 private:
  bool hides_caller() const { return view_.caller == field_access::hidden; }

  std::string one(std::string_view path, std::string_view stored, field_access how) const {
    return show_personal(path, stored, how, open_);
  }

  void caller(v1::Caller& c) const {
    if (hides_caller()) {
      c = without_person(c);
      return;
    }
    c.set_name(one("caller.name", c.name(), view_.caller));
    c.set_phone(one("caller.phone", c.phone(), view_.caller));
    c.set_identity_no(one("caller.identity_no", c.identity_no(), view_.caller));
    c.set_address(one("caller.address", c.address(), view_.caller));
    c.set_household_place(one("caller.household_place", c.household_place(), view_.caller));
    c.set_beneficiary(one("caller.beneficiary", c.beneficiary(), view_.caller));
    c.clear_phone_index();
  }

  void call(v1::Intake& in) const {
    if (hides_caller()) return in.clear_call();
    auto& c = *in.mutable_call();
    c.set_number(one("call.number", c.number(), view_.caller));
    if (view_.files == field_access::hidden) {
      c.clear_recording();
      c.clear_call_id();  // finds the recording
    }
  }

  const view& view_;
  const token_opener& open_;
};

/// What a partner is told of a ticket: the matter, where it stands, what came of it, and the
/// partner's own part; a list of what stays, so that a new field is not told by accident.
void outside_view(v1::Ticket& t, const std::string& unit) {
  v1::Ticket kept;
  kept.set_no(t.no());
  kept.set_version(t.version());
  kept.set_state(t.state());
  *kept.mutable_intake() = std::move(*t.mutable_intake());
  kept.set_grade(t.grade());
  kept.set_urgency(t.urgency());
  kept.set_priority(t.priority());
  kept.set_created_at(t.created_at());
  kept.set_accepted_at(t.accepted_at());
  kept.set_replied_at(t.replied_at());
  kept.set_closed_at(t.closed_at());
  for (auto& a : *t.mutable_assignments()) {
    if (a.unit() == unit) kept.add_assignments()->Swap(&a);
  }
  for (auto& x : *t.mutable_transfers()) {
    if (x.partner() == unit) kept.add_transfers()->Swap(&x);
  }
  if (t.has_reply()) *kept.mutable_reply() = std::move(*t.mutable_reply());
  kept.set_answer(t.answer());
  kept.set_end_reason(t.end_reason());
  t = std::move(kept);
}

}  // namespace

std::optional<std::string> open_nothing(std::string_view /*path*/, std::string_view /*token*/) {
  return std::nullopt;
}

view view_of(const organisation& org, const v1::Actor& actor, action what,
             const v1::Ticket& ticket) {
  const auto of = [&](field_group group) { return access_to(org, actor, what, ticket, group); };
  return {.caller = of(field_group::caller),
          .employer = of(field_group::employer),
          .content = of(field_group::content),
          .files = of(field_group::files),
          .internal = of(field_group::internal),
          .unit = actor.unit()};
}

void withhold(view& shown, const v1::Ticket& ticket, const token_opener& open) {
  v1::Ticket read = ticket;
  add_withheld(shown, read, open);
}

view masked_view() {
  return {.caller = field_access::masked,
          .employer = field_access::masked,
          .content = field_access::masked,
          .files = field_access::hidden,
          .internal = field_access::full,
          .unit = {}};
}

std::string show_personal(std::string_view path, std::string_view stored, field_access how,
                          const token_opener& open) {
  if (how == field_access::hidden || stored.empty()) return {};
  std::optional<std::string> plain;
  if (!is_sealed(stored)) {
    plain = std::string(stored);
  } else if (open) {
    plain = open(path, stored);
  }
  if (!plain || is_sealed(*plain)) return std::string(unreadable);
  return how == field_access::full ? *std::move(plain) : mask(personal_kind(path), *plain);
}

std::string show_words(std::string_view words, field_access how) {
  switch (how) {
    case field_access::hidden: return {};
    case field_access::masked: return mask_free_text(words);
    case field_access::full: return std::string(words);
  }
  return {};
}

void project(v1::Ticket& ticket, const view& made, const token_opener& open) {
  view shown = made;
  add_withheld(shown, ticket, open);
  if (shown.internal == field_access::hidden) outside_view(ticket, shown.unit);
  project_words(ticket, shown);
  const shower show(shown, open);
  if (ticket.has_intake()) show.intake(*ticket.mutable_intake());
  for (auto& contact : *ticket.mutable_contacts()) {
    contact.set_number(show.called_number(contact.number()));
  }
  for (auto& visit : *ticket.mutable_visits()) show.visit(visit);
  for (auto& transfer : *ticket.mutable_transfers()) show.transfer(transfer);
  if (ticket.has_reply()) show.reply(*ticket.mutable_reply());
}

void project(v1::Event& event, const view& made, const token_opener& open) {
  view shown = made;
  add_withheld(shown, event, open);
  if (shown.internal == field_access::hidden) {
    event.clear_cause();
    event.clear_rung();
    event.clear_told();
    event.clear_change();
    return;
  }
  project_words(event, shown);
  const shower show(shown, open);
  if (event.has_cause()) show.cause(*event.mutable_cause());
  if (!event.has_change()) return;
  auto& change = *event.mutable_change();
  if (change.has_intake()) show.intake(*change.mutable_intake());
  if (change.has_contact()) {
    change.mutable_contact()->set_number(show.called_number(change.contact().number()));
  }
  for (auto& transfer : *change.mutable_transfers()) show.transfer(transfer);
  show.attachment(change);
  if (change.has_visit()) show.visit(*change.mutable_visit());
  if (change.has_reply()) show.reply(*change.mutable_reply());
}

void project(v1::CommandAnswer& answer, const view& shown) {
  if (shown.internal != field_access::hidden) return;
  answer.clear_unit();
  answer.clear_due_at();
}

}  // namespace hotline::domain
