#include "services/gateway/partner_letters.hpp"

#include <algorithm>
#include <utility>

#include "common/domain/permission.hpp"
#include "services/gateway/answers.hpp"
#include "services/gateway/partner_deed.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/shown_letter.hpp"
#include "services/gateway/viewing.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

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
  routes.add({.verb = net::method::post,
              .pattern = "/v1/partners/{name}/dead-letters/{id}:dismiss",
              .name = "dismiss_dead_letter",
              .summary = "不再发送此消息，其后的消息继续；须写明理由，留有记录",
              .body = v1::DismissLetter::descriptor(),
              .answer = v1::DeadLetter::descriptor()},
             [this](call c) { return dismiss(std::move(c)); });
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
  for (const auto& letter : page->letters)
    *shown.add_letters() = show_letter(letter, opener_of(parts_, letter.id.ticket_no));
  auto answer = make_answer(shown, c.accepted, codec_);
  answer.headers.emplace_back("Cache-Control", "no-store");
  co_return answer;
}

awaitable<reading<store::dead_letter>> partner_letters::find_letter(const call& c,
                                                                    const letter_desk& desk) const {
  const auto id = parse_shown_message_id(c.params.at("id"));
  if (!id) co_return std::unexpected(not_found());
  auto letter = co_await desk.queue.find_dead_letter(*id);
  if (!letter) co_return std::unexpected(net::problem_for(letter.error()));
  if (!*letter) co_return std::unexpected(not_found());
  co_return std::move(**letter);
}

awaitable<outcome> partner_letters::resend(call c) {
  const auto desk = find_desk(c);
  if (!desk) co_return std::unexpected(desk.error());
  v1::ResendLetter order;
  if (auto read = read_body(c.request, codec_, order); !read)
    co_return std::unexpected(std::move(read.error()));
  if (auto good = check_resend(order); !good) co_return std::unexpected(std::move(good.error()));
  auto letter = co_await find_letter(c, **desk);
  if (!letter) co_return std::unexpected(std::move(letter.error()));
  auto kept =
      co_await record_deed(parts_, c,
                           {"letter.resend", (*desk)->partner + " " + shown_message_id(letter->id),
                            order.reason(), edited_words(letter->message, order)});
  if (!kept) co_return std::unexpected(std::move(kept.error()));
  auto message = edited(letter->message, order);
  if (message) letter->message = *message;
  const auto done =
      co_await (*desk)->queue.resend(letter->id, std::move(message), parts_.now.now());
  if (!done) co_return std::unexpected(net::problem_for(done.error()));
  if (!*done) co_return std::unexpected(not_found());  // somebody else was first
  co_return make_answer(show_letter(*letter, opener_of(parts_, letter->id.ticket_no)), c.accepted,
                        codec_);
}

awaitable<outcome> partner_letters::dismiss(call c) {
  const auto desk = find_desk(c);
  if (!desk) co_return std::unexpected(desk.error());
  v1::DismissLetter order;
  if (auto read = read_body(c.request, codec_, order); !read)
    co_return std::unexpected(std::move(read.error()));
  if (auto good = check_dismiss(order); !good) co_return std::unexpected(std::move(good.error()));
  const auto letter = co_await find_letter(c, **desk);
  if (!letter) co_return std::unexpected(letter.error());
  auto kept =
      co_await record_deed(parts_, c,
                           {"letter.dismiss", (*desk)->partner + " " + shown_message_id(letter->id),
                            order.reason(), untold_words(letter->message)});
  if (!kept) co_return std::unexpected(std::move(kept.error()));
  const auto done = co_await (*desk)->queue.dismiss(letter->id, parts_.now.now());
  if (!done) co_return std::unexpected(net::problem_for(done.error()));
  if (!*done) co_return std::unexpected(not_found());  // somebody else was first
  co_return make_answer(show_letter(*letter, opener_of(parts_, letter->id.ticket_no)), c.accepted,
                        codec_);
}

}  // namespace hotline::gateway
