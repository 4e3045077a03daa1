#include "services/transfer/teller.hpp"

#include <utility>

#include "common/domain/exchange_out.hpp"

namespace hotline::transfer {

using runtime::handled;

teller::teller(partner_links& partners, store::ticket_store& tickets,
               store::province_source province, const clock& now)
    : partners_(partners), tickets_(tickets), province_(std::move(province)), now_(now) {}

bool teller::may_want(v1::EventKind kind) {
  switch (kind) {
    case v1::EVENT_KIND_RETURN_ASKED:
    case v1::EVENT_KIND_CO_HANDLER_ADDED:
    case v1::EVENT_KIND_CO_HANDLER_RELEASED:
    case v1::EVENT_KIND_OPINION_GIVEN:
    case v1::EVENT_KIND_CONTACTED:
    case v1::EVENT_KIND_SUSPENSION_ASKED:
    case v1::EVENT_KIND_TAKE_OVER_ASKED:
    case v1::EVENT_KIND_TAKE_OVER_DECIDED:
    case v1::EVENT_KIND_MERGED_LISTED:
    case v1::EVENT_KIND_LINKED:
    case v1::EVENT_KIND_ARCHIVED:
    case v1::EVENT_KIND_RECALCULATED:
    case v1::EVENT_KIND_ESCALATED:
    case v1::EVENT_KIND_DEADLINE_NEAR:
    case v1::EVENT_KIND_DEADLINE_MISSED:
    case v1::EVENT_KIND_BREACH_LASTING:
    case v1::EVENT_KIND_REVEALED:
    case v1::EVENT_KIND_URGENCY_CHANGED:
    case v1::EVENT_KIND_PARTNER_DUE_CHANGED: return false;
    default: return true;
  }
}

boost::asio::awaitable<handled> teller::handle(const v1::Event& event) {
  const auto ticket = co_await tickets_.load(event.ticket_no());
  if (!ticket) co_return runtime::handled_after(ticket.error());
  if (!*ticket) co_return handled::impossible;
  const auto land = province_();
  const auto now = now_.now();
  for (const auto& link : partners_.all()) {
    auto told = domain::told_to(link->partner.config(), **ticket, event, land->org);
    if (!told) continue;
    v1::OutMessage message;
    *message.mutable_event() = *std::move(told);
    message.set_made_at(to_unix_ms(now));
    const auto put =
        co_await link->queue.put({event.ticket_no(), event.version()}, std::move(message), now);
    if (!put) co_return runtime::handled_after(put.error());
  }
  co_return handled::done;
}

}  // namespace hotline::transfer
