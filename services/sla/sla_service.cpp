#include "services/sla/sla_service.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

namespace hotline::sla {

namespace asio = boost::asio;
using runtime::add;

namespace {

constexpr milliseconds watch_interval{100};
constexpr milliseconds retry_last{60'000};
constexpr milliseconds failure_pause{250};
constexpr milliseconds overtaken_pause{50};
/// Tickets that are put off are read in every round; more than this would crowd out the others.
constexpr std::size_t delayed_max = 10'000;
constexpr milliseconds round_limit{30'000};

}  // namespace

milliseconds round_clock::real_time_until(instant then) const {
  return then <= now() ? milliseconds(0) : milliseconds::max();
}

v1::Command tick_command(const std::string& ticket_no) {
  v1::Command command;
  command.set_ticket_no(ticket_no);
  command.mutable_actor()->set_user("sla");
  command.mutable_actor()->set_role(v1::ROLE_SYSTEM);
  command.mutable_tick();
  return command;
}

sla_service::sla_service(store::timers& timers, store::ticket_store& tickets,
                         store::command_runner& runner, const clock& now, round_clock& round,
                         sla_options options, sla_counters& counters, runtime::task_counters& tasks,
                         logger log)
    : timers_(timers),
      tickets_(tickets),
      runner_(runner),
      now_(now),
      round_(round),
      options_(options),
      counters_(counters),
      task_counters_(tasks),
      log_(std::move(log)) {}

asio::awaitable<void> sla_service::run(runtime::stop_signal& stopping) {
  const auto executor = co_await asio::this_coro::executor;
  runtime::task_group watch(executor, task_counters_, log_);
  if (!options_.rehearsal) watch.spawn("clock guard", watch_clocks(stopping));
  while (!stopping.raised()) {
    std::chrono::steady_clock::duration pause = options_.round_pause;
    if (guard_.holding()) {
      pause = watch_interval;
    } else if (const auto fired = co_await fire_round(); !fired) {
      log_.warn("due tickets not read reason=\"{}\"", to_string(fired.error()));
      pause = failure_pause;
    } else if (*fired >= options_.batch_max) {
      continue;  // a backlog: the next round at once
    } else {
      pause = co_await time_to_sleep();
    }
    co_await stopping.sleep_for(pause);
  }
  while (!co_await watch.wait_idle(round_limit)) {
  }
}

asio::awaitable<void> sla_service::watch_clocks(runtime::stop_signal& stopping) {
  while (!stopping.raised()) {
    const auto server = co_await timers_.server_time();
    const auto steady = steady_now();
    if (server) guard_.look_at_server(*server, steady);
    heed(guard_.look(now_.now(), steady));
    co_await stopping.sleep_for(watch_interval);
  }
}

void sla_service::heed(clock_guard::verdict seen) {
  counters_.holding = guard_.holding();
  if (seen == clock_guard::verdict::stepped) {
    add(counters_.clock_steps);
    log_.error("the clock stepped: no deadline fires until Redis shows the same time, or for {} s",
               clock_guard::hold_max.count() / 1000);
  } else if (seen == clock_guard::verdict::confirmed) {
    log_.warn("the new time is confirmed by the clock of Redis");
  }
}

/// The earlier of all clocks that count: what is due by it is due by each of them.
asio::awaitable<result<instant>> sla_service::safe_now() {
  if (options_.rehearsal) co_return now_.now();
  const auto server = co_await timers_.server_time();
  if (!server) co_return pass(server);
  co_return std::min(*server, now_.now());
}

/// Gives how many tickets were found due.
asio::awaitable<result<std::size_t>> sla_service::fire_round() {
  const auto now = co_await safe_now();
  if (!now) co_return pass(now);
  auto due = co_await timers_.due(*now, options_.batch_max + delayed_.size());
  if (!due) co_return pass(due);
  drop_delayed(*due);
  const auto found = due->size();
  if (found == 0) co_return found;
  round_.set(*now);
  co_await fire(*due);
  co_return found;
}

void sla_service::drop_delayed(std::vector<store::due_timer>& due) {
  if (delayed_.empty()) return;
  const auto steady = steady_now();
  std::erase_if(delayed_,
                [&](const auto& entry) { return entry.second.until + retry_last < steady; });
  std::erase_if(due, [&](const store::due_timer& timer) {
    const auto found = delayed_.find(timer.no);
    return found != delayed_.end() && found->second.until > steady;
  });
}

/// The chunks are worked off by several hands: while one loads, the others commit.
asio::awaitable<void> sla_service::fire(due_list due) {
  runtime::task_group hands(co_await asio::this_coro::executor, task_counters_, log_);
  for (std::size_t i = 0; i < options_.chunks_at_once; ++i) {
    hands.spawn("ticks", fire_chunks(due));
  }
  // Every command has an outcome within its own limit, so this ends.
  while (!co_await hands.wait_idle(round_limit)) {
  }
}

/// Takes chunks off the front until nothing is left.
asio::awaitable<void> sla_service::fire_chunks(due_list& rest) {
  while (!rest.empty()) {
    const auto mine = rest.first(std::min(rest.size(), options_.chunk));
    rest = rest.subspan(mine.size());
    co_await fire_chunk(mine);
  }
}

asio::awaitable<void> sla_service::fire_chunk(due_list due) {
  std::vector<std::string> numbers;
  for (const auto& timer : due) numbers.push_back(timer.no);
  auto tickets = co_await tickets_.load_many(std::move(numbers));
  if (!tickets) {
    log_.warn("due tickets not loaded reason=\"{}\"", to_string(tickets.error()));
    for (const auto& timer : due) put_off(timer.no, {});
    co_return;
  }
  runtime::task_group ticks(co_await asio::this_coro::executor, task_counters_, log_);
  for (std::size_t i = 0; i < due.size(); ++i) {
    auto& ticket = (*tickets)[i];
    if (!ticket) {
      put_off(due[i].no, ticket.error().detail);
    } else if (!*ticket) {
      put_off(due[i].no, "there is no such ticket");
    } else {
      ticks.spawn("tick", tick(due[i], **std::move(ticket)));
    }
  }
  while (!co_await ticks.wait_idle(round_limit)) {
  }
}

asio::awaitable<void> sla_service::tick(store::due_timer timer, v1::Ticket ticket) {
  const auto run = co_await runner_.run_on(std::move(ticket), tick_command(timer.no));
  settle(timer, run);
}

void sla_service::settle(const store::due_timer& timer, const store::run_result& run) {
  if (run) {
    if (run->commit_no == 0) {
      // Another instance was first; or the timer is not what the ticket says (`verify` finds that).
      add(counters_.overtaken);
      return put_off(timer.no, {});
    }
    delayed_.erase(timer.no);
    add(counters_.ticks);
    counters_.lateness.record(now_.now() - timer.due);
    return;
  }
  const auto& refused = run.error();
  // Another instance or a person was first, perhaps ended the ticket.
  if (refused.rejection && refused.rejection->code() == v1::REJECT_CODE_STATE_NOT_ALLOWED) {
    add(counters_.overtaken);
    return put_off(timer.no, {});
  }
  put_off(timer.no, to_string(refused.why));
}

/// A Tick that failed is tried again later. Its timer stays in Redis, so nothing is lost; but it
/// must not stand in the way of the others.
void sla_service::put_off(const std::string& no, std::string_view reason) {
  if (!reason.empty()) {
    add(counters_.failures);
    log_.error("tick failed ticket={} reason=\"{}\"", no, reason);
  }
  if (delayed_.size() >= delayed_max) delayed_.clear();
  const auto first = reason.empty() ? overtaken_pause : options_.retry_after;
  auto& entry = delayed_.try_emplace(no, backoff{{}, first / 2}).first->second;
  entry.pause = std::min(entry.pause * 2, retry_last);
  entry.until = steady_now() + entry.pause;
}

asio::awaitable<std::chrono::steady_clock::duration> sla_service::time_to_sleep() {
  const auto next = co_await timers_.next();
  if (!next) co_return failure_pause;
  auto pause = options_.sleep_max;
  if (*next) pause = std::min(pause, now_.real_time_until(**next));
  co_return std::max(pause, options_.round_pause);
}

}  // namespace hotline::sla
