#include "common/store/command_runner.hpp"

#include <fmt/core.h>

#include <utility>
#include <variant>

#include "common/base/assert.hpp"
#include "common/domain/apply.hpp"
#include "common/domain/decide.hpp"
#include "common/domain/derive.hpp"
#include "common/domain/permission.hpp"
#include "common/domain/ticket_no.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

run_result failed(failure why) { return std::unexpected(refusal{std::move(why), std::nullopt}); }

run_result rejected(v1::Rejection rejection) {
  auto text = rejection.rule();
  return std::unexpected(refusal{{errc::rejected, std::move(text)}, std::move(rejection)});
}

run_result repeated(v1::CommandAnswer answer, std::optional<v1::Ticket> now) {
  executed done;
  done.answer = std::move(answer);
  done.replayed = true;
  done.ticket = std::move(now);
  return done;
}

/// That a ticket was taken, and its number; not where it is or what happens to it.
v1::CommandAnswer only_taken(const v1::CommandAnswer& answer) {
  v1::CommandAnswer told;
  told.set_ticket_no(answer.ticket_no());
  told.set_version(answer.version());
  return told;
}

run_result reused() {
  return failed({errc::key_reused, "the idempotency key belongs to another request"});
}

run_result too_contended(const std::string& no) {
  return failed({errc::conflict, fmt::format("ticket {} changed {} times while it was decided on",
                                             no, command_runner::attempts_max)});
}

/// What is personal in a decision is sealed before anything is written: events first, and the
/// ticket is what they make of the one before.
void seal(personal_vault& vault, const v1::Ticket* before, domain::decision& made) {
  bool sealed = false;
  for (auto& event : made.events) sealed |= vault.seal(event);
  if (!sealed) return;
  made.ticket = before ? *before : v1::Ticket();
  for (const auto& event : made.events) domain::apply(made.ticket, event);
}

/// Whether Redis has looked at the version, or the outcome does not depend on it.
bool is_proven(const run_result& end) {
  if (!end) return !end.error().rejection.has_value();
  return end->replayed || end->commit_no > 0;
}

}  // namespace

v1::CommandAnswer make_answer(const v1::Ticket& ticket, const std::vector<v1::Event>& events) {
  v1::CommandAnswer answer;
  answer.set_ticket_no(ticket.no());
  answer.set_version(ticket.version());
  answer.set_state(ticket.state());
  answer.set_unit(std::string(domain::accountable_unit(ticket)));
  if (const auto* clock = domain::leading_clock(ticket)) answer.set_due_at(clock->due_at());
  for (const auto& event : events) answer.add_events(event.kind());
  return answer;
}

std::string birth_shard(const v1::Command& command, const domain::organisation& org) {
  return birth_shard(command.create().intake(), command.actor().unit(), org);
}

std::string birth_shard(const v1::Intake& intake, std::string_view actor_unit,
                        const domain::organisation& org) {
  const std::string_view region = intake.matter().region();
  return std::string(org.shard_of(region.empty() ? actor_unit : region));
}

/// One decision and its commit: the end of the command, or nothing when somebody else was first.
struct command_runner::attempt {
  std::optional<run_result> end;
};

command_runner::command_runner(ticket_store& store, number_source& numbers, const clock& clock,
                               province_source province, personal_vault& vault)
    : store_(store),
      numbers_(numbers),
      clock_(clock),
      province_(std::move(province)),
      vault_(vault) {}

std::optional<idempotency> command_runner::request(const std::string& id,
                                                   std::string_view fingerprint) {
  if (id.empty()) return std::nullopt;
  return idempotency{id, vault_.fingerprint(fingerprint)};
}

awaitable<run_result> command_runner::run(v1::Command command, std::string fingerprint) {
  auto request = this->request(command.id(), fingerprint);
  if (request && request->key.size() > idempotency_key_bytes_max) {
    co_return failed({errc::invalid_argument, "the idempotency key is too long"});
  }
  if (command.has_create() && !command.ticket_no().empty()) {
    co_return co_await run_reserved(std::move(command), std::move(request));
  }
  if (command.has_create()) co_return co_await run_create(std::move(command), std::move(request));
  co_return co_await run_change(std::nullopt, std::move(command), std::move(request));
}

awaitable<run_result> command_runner::run_on(v1::Ticket ticket, v1::Command command,
                                             std::string fingerprint) {
  auto request = this->request(command.id(), fingerprint);
  co_return co_await run_change(std::move(ticket), std::move(command), std::move(request));
}

awaitable<run_result> command_runner::run_create(v1::Command command,
                                                 std::optional<idempotency> request) {
  const auto shard = birth_shard(command, province_()->org);
  for (int i = 0; i < attempts_max; ++i) {
    auto no = co_await numbers_.next(shard, clock_.now());
    if (!no) co_return failed(no.error());
    command.set_ticket_no(*std::move(no));
    auto once = co_await try_once(nullptr, command, request);
    // Taken: only after a loss of data can a fresh number be in use already. Take the next.
    if (!once.end) continue;
    co_return co_await judged(std::move(command), *std::move(once.end), std::move(request));
  }
  co_return too_contended(command.ticket_no());
}

