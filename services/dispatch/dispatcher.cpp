#include "services/dispatch/dispatcher.hpp"

#include <utility>

#include "common/domain/apply.hpp"
#include "common/domain/proposal.hpp"

namespace hotline::dispatch {

using boost::asio::awaitable;
using runtime::add;
using runtime::handled;

namespace {

/// Longest advice; more reasons than this nobody reads.
constexpr std::size_t advice_bytes_max = 600;

std::string advice_of(const v1::RouteProposal& route) {
  std::string advice;
  for (const auto& reason : route.reasons()) {
    if (advice.size() + reason.size() > advice_bytes_max) break;
    if (!advice.empty()) advice += "；";
    advice += reason;
  }
  return advice;
}

}  // namespace

std::optional<v1::Command> propose_command(const v1::Ticket& ticket, const domain::province& land,
                                           instant now) {
  if (ticket.state() != v1::STATE_ACCEPTED) return std::nullopt;
  const auto route = domain::propose_dispatch(ticket, land, now);
  if (!route.sure()) return std::nullopt;

  v1::Command command;
  command.set_ticket_no(ticket.no());
  // Whatever changed meanwhile is to be thought over again, not sent by what is known now.
  command.set_expected_version(ticket.version());
  command.mutable_actor()->set_user("dispatch");
  command.mutable_actor()->set_unit(ticket.desk());
  command.mutable_actor()->set_role(v1::ROLE_SYSTEM);
  auto& order = *command.mutable_dispatch();
  order.set_unit(route.unit());
  *order.mutable_co_units() = route.co_units();
  order.set_grade(route.grade());
  order.set_urgency(route.urgency());
  order.set_priority(route.priority());
  order.set_routing_rule(route.routing_rule());
  order.set_triage_rule(route.triage_rule());
  order.set_advice(advice_of(route));
  *order.mutable_disposals() = route.disposals();
  return command;
}

dispatcher::dispatcher(store::ticket_store& tickets, store::command_runner& runner,
                       store::province_source province, const clock& now,
                       dispatch_counters& counters, logger log)
    : tickets_(tickets),
      runner_(runner),
      province_(std::move(province)),
      now_(now),
      counters_(counters),
      log_(std::move(log)) {}

awaitable<handled> dispatcher::handle(const v1::Event& event) {
  if (event.version() != 1) co_return co_await dispatch_stored(event.ticket_no());
  // The first event is the whole ticket: nothing needs to be loaded, and a change since then shows
  // as a conflict.
  v1::Ticket ticket;
  domain::apply(ticket, event);
  co_return co_await dispatch(std::move(ticket));
}

awaitable<handled> dispatcher::dispatch_stored(std::string no) {
  auto ticket = co_await tickets_.load(no);
  if (!ticket) co_return runtime::handled_after(ticket.error());
  if (!*ticket) {
    log_.error("an event of a ticket that does not exist ticket={}", no);
    co_return handled::impossible;
  }
  co_return co_await dispatch(**std::move(ticket));
}

awaitable<handled> dispatcher::dispatch(v1::Ticket ticket) {
  constexpr int rounds_max = 8;
  for (int i = 0; i < rounds_max; ++i) {
    if (ticket.state() != v1::STATE_ACCEPTED) {
      add(counters_.overtaken);
      co_return handled::done;
    }
    auto command = propose_command(ticket, *province_(), now_.now());
    if (!command) {
      add(counters_.left_to_desk);
      co_return handled::done;
    }
    const std::string no = ticket.no();
    auto run = co_await runner_.run_on(std::move(ticket), *std::move(command));
    if (run) {
      add(counters_.dispatched);
      co_return handled::done;
    }
    const auto& refused = run.error();
    if (!refused.rejection) co_return runtime::handled_after(refused.why);
    const auto code = refused.rejection->code();
    if (code != v1::REJECT_CODE_VERSION_MISMATCH) {
      if (code != v1::REJECT_CODE_STATE_NOT_ALLOWED) {
        log_.warn("the proposed dispatch was rejected, left to a dispatcher ticket={} rule={}", no,
                  refused.rejection->rule());
      }
      add(code == v1::REJECT_CODE_STATE_NOT_ALLOWED ? counters_.overtaken : counters_.left_to_desk);
      co_return handled::done;
    }
    auto again = co_await tickets_.load(no);
    if (!again) co_return runtime::handled_after(again.error());
    if (!*again) co_return handled::impossible;
    ticket = **std::move(again);
  }
  co_return handled::retry;
}

}  // namespace hotline::dispatch
