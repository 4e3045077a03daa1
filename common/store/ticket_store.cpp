#include "common/store/ticket_store.hpp"

#include <fmt/core.h>

#include <utility>

#include "common/base/assert.hpp"
#include "common/domain/civil.hpp"
#include "common/domain/reaction.hpp"
#include "common/domain/ticket_no.hpp"
#include "common/store/derived_changes.hpp"
#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"
#include "common/store/records.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

struct idempotency_days {
  std::chrono::year_month_day today;
  std::chrono::year_month_day yesterday;
};

idempotency_days days_of(instant now) {
  return {domain::civil_date(now), domain::civil_date(now - std::chrono::days(1))};
}

/// The status a commit begins its answer with; see functions/tickets.lua.
enum status : std::int64_t { done = 1, other_version = 2, repeated = 3, reused = 4 };

result<std::optional<v1::Ticket>> read_ticket(std::string_view no,
                                              const result<redis::reply>& answer) {
  if (!answer) return pass(answer);
  if (answer->is_nil()) return std::optional<v1::Ticket>();
  auto ticket = decode_ticket(no, answer->string());
  if (!ticket) return pass(ticket);
  return std::optional<v1::Ticket>(*std::move(ticket));
}

/// Reads the answer to an HGET of an idempotency record into `known`.
result<void> read_record(const result<redis::reply>& answer, const std::string& fingerprint,
                         known_request& known) {
  if (!answer) return pass(answer);
  if (answer->is_nil()) return {};
  // Another request's answer may be no CommandAnswer: it may have been about a user.
  const auto print = shorten_fingerprint(fingerprint);
  if (answer->string().size() > print.size() && !answer->string().starts_with(print)) {
    known = key_reused{};
    return {};
  }
  auto record = decode_idempotency(answer->string());
  if (!record) return pass(record);
  known = replayed{std::move(record->answer)};
  return {};
}

redis::command encode_commit(std::string_view data_set, const commit_base& before,
                             const v1::Ticket& after, const std::vector<v1::Event>& events,
                             const std::optional<idempotency>& request,
                             const v1::CommandAnswer& answer, instant now) {
  const auto& no = after.no();
  const auto shard = domain::shard_of_ticket(no);
  const auto days = days_of(now);
  const auto changes = derived_changes(before.derived, domain::derive(after));

  std::vector<std::string> keys{ticket_key(no),
                                history_key(no),
                                events_key(shard),
                                head_key(shard),
                                idempotency_key(days.today),
                                idempotency_key(days.yesterday)};
  for (const auto& change : changes) keys.push_back(derived_key(shard, change.key));

  auto command = function_call("commit", keys);
  command.add(data_set).add(no).add(before.version).add(encode_ticket(after));
  if (request) {
    command.add(request->key).add(shorten_fingerprint(request->fingerprint));
    command.add(answer.SerializeAsString());
  } else {
    command.add("").add("").add("");
  }
  command.add(events.size());
  for (const auto& event : events) command.add(encode_event(event));
  for (const auto& event : events) command.add(domain::lanes_of(event));
  for (const auto& change : changes) {
    command.add(change.score ? format_score(*change.score) : std::string());
  }
  return command;
}

}  // namespace

commit_base base_of(const v1::Ticket* before) {
  if (before == nullptr) return {};
  return {before->version(), domain::derive(*before)};
}

ticket_store::ticket_store(redis::client& redis, commit_floor& floor, store_options options)
    : redis_(redis), floor_(floor), options_(std::move(options)) {}

awaitable<result<std::optional<v1::Ticket>>> ticket_store::load(std::string no) {
  const auto answer = co_await redis_.exec(redis::command("GET", ticket_key(no)));
  co_return read_ticket(no, answer);
}

awaitable<result<std::vector<result<std::optional<v1::Ticket>>>>> ticket_store::load_many(
    std::vector<std::string> numbers) {
  std::vector<redis::command> commands;
  commands.reserve(numbers.size());
  for (const auto& no : numbers) commands.emplace_back("GET", ticket_key(no));
  const auto answers = co_await redis_.exec_all(std::move(commands));

  std::vector<result<std::optional<v1::Ticket>>> tickets;
  tickets.reserve(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    tickets.push_back(read_ticket(numbers[i], answers[i]));
    if (!answers[i]) co_return pass(answers[i]);
  }
  co_return tickets;
}

awaitable<result<loaded_ticket>> ticket_store::load_for(std::string no,
                                                        std::optional<idempotency> request,
                                                        instant now) {
  const auto shard = domain::shard_of_ticket(no);
  std::vector<redis::command> commands;
  // The ticket first: if the request was carried out between the two reads, its record is seen
  // with the old ticket, never the new ticket without its record.
  commands.emplace_back("GET", ticket_key(no));
  if (request) {
    const auto days = days_of(now);
    commands.emplace_back("HGET", idempotency_key(days.today), request->key);
    commands.emplace_back("HGET", idempotency_key(days.yesterday), request->key);
  }
  const auto answers = co_await redis_.exec_all(std::move(commands));

  loaded_ticket loaded;
  for (std::size_t i = 1; i < answers.size(); ++i) {
    const auto read = read_record(answers[i], request->fingerprint, loaded.known);
    if (!read) co_return pass(read);
  }
  auto ticket = read_ticket(no, answers.front());
  if (!ticket) co_return pass(ticket);
  loaded.ticket = *std::move(ticket);
  if (std::holds_alternative<replayed>(loaded.known)) {
    const auto received = co_await confirm_received(std::string(shard));
    if (!received) co_return pass(received);
  }
  co_return loaded;
}

