// `hotline partner letters`.
#include <fmt/core.h>

#include <cstdio>
#include <string_view>

#include "common/store/exchange_queue.hpp"
#include "services/gateway/shown_letter.hpp"
#include "services/hotline/console_deed.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/partner_command.hpp"
#include "services/hotline/partner_words.hpp"
#include "services/hotline/text_table.hpp"
#include "services/hotline/tool_session.hpp"
#include "services/hotline/words.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

constexpr std::size_t page_max = 200;

v1::DeadLetter shown(tool_session& session, const store::dead_letter& letter) {
  return gateway::show_letter(
      letter, [&](std::string_view path, std::string_view token) -> std::optional<std::string> {
        auto plain = session.store().vault.open(letter.id.ticket_no, path, token);
        return plain ? std::optional(*std::move(plain)) : std::nullopt;
      });
}

std::string failure_text(const v1::SendFailure& failure) {
  if (failure.http_status() == 0) return failure.text();
  return fmt::format("HTTP {} {} {}", failure.http_status(), failure.code(), failure.text());
}

awaitable<int> list(tool_session& session, store::exchange_queue& queue,
                    const letter_options& options) {
  const auto recorded = co_await record_deed(session, {"letter.read", options.partner});
  if (!recorded) co_return complain(recorded.error());
  text_table table({"编号", "始于", "事件", "对方工单号", "次数", "最后一次失败"});
  std::int64_t total = 0;
  do {
    const auto page = co_await queue.dead_letters(table.size(), page_max);
    if (!page) co_return complain(page.error());
    total = page->total;
    if (page->letters.empty()) break;
    for (const auto& one : page->letters) {
      const auto letter = shown(session, one);
      table.add({letter.id(), civil_text(letter.since_at()),
                 std::string(word(letter.event().kind())), letter.event().external_no(),
                 std::to_string(letter.tries()), failure_text(letter.failure())});
    }
  } while (static_cast<std::int64_t>(table.size()) < total && !session.stopping().raised());
  fmt::print("{}共 {} 件未送达\n", table.size() == 0 ? "" : table.to_text(), total);
  co_return exit_ok;
}

void print_letter(const v1::DeadLetter& letter) {
  const auto& event = letter.event();
  text_table table({"项目", "内容"});
  const auto add = [&](const char* name, std::string value) {
    if (!value.empty()) table.add({name, std::move(value)});
  };
  add("编号", letter.id());
  add("始于", civil_text(letter.since_at()));
  add("事件", std::string(word(event.kind())));
  add("我方工单号", letter.ticket_no());
  add("对方工单号", event.external_no());
  add("文字", event.text());
  add("原因代码", value_text(event.reason_code()));
  add("办理结果", event.reply().text());
  add("次数", std::to_string(letter.tries()));
  add("最后一次失败", failure_text(letter.failure()));
  fmt::print("{}", table.to_text());
}

awaitable<int> resend(tool_session& session, store::exchange_queue& queue,
                      const letter_options& options, store::dead_letter letter) {
  v1::ResendLetter order;
  order.set_reason(options.reason);
  if (options.text) order.set_text(*options.text);
  if (options.reply_text) order.set_reply_text(*options.reply_text);
  if (const auto good = gateway::check_resend(order); !good) {
    fmt::print(stderr, "{}\n", good.error().title_zh);
    co_return exit_usage;
  }
  const auto recorded = co_await record_deed(
      session, {"letter.resend", options.partner + " " + gateway::shown_message_id(letter.id),
                order.reason(), gateway::edited_words(letter.message, order)});
  if (!recorded) co_return complain(recorded.error());
  const auto sent =
      co_await queue.resend(letter.id, gateway::edited(letter.message, order), session.now().now());
  if (!sent) co_return complain(sent.error());
  if (!*sent) {
    fmt::print(stderr, "{} 已由他人处理\n", options.id);
    co_return exit_found;
  }
  fmt::print("{} 已重新排队，由运行中的服务发送\n", options.id);
  co_return exit_ok;
}

awaitable<int> dismiss(tool_session& session, store::exchange_queue& queue,
                       const letter_options& options, store::dead_letter letter) {
  const auto recorded = co_await record_deed(
      session, {"letter.dismiss", options.partner + " " + gateway::shown_message_id(letter.id),
                options.reason, gateway::untold_words(letter.message)});
  if (!recorded) co_return complain(recorded.error());
  const auto done = co_await queue.dismiss(letter.id, session.now().now());
  if (!done) co_return complain(done.error());
  if (!*done) {
    fmt::print(stderr, "{} 已由他人处理\n", options.id);
    co_return exit_found;
  }
  fmt::print("{} 不再发送，其后的消息继续\n", options.id);
  co_return exit_ok;
}

awaitable<int> work(tool_session& session, const letter_options& options) {
  if (session.ready().partners.find(options.partner) == nullptr)
    co_return complain_of_partner(session.ready().config, options.partner);
  store::exchange_vault vault(session.access().keys);
  store::exchange_queue queue(session.store().redis, vault, options.partner, session.data_set());
  if (options.id.empty()) co_return co_await list(session, queue, options);
  const auto id = gateway::parse_shown_message_id(options.id);
  result<std::optional<store::dead_letter>> letter;
  if (id) letter = co_await queue.find_dead_letter(*id);
  if (!letter) co_return complain(letter.error());
  if (!*letter) {
    fmt::print(stderr, "没有未送达的 {}；不带编号可列出全部\n", options.id);
    co_return exit_found;
  }
  if (options.dismiss) co_return co_await dismiss(session, queue, options, **letter);
  if (options.resend) co_return co_await resend(session, queue, options, **letter);
  const auto recorded = co_await record_deed(session, {"letter.read", options.partner});
  if (!recorded) co_return complain(recorded.error());
  print_letter(shown(session, **letter));
  co_return exit_ok;
}

}  // namespace

int partner_letters(const command_places& where, const letter_options& options) {
  return tool_session::run(where, false,
                           [&options](tool_session& session) { return work(session, options); });
}

}  // namespace hotline::program