/// Once only: the number is for this ticket alone, so whoever was first made the same ticket.
awaitable<run_result> command_runner::run_reserved(v1::Command command,
                                                   std::optional<idempotency> request) {
  if (!domain::is_ticket_no(command.ticket_no()) ||
      domain::shard_of_ticket(command.ticket_no()) != birth_shard(command, province_()->org)) {
    co_return failed({errc::invalid_argument, "the number is not one of the ticket's shard"});
  }
  auto once = co_await try_once(nullptr, command, request);
  if (!once.end) co_return too_contended(command.ticket_no());
  co_return co_await judged(std::move(command), *std::move(once.end), std::move(request));
}

/// Rules change between a request and its repeat; what was answered stays answered.
awaitable<run_result> command_runner::judged(v1::Command command, run_result end,
                                             std::optional<idempotency> request) {
  const bool said_no = !end && end.error().rejection.has_value();
  if (!said_no || !request) co_return end;
  auto known = co_await store_.find_request(*request, clock_.now());
  if (!known) co_return failed(known.error());
  if (auto* answer = std::get_if<replayed>(&*known)) {
    co_return co_await repeat(std::move(command), std::move(answer->answer));
  }
  if (std::holds_alternative<key_reused>(*known)) co_return reused();
  co_return end;
}

awaitable<run_result> command_runner::run_change(std::optional<v1::Ticket> ticket,
                                                 v1::Command command,
                                                 std::optional<idempotency> request) {
  if (!domain::is_ticket_no(command.ticket_no())) {
    co_return co_await refuse_unknown(std::move(command));
  }
  bool fresh = !ticket;
  for (int i = 0; i < attempts_max; ++i) {
    if (!ticket) {
      auto loaded = co_await store_.load_for(command.ticket_no(), request, clock_.now());
      if (!loaded) co_return failed(loaded.error());
      if (auto* answer = std::get_if<replayed>(&loaded->known)) {
        co_return co_await repeat(std::move(command), std::move(answer->answer));
      }
      if (std::holds_alternative<key_reused>(loaded->known)) co_return reused();
      if (!loaded->ticket) co_return co_await refuse_unknown(std::move(command));
      ticket = std::move(loaded->ticket);
      fresh = true;
    }
    auto once = co_await try_once(&*ticket, command, request);
    // Only a commit proves that a ticket the caller brought was not an old one.
    if (once.end && (fresh || is_proven(*once.end))) co_return *std::move(once.end);
    ticket.reset();
  }
  co_return too_contended(command.ticket_no());
}

awaitable<run_result> command_runner::repeat(v1::Command command, v1::CommandAnswer answer) {
  auto loaded = co_await store_.load(answer.ticket_no());
  if (!loaded) co_return failed(loaded.error());
  if (*loaded && !is_hidden(command, **loaded)) {
    co_return repeated(std::move(answer), *std::move(loaded));
  }
  if (command.has_create()) co_return repeated(only_taken(answer), std::nullopt);
  co_return co_await refuse_unknown(std::move(command));
}

bool command_runner::is_hidden(const v1::Command& command, const v1::Ticket& ticket) const {
  const auto land = province_();
  if (command.has_create()) {
    return domain::sight_of(land->org, command.actor(), ticket).how == domain::sight::extent::none;
  }
  return domain::permit(land->org, command.actor(), command.body_case(), &ticket) ==
         domain::access::unknown;
}

/// The rules have the word here too: they say first what else is wrong with the command.
awaitable<run_result> command_runner::refuse_unknown(v1::Command command) {
  auto once = co_await try_once(nullptr, command, std::nullopt);
  HL_ASSERT(once.end && !once.end->has_value(), "a change of no ticket was accepted");
  co_return *std::move(once.end);
}

awaitable<command_runner::attempt> command_runner::try_once(
    const v1::Ticket* ticket, const v1::Command& command,
    const std::optional<idempotency>& request) {
  const auto now = clock_.now();
  const auto land = province_();
  auto verdict = domain::decide(ticket, command, *land, now);
  if (!verdict) co_return attempt{rejected(std::move(verdict.error()))};

  seal(vault_, ticket, *verdict);
  executed done;
  done.answer = make_answer(verdict->ticket, verdict->events);
  if (verdict->events.empty()) {
    done.ticket = std::move(verdict->ticket);
    co_return attempt{run_result(std::move(done))};
  }
  auto outcome =
      co_await store_.commit(ticket, verdict->ticket, verdict->events, request, done.answer, now);
  if (!outcome) co_return attempt{failed(outcome.error())};
  if (std::holds_alternative<conflict>(*outcome)) co_return attempt{};
  if (std::holds_alternative<key_reused>(*outcome)) co_return attempt{reused()};
  if (auto* answer = std::get_if<replayed>(&*outcome)) {
    co_return attempt{co_await repeat(command, std::move(answer->answer))};
  }
  done.commit_no = std::get<committed>(*outcome).commit_no;
  done.ticket = std::move(verdict->ticket);
  co_return attempt{run_result(std::move(done))};
}

}  // namespace hotline::store
