#include "services/gateway/shown_letter.hpp"

#include <fmt/core.h>

#include <string_view>
#include <utility>

#include "common/domain/free_text.hpp"
#include "common/domain/personal.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {
namespace {

constexpr char id_separator = '.';

void mask_words(v1::PartnerEvent& event) {
  const auto mask = [](std::string& text) { text = domain::mask_free_text(text); };
  mask(*event.mutable_text());
  if (event.has_reply()) {
    mask(*event.mutable_reply()->mutable_text());
    mask(*event.mutable_reply()->mutable_unsolved_reason());
    mask(*event.mutable_reply()->mutable_public_answer());
    mask(*event.mutable_reply()->mutable_document());
  }
  if (event.has_visit()) mask(*event.mutable_visit()->mutable_remark());
  if (!event.has_intake()) return;
  mask(*event.mutable_intake()->mutable_title());
  if (!event.intake().has_matter()) return;
  mask(*event.mutable_intake()->mutable_matter()->mutable_content());
  mask(*event.mutable_intake()->mutable_matter()->mutable_place());
  for (auto& one : *event.mutable_intake()->mutable_matter()->mutable_evidence()) mask(one);
}

/// What is done about a dead letter is done for a reason.
reading<void> need_reason(const std::string& reason) {
  if (!reason.empty()) return {};
  auto p = make_problem(422, "field_required", "请写明理由。", "Say why.");
  p.rule = "letter.reason";
  p.field = "reason";
  return std::unexpected(std::move(p));
}

}  // namespace

std::string shown_message_id(const store::message_id& id) {
  return id.ticket_no + id_separator + std::to_string(id.version);
}

std::optional<store::message_id> parse_shown_message_id(std::string text) {
  const auto at = text.rfind(id_separator);
  if (at == text.npos) return std::nullopt;
  text[at] = ':';
  return store::parse_message_id(text);
}

v1::DeadLetter show_letter(const store::dead_letter& letter, const domain::token_opener& open) {
  v1::DeadLetter shown;
  shown.set_id(shown_message_id(letter.id));
  shown.set_ticket_no(letter.id.ticket_no);
  shown.set_since_at(to_unix_ms(letter.since));
  shown.set_tries(static_cast<std::int32_t>(letter.tries));
  *shown.mutable_failure() = letter.failure;
  // The partner may have repeated in its words what it was told.
  shown.mutable_failure()->set_text(domain::mask_free_text(letter.failure.text()));
  auto& event = *shown.mutable_event();
  event = letter.message.event();
  mask_words(event);
  if (!event.has_intake()) return shown;
  domain::visit_personal(*event.mutable_intake(), [&](std::string_view path, std::string& value) {
    const auto plain = open(path, value);
    value = plain ? domain::mask(domain::personal_kind(path), *plain) : std::string();
  });
  return shown;
}

reading<void> check_resend(const v1::ResendLetter& order) {
  const auto wrong = [](std::string field) {
    auto p = make_problem(422, "field_invalid", "内容含有遮盖后的号码，不能据此发送。",
                          "The words hold a number that was masked.");
    p.rule = "form.masked";
    p.field = std::move(field);
    return std::unexpected(std::move(p));
  };
  if (domain::holds_mask(order.text())) return wrong("text");
  if (domain::holds_mask(order.reply_text())) return wrong("reply_text");
  return need_reason(order.reason());
}

reading<void> check_dismiss(const v1::DismissLetter& order) { return need_reason(order.reason()); }

std::optional<v1::OutMessage> edited(const v1::OutMessage& message, const v1::ResendLetter& order) {
  if (!order.has_text() && !order.has_reply_text()) return std::nullopt;
  v1::OutMessage made = message;
  if (order.has_text()) made.mutable_event()->set_text(order.text());
  if (order.has_reply_text()) made.mutable_event()->mutable_reply()->set_text(order.reply_text());
  return made;
}

std::string edited_words(const v1::OutMessage& message, const v1::ResendLetter& order) {
  std::string words;
  const auto add = [&](std::string_view field, const std::string& before,
                       const std::string& after) {
    words += fmt::format("{}{}：“{}” → “{}”", words.empty() ? "" : "；", field,
                         domain::mask_free_text(before), domain::mask_free_text(after));
  };
  const auto& event = message.event();
  if (order.has_text()) add("text", event.text(), order.text());
  if (order.has_reply_text()) add("reply.text", event.reply().text(), order.reply_text());
  return words;
}

std::string untold_words(const v1::OutMessage& message) {
  const auto& event = message.event();
  std::string words = v1::PartnerEventKind_Name(event.kind());
  for (const auto* text : {&event.text(), &event.reply().text()})
    if (!text->empty()) words += fmt::format("：“{}”", domain::mask_free_text(*text));
  return words;
}

}  // namespace hotline::gateway