awaitable<result<known_request>> ticket_store::find_request(idempotency request, instant now) {
  const auto days = days_of(now);
  std::vector<redis::command> commands;
  commands.emplace_back("HGET", idempotency_key(days.today), request.key);
  commands.emplace_back("HGET", idempotency_key(days.yesterday), request.key);
  const auto answers = co_await redis_.exec_all(std::move(commands));
  known_request known;
  for (const auto& answer : answers) {
    const auto read = read_record(answer, request.fingerprint, known);
    if (!read) co_return pass(read);
  }
  co_return known;
}

awaitable<result<std::vector<v1::Event>>> ticket_store::history(std::string no, std::int64_t first,
                                                                std::int64_t count) {
  HL_ASSERT(first >= 1 && count >= 1, "versions count from 1");
  const auto answer =
      co_await redis_.exec(redis::command("LRANGE", history_key(no), first - 1, first + count - 2));
  if (!answer) co_return pass(answer);
  std::vector<v1::Event> events;
  events.reserve(answer->size());
  for (const auto& item : answer->array()) {
    auto event = decode_event(item.string());
    if (!event || event->ticket_no() != no ||
        event->version() != first + static_cast<std::int64_t>(events.size())) {
      co_return fail(errc::corrupt_data,
                     fmt::format("ticket {}: event {} of its history does not check out", no,
                                 first + static_cast<std::int64_t>(events.size())));
    }
    events.push_back(*std::move(event));
  }
  co_return events;
}

awaitable<result<commit_outcome>> ticket_store::commit(
    const v1::Ticket* before, const v1::Ticket& after, const std::vector<v1::Event>& events,
    const std::optional<idempotency>& request, const v1::CommandAnswer& answer, instant now) {
  HL_ASSERT(!before || before->no() == after.no(), "a commit changes one ticket");
  return commit(base_of(before), after, events, request, answer, now);
}

awaitable<result<commit_outcome>> ticket_store::commit(
    const commit_base& before, const v1::Ticket& after, const std::vector<v1::Event>& events,
    const std::optional<idempotency>& request, const v1::CommandAnswer& answer, instant now) {
  HL_ASSERT(!events.empty(), "a commit without events");
  HL_ASSERT(before.version + static_cast<std::int64_t>(events.size()) == after.version(),
            "each event is one version");
  HL_ASSERT(!request || (!request->key.empty() && request->key.size() <= idempotency_key_bytes_max),
            "the door checks idempotency keys");
  return send_commit(encode_commit(options_.data_set, before, after, events, request, answer, now),
                     after.no());
}

awaitable<result<commit_outcome>> ticket_store::send_commit(redis::command command,
                                                            std::string no) {
  std::vector<redis::command> commands;
  commands.push_back(std::move(command));
  if (options_.replicas_min > 0) {
    commands.emplace_back("WAIT", options_.replicas_min, options_.replica_timeout.count());
  }
  const auto answers = co_await redis_.exec_all(std::move(commands));
  if (!answers[0]) co_return std::unexpected(failure_of_function(answers[0].error()));
  auto outcome = read_outcome(*answers[0], no);
  if (!outcome || options_.replicas_min == 0) co_return outcome;

  result<void> received;
  if (std::holds_alternative<committed>(*outcome)) {
    received = enough_replicas(answers[1]);
  } else if (std::holds_alternative<replayed>(*outcome)) {
    received = co_await confirm_received(std::string(domain::shard_of_ticket(no)));
  }
  if (!received) co_return pass(received);
  co_return outcome;
}

/// WAIT only looks at writes of this connection; the commit that is acknowledged again may have
/// come over another one. So write something behind it and wait for that.
awaitable<result<void>> ticket_store::confirm_received(std::string shard) {
  if (options_.replicas_min == 0) co_return result<void>();
  std::vector<redis::command> commands;
  commands.emplace_back("HINCRBY", head_key(shard), "confirmations", 1);
  commands.emplace_back("WAIT", options_.replicas_min, options_.replica_timeout.count());
  const auto answers = co_await redis_.exec_all(std::move(commands));
  if (!answers[0]) co_return pass(answers[0]);
  co_return enough_replicas(answers[1]);
}

result<void> ticket_store::enough_replicas(const result<redis::reply>& wait) const {
  if (wait && wait->integer() >= options_.replicas_min) return {};
  return fail(errc::outcome_unknown,
              fmt::format("not received by {} replica(s) within {} ms", options_.replicas_min,
                          options_.replica_timeout.count()));
}

result<commit_outcome> ticket_store::read_outcome(const redis::reply& answer, std::string_view no) {
  switch (answer.at(0).integer()) {
    case status::done: {
      const committed commit{answer.at(1).integer()};
      floor_.seen(domain::shard_of_ticket(no), commit.commit_no);
      return commit;
    }
    case status::other_version: return conflict{answer.at(1).integer()};
    case status::repeated: {
      replayed replay;
      if (!replay.answer.ParseFromString(std::string(answer.at(1).string()))) {
        return fail(errc::corrupt_data, fmt::format("ticket {}: stored answer is damaged", no));
      }
      return replay;
    }
    case status::reused: return key_reused{};
    default: return fail(errc::internal, "a commit answered with an unknown status");
  }
}

}  // namespace hotline::store
