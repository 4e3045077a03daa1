#include "services/escalation/escalator.hpp"

#include <utility>

namespace hotline::escalation {

using boost::asio::awaitable;
using runtime::add;
using runtime::handled;

v1::Command escalate_command(const v1::Event& breach) {
  v1::Command command;
  command.set_ticket_no(breach.ticket_no());
  command.mutable_actor()->set_user("escalation");
  command.mutable_actor()->set_role(v1::ROLE_SYSTEM);
  auto& order = *command.mutable_escalate();
  order.set_rung(breach.rung().rung());
  order.set_clock(breach.rung().clock());
  order.set_assignment(breach.rung().assignment());
  return command;
}

escalator::escalator(store::command_runner& runner, escalation_counters& counters, logger log)
    : runner_(runner), counters_(counters), log_(std::move(log)) {}

awaitable<handled> escalator::handle(const v1::Event& event) {
  const auto run = co_await runner_.run(escalate_command(event));
  if (run) {
    add(run->commit_no > 0 ? counters_.escalated : counters_.not_needed);
    co_return handled::done;
  }
  const auto& refused = run.error();
  if (!refused.rejection) co_return runtime::handled_after(refused.why);
  const auto code = refused.rejection->code();
  // A late delivery: the unit has acted, or the ticket has gone on.
  const bool overtaken =
      code == v1::REJECT_CODE_NOT_DUE || code == v1::REJECT_CODE_STATE_NOT_ALLOWED;
  if (!overtaken) {
    log_.error("an escalation was rejected ticket={} rule={}", event.ticket_no(),
               refused.rejection->rule());
  }
  add(counters_.not_needed);
  co_return handled::done;
}

}  // namespace hotline::escalation
