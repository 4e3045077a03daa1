#include "fill.hpp"

#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>
#include <stdexcept>

#include "common/domain/apply.hpp"
#include "common/domain/civil.hpp"
#include "common/domain/decide.hpp"

namespace hotline::bench {
namespace {

v1::Command system_command() {
  v1::Command command;
  command.mutable_actor()->set_user("bench");
  command.mutable_actor()->set_unit("370000");
  command.mutable_actor()->set_role(v1::ROLE_SYSTEM);
  return command;
}

v1::Command officer_command(const std::string& unit) {
  auto command = system_command();
  command.mutable_actor()->set_unit(unit);
  command.mutable_actor()->set_role(v1::ROLE_OFFICER);
  return command;
}

}  // namespace

filler::filler(world& w, std::uint64_t seed)
    : world_(w), bodies_(w.land(), seed), serial_(seed * 10'000'000 + 1) {}

void filler::step(past_life& life, v1::Command command, instant at) {
  const auto* current = life.events.empty() ? nullptr : &life.ticket;
  auto made = domain::decide(current, command, world_.land(), at);
  if (!made) throw std::runtime_error("a step of a past life was refused: " + made.error().rule());
  // As the command runner does it: sealed, then folded.
  for (auto& e : made->events) {
    vault_.seal(e);
    domain::apply(life.ticket, e);
    life.events.push_back(std::move(e));
  }
}

past_life filler::begin(instant at, v1::Urgency urgency) {
  past_life life;
  auto create = system_command();
  *create.mutable_create() = bodies_.next();
  create.mutable_create()->mutable_intake()->set_urgency(urgency);
  const auto unit = create.create().intake().matter().region();
  const auto day = domain::format_date(domain::civil_date(at));
  create.set_ticket_no(fmt::format("{}-{}{}{}-{:09d}", world_.land().org.shard_of(unit),
                                   day.substr(0, 4), day.substr(5, 2), day.substr(8, 2),
                                   serial_++));
  step(life, std::move(create), at);
  auto dispatch = system_command();
  dispatch.mutable_dispatch()->set_unit(unit);
  dispatch.mutable_dispatch()->set_routing_rule("bench");
  step(life, std::move(dispatch), at);
  return life;
}

past_life filler::dispatched(instant at) { return begin(at, v1::URGENCY_NORMAL); }

past_life filler::sign_due(instant due, instant now) {
  auto life = begin(due - std::chrono::hours(2), v1::URGENCY_URGENT);
  auto tick = system_command();
  tick.mutable_tick();
  step(life, std::move(tick), now);
  return life;
}

past_life filler::contact_due(instant due, instant now) {
  const auto start = due - std::chrono::hours(2);
  auto life = begin(start, v1::URGENCY_CRITICAL);
  const auto unit = life.ticket.assignments(0).unit();
  auto sign = officer_command(unit);
  sign.mutable_sign();
  step(life, std::move(sign), start);
  auto report = officer_command(unit);
  report.mutable_report_progress()->set_text("已派人赶赴现场");
  step(life, std::move(report), start);
  auto tick = system_command();
  tick.mutable_tick();
  step(life, std::move(tick), now);
  return life;
}

boost::asio::awaitable<void> filler::work(std::size_t& left, const std::function<past_life()>& make,
                                          std::vector<std::string>& numbers) {
  while (left > 0) {
    --left;
    auto life = make();
    auto no = life.ticket.no();
    co_await commit_one(std::move(life));
    numbers.push_back(std::move(no));
  }
}

boost::asio::awaitable<void> filler::commit_one(past_life life) {
  const auto at = from_unix_ms(life.events.back().at());
  v1::CommandAnswer answer;
  answer.set_ticket_no(life.ticket.no());
  answer.set_version(life.ticket.version());
  // With an idempotency record, as a create over HTTP leaves one.
  store::idempotency request{.key = "bench-" + life.ticket.no(), .fingerprint = life.ticket.no()};
  auto done = co_await world_.redis().store().commit(nullptr, life.ticket, life.events, request,
                                                     answer, at);
  if (!done || !std::holds_alternative<store::committed>(*done)) {
    throw std::runtime_error("a filling commit failed: " +
                             (done ? std::string("conflict") : to_string(done.error())));
  }
}

std::vector<std::string> filler::commit(std::size_t count, const std::function<past_life()>& make) {
  constexpr int workers = 128;
  std::vector<std::string> numbers;
  numbers.reserve(count);
  std::size_t left = count;
  int running = workers;
  std::exception_ptr failed;
  for (int i = 0; i < workers; ++i) {
    boost::asio::co_spawn(world_.context(), work(left, make, numbers), [&](std::exception_ptr e) {
      if (e) failed = e;
      --running;
    });
  }
  test::run_until(world_.context(), [&] { return running == 0; }, std::chrono::minutes(30));
  if (failed) std::rethrow_exception(failed);
  return numbers;
}

}  // namespace hotline::bench
