#include "services/transfer/take_back.hpp"

#include <fmt/core.h>

#include <utility>

#include "common/domain/exchange_in.hpp"

namespace hotline::transfer {
namespace {

/// The transfer the message is about still waits for its answer, and no later one does.
bool still_waits(const v1::Ticket& ticket, const v1::PartnerEvent& told) {
  if (ticket.transfers().empty()) return false;
  const auto& last = *ticket.transfers().rbegin();
  return last.answered_at() == 0 && last.sent_at() == told.occurred_at();
}

v1::FeedItem refusal_of(const v1::PartnerEvent& told, const v1::SendFailure& answer) {
  v1::FeedItem item;
  v1::PartnerEvent& refused = *item.mutable_event();
  refused.set_partner(told.partner());
  refused.set_kind(v1::PARTNER_EVENT_KIND_REFUSE);
  refused.set_ticket_no(told.ticket_no());
  refused.set_text(answer.text());
  refused.set_reason_code(answer.code());
  return item;
}

}  // namespace

take_back::take_back(const v1::Partner& partner, store::ticket_store& tickets,
                     store::command_runner& runner, store::province_source province,
                     const clock& now)
    : partner_(partner),
      tickets_(tickets),
      runner_(runner),
      province_(std::move(province)),
      now_(now) {}

boost::asio::awaitable<result<void>> take_back::run(const store::taken_message& message,
                                                    const v1::SendFailure& answer) {
  const auto& told = message.message.event();
  auto ticket = co_await tickets_.load(message.id.ticket_no);
  if (!ticket) co_return pass(ticket);
  if (!*ticket || !still_waits(**ticket, told)) co_return result<void>{};
  auto asked = domain::commands_of(refusal_of(told, answer), partner_, &**ticket, {}, *province_(),
                                   now_.now());
  if (asked.review) co_return fail(errc::rejected, asked.review->rule());
  for (auto& command : asked.commands) {
    // The same however often the message is refused, with whatever words.
    const auto id = fmt::format("refused:{}:{}", partner_.name(), to_string(message.id));
    command.set_id(id);
    command.set_ticket_no(message.id.ticket_no);
    const auto done = co_await runner_.run(std::move(command), id);
    if (!done) co_return std::unexpected(done.error().why);
  }
  co_return result<void>{};
}

}  // namespace hotline::transfer
