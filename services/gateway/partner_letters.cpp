#include "services/gateway/partner_letters.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/domain/free_text.hpp"
#include "common/domain/permission.hpp"
#include "common/domain/personal.hpp"
#include "services/gateway/answers.hpp"
#include "services/gateway/partner_deed.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/viewing.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

/// In a URL a colon introduces what is to be done: "3708-20261123-00001.7".
constexpr char id_separator = '.';

std::string shown_id(const store::message_id& id) {
  return id.ticket_no + id_separator + std::to_string(id.version);
}

std::optional<store::message_id> parse_shown_id(std::string text) {
  const auto at = text.rfind(id_separator);
  if (at == text.npos) return std::nullopt;
  text[at] = ':';
  return store::parse_message_id(text);
}

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

/// What was shown masked does not come back as if it were the number.
reading<void> check_words(const v1::ResendLetter& order) {
  const auto wrong = [](std::string field) {
    auto p = make_problem(422, "field_invalid", "内容含有遮盖后的号码，不能据此发送。",
                          "The words hold a number that was masked.");
    p.rule = "form.masked";
    p.field = std::move(field);
    return std::unexpected(std::move(p));
  };
  if (domain::holds_mask(order.text())) return wrong("text");
  if (domain::holds_mask(order.reply_text())) return wrong("reply_text");
  if (!order.reason().empty()) return {};
  auto p = make_problem(422, "field_required", "请写明重发的理由。", "Say why it is sent again.");
  p.rule = "letter.reason";
  p.field = "reason";
  return std::unexpected(std::move(p));
}

/// With the words of the order; nothing where it has none.
std::optional<v1::OutMessage> edited(const v1::OutMessage& message, const v1::ResendLetter& order) {
  if (!order.has_text() && !order.has_reply_text()) return std::nullopt;
  v1::OutMessage made = message;
  if (order.has_text()) made.mutable_event()->set_text(order.text());
  if (order.has_reply_text()) made.mutable_event()->mutable_reply()->set_text(order.reply_text());
  return made;
}

std::string edited_fields(const v1::ResendLetter& order) {
  std::string names;
  if (order.has_text()) names = "text";
  if (order.has_reply_text()) names += names.empty() ? "reply_text" : " reply_text";
  return names;
}

}  // namespace

void partner_letters::add_to(api& routes) {
  if (parts_.letters.empty()) return;
  routes.add(
      {.verb = net::method::get,
       .pattern = "/v1/partners/{name}/dead-letters",
       .name = "list_dead_letters",
       .summary = "未能送达对接方的消息及原因；查看留有记录",
       .answer = v1::DeadLetters::descriptor(),
       .query = {{"skip", "略过最早的若干条，默认 0"}, {"limit", "每页条数，1 至 200，默认 50"}}},
      [this](call c) { return list(std::move(c)); });
  routes.add({.verb = net::method::post,
              .pattern = "/v1/partners/{name}/dead-letters/{id}:resend",
              .name = "resend_dead_letter",
              .summary = "重发未送达的消息，可改文字；须写明理由，留有记录",
              .body = v1::ResendLetter::descriptor(),
              .answer = v1::DeadLetter::descriptor()},
             [this](call c) { return resend(std::move(c)); });
}

reading<const letter_desk*> partner_letters::find_desk(const call& c) const {
  const auto desk = std::ranges::find(parts_.letters, c.params.at("name"), &letter_desk::partner);
  if (desk == parts_.letters.end()) return std::unexpected(not_found());
  const auto land = parts_.province();
  auto may = check_access(
      domain::permit_unit(land->org, c.actor, domain::action::mend_partner, desk->unit));
  if (!may) return std::unexpected(std::move(may.error()));
  return &*desk;
}

awaitable<outcome> partner_letters::list(call c) {
  const auto desk = find_desk(c);
  if (!desk) co_return std::unexpected(desk.error());
  const auto skip = read_skip(c.request);
  if (!skip) co_return std::unexpected(skip.error());
  const auto limit = read_limit(c.request);
  if (!limit) co_return std::unexpected(limit.error());
  if (auto ok = co_await record_deed(parts_, c, {"letter.read", (*desk)->partner}); !ok)
    co_return std::unexpected(std::move(ok.error()));
  auto page = co_await (*desk)->queue.dead_letters(*skip, static_cast<std::size_t>(*limit));
  if (!page) co_return std::unexpected(net::problem_for(page.error()));
  v1::DeadLetters shown;
  shown.set_total(page->total);
  for (const auto& letter : page->letters) *shown.add_letters() = show(letter);
  auto answer = make_answer(shown, c.accepted, codec_);
  answer.headers.emplace_back("Cache-Control", "no-store");
  co_return answer;
}

v1::DeadLetter partner_letters::show(const store::dead_letter& letter) const {
  v1::DeadLetter shown;
  shown.set_id(shown_id(letter.id));
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
  const auto open = opener_of(parts_, letter.id.ticket_no);
  domain::visit_personal(*event.mutable_intake(), [&](std::string_view path, std::string& value) {
    const auto plain = open(path, value);
    value = plain ? domain::mask(domain::personal_kind(path), *plain) : std::string();
  });
  return shown;
}

awaitable<outcome> partner_letters::resend(call c) {
  const auto desk = find_desk(c);
  if (!desk) co_return std::unexpected(desk.error());
  const auto id = parse_shown_id(c.params.at("id"));
  if (!id) co_return std::unexpected(not_found());
  v1::ResendLetter order;
  if (auto read = read_body(c.request, codec_, order); !read)
    co_return std::unexpected(std::move(read.error()));
  if (auto good = check_words(order); !good) co_return std::unexpected(std::move(good.error()));
  auto& queue = (*desk)->queue;
  const auto letter = co_await queue.find_dead_letter(*id);
  if (!letter) co_return std::unexpected(net::problem_for(letter.error()));
  if (!*letter) co_return std::unexpected(not_found());
  auto kept = co_await record_deed(parts_, c,
                                   {"letter.resend", (*desk)->partner + " " + shown_id(*id),
                                    order.reason(), edited_fields(order)});
  if (!kept) co_return std::unexpected(std::move(kept.error()));
  auto message = edited((*letter)->message, order);
  auto sent = **letter;
  if (message) sent.message = *message;
  const auto done = co_await queue.resend(*id, std::move(message), parts_.now.now());
  if (!done) co_return std::unexpected(net::problem_for(done.error()));
  if (!*done) co_return std::unexpected(not_found());  // somebody else was first
  co_return make_answer(show(sent), c.accepted, codec_);
}

}  // namespace hotline::gateway
