#include "common/store/verifier.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/domain/derive.hpp"
#include "common/domain/ticket_no.hpp"
#include "common/redis/reply_error.hpp"
#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"
#include "common/store/records.hpp"
#include "common/store/ticket_check.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

/// A live ticket may change between two reads; this often in a row it does not.
constexpr int looks_max = 5;

bool is_counted(std::string_view family) { return family != "caller"; }

bool is_wrong_type(const failure& f) { return redis::is_error_reply(f, "WRONGTYPE"); }

std::vector<redis::command> ticket_reads(const std::string& no) {
  std::vector<redis::command> commands;
  commands.emplace_back("GET", ticket_key(no));
  commands.emplace_back("LRANGE", history_key(no), 0, -1);
  return commands;
}

}  // namespace

verifier::verifier(redis::client& redis, verify_options options)
    : redis_(redis), options_(std::move(options)) {}

awaitable<result<verify_report>> verifier::run() {
  std::string cursor = "0";
  do {
    const auto answer = co_await redis_.exec(
        redis::command("SCAN", cursor, "MATCH", shard_keys_pattern(), "COUNT", options_.batch));
    if (!answer) co_return pass(answer);
    cursor = answer->at(0).string();
    std::vector<std::string> keys;
    for (const auto& key : answer->at(1).array()) keys.emplace_back(key.string());
    const auto checked = co_await check_keys(std::move(keys));
    if (!checked) co_return pass(checked);
    if (options_.progress) options_.progress(report_);
  } while (cursor != "0");

  const auto sets = co_await check_counted_sets();
  if (!sets) co_return pass(sets);
  for (const auto& shard : shards_) {
    const auto checked = co_await check_shard(shard);
    if (!checked) co_return pass(checked);
  }
  const auto merges = co_await check_merges();
  if (!merges) co_return pass(merges);
  co_return std::move(report_);
}

verifier::step verifier::check_keys(std::vector<std::string> keys) {
  std::vector<std::string> tickets;
  std::vector<std::string> histories;
  std::vector<std::string> uncounted;
  for (const auto& key : keys) {
    const auto parts = parse_key(key);
    if (!parts) continue;
    const bool numbered = parts->family == "ticket" || parts->family == "history";
    if (numbered && (!domain::is_ticket_no(parts->name) ||
                     domain::shard_of_ticket(parts->name) != parts->shard)) {
      report({damage::wrong_type, key, "", "not the name of a ticket"});
    } else if (parts->family == "ticket") {
      tickets.emplace_back(parts->name);
      shards_.emplace(parts->shard);
    } else if (parts->family == "history") {
      histories.emplace_back(parts->name);
    } else if (!is_reserved_family(parts->family)) {
      if (is_counted(parts->family)) {
        counted_.try_emplace(key, 0);
      } else {
        uncounted.push_back(key);
      }
    }
  }
  if (const auto checked = co_await check_histories(std::move(histories)); !checked) {
    co_return checked;
  }
  if (const auto checked = co_await check_sets(std::move(uncounted)); !checked) co_return checked;
  // SCAN may hand out more keys than asked for.
  for (std::size_t i = 0; i < tickets.size(); i += options_.batch) {
    const auto end = std::min(i + options_.batch, tickets.size());
    const auto checked = co_await check_tickets(
        std::vector<std::string>(tickets.begin() + static_cast<std::ptrdiff_t>(i),
                                 tickets.begin() + static_cast<std::ptrdiff_t>(end)));
    if (!checked) co_return checked;
  }
  co_return result<void>();
}

verifier::step verifier::check_tickets(std::vector<std::string> numbers) {
  std::vector<redis::command> reads;
  for (const auto& no : numbers) {
    for (auto& command : ticket_reads(no)) reads.push_back(std::move(command));
  }
  const auto values = co_await redis_.exec_all(std::move(reads));

  struct expectation {
    std::size_t ticket;
    domain::index_entry entry;
  };
  std::vector<expectation> expected;
  std::vector<redis::command> lookups;
  std::set<std::size_t> doubtful;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto& value = values[2 * i];
    const auto& history = values[2 * i + 1];
    ++report_.tickets;
    if (!value || !history) {
      const auto& why = !value ? value.error() : history.error();
      if (!is_wrong_type(why)) co_return std::unexpected(why);
      report({damage::wrong_type, !value ? ticket_key(numbers[i]) : history_key(numbers[i]),
              numbers[i], "holds another type"});
      continue;
    }
    auto findings = examine_ticket(numbers[i], *value, *history);
    report_.events += findings.events;
    if (!findings.problems.empty()) doubtful.insert(i);
    if (!findings.ticket) continue;
    note_merges(*findings.ticket);
    for (auto& entry : domain::derive(*findings.ticket)) {
      const auto key = derived_key(domain::shard_of_ticket(numbers[i]), entry.key);
      lookups.emplace_back("ZSCORE", key, numbers[i]);
      expected.push_back({i, std::move(entry)});
    }
  }
  const auto scores = co_await redis_.exec_all(std::move(lookups));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ++report_.entries;
    if (!scores[i] && !is_wrong_type(scores[i].error())) co_return pass(scores[i]);
    const auto& [ticket, entry] = expected[i];
    if (!scores[i] || examine_entry(numbers[ticket], entry, *scores[i])) doubtful.insert(ticket);
    if (scores[i] && !scores[i]->is_nil()) {
      const auto parts = entry.key.substr(0, entry.key.find(':'));
      const auto key = derived_key(domain::shard_of_ticket(numbers[ticket]), entry.key);
      if (is_counted(parts)) ++counted_[key];
    }
  }
  for (const auto i : doubtful) {
    const auto checked = co_await check_ticket_again(numbers[i]);
    if (!checked) co_return checked;
  }
  co_return result<void>();
}

/// Reads value, history and entries between two equal versions of the ticket, so that what is
/// reported was there at one moment.
verifier::step verifier::check_ticket_again(std::string no) {
  std::vector<domain::index_entry> entries;
  for (int look = 0; look < looks_max; ++look) {
    auto reads = ticket_reads(no);
    for (const auto& entry : entries) {
      reads.emplace_back("ZSCORE", derived_key(domain::shard_of_ticket(no), entry.key), no);
    }
    reads.emplace_back("GET", ticket_key(no));
    const auto answers = co_await redis_.exec_all(std::move(reads));
    for (const auto& answer : answers) {
      if (!answer && !is_wrong_type(answer.error())) co_return pass(answer);
    }
    if (!answers[0] || !answers[1]) co_return result<void>();  // was reported as wrong_type
    auto findings = examine_ticket(no, *answers[0], *answers[1]);
    auto derived = findings.ticket ? domain::derive(*findings.ticket) : entries;
    const bool steady = answers.back() && *answers.back() == *answers[0];
    if (!steady || derived != entries) {
      entries = std::move(derived);
      continue;
    }
    for (auto& found : findings.problems) report(std::move(found));
    for (std::size_t i = 0; i < entries.size() && findings.ticket; ++i) {
      const auto& score = answers[2 + i];
      if (!score) continue;  // the set itself is reported as wrong_type
      auto found = examine_entry(no, entries[i], *score);
      if (!found) continue;
      std::vector<derived_change> change;
      change.push_back({entries[i].key, entries[i].score});
      const auto repaired =
          co_await repair(no, findings.ticket->version(), std::move(change), *std::move(found));
      if (!repaired) co_return repaired;
    }
    co_return result<void>();
  }
  co_return result<void>();  // changes all the time: its commits prove it is alive and well
}

verifier::step verifier::check_histories(std::vector<std::string> numbers) {
  std::vector<redis::command> lookups;
  for (const auto& no : numbers) lookups.emplace_back("EXISTS", ticket_key(no));
  const auto answers = co_await redis_.exec_all(std::move(lookups));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!answers[i]) co_return pass(answers[i]);
    if (answers[i]->integer() == 1) continue;
    report(
        {damage::history_orphan, history_key(numbers[i]), numbers[i], "there is no such ticket"});
  }
  co_return result<void>();
}

verifier::step verifier::check_shard(std::string shard) {
  const auto head =
      co_await redis_.exec(redis::command("HMGET", head_key(shard), "dataset", "commits"));
  if (!head && !is_wrong_type(head.error())) co_return pass(head);
  if (!head || head->at(0).is_nil() || head->at(1).is_nil()) {
    report({damage::head_unreadable, head_key(shard), "", "no identity or no commit counter"});
  }
  co_return co_await check_outbox(std::move(shard));
}

verifier::step verifier::check_outbox(std::string shard) {
  const auto key = events_key(shard);
  std::string end = "+";
  std::size_t seen = 0;
  while (seen < options_.outbox_max) {
    const auto entries =
        co_await redis_.exec(redis::command("XREVRANGE", key, end, "-", "COUNT", options_.batch));
    if (!entries) {
      if (!is_wrong_type(entries.error())) co_return pass(entries);
      report({damage::wrong_type, key, "", "is no stream"});
      co_return result<void>();
    }
    if (entries->size() == 0) break;
    std::vector<redis::command> lookups;
    for (const auto& entry : entries->array()) {
      const auto event = decode_event(entry.at(1).at(1).string());
      const bool usable = event && domain::is_ticket_no(event->ticket_no()) && event->version() > 0;
      lookups.emplace_back(
          "LINDEX",
          usable ? history_key(event->ticket_no()) : std::string(data_set_key()) + ":none",
          usable ? event->version() - 1 : 0);
    }
    const auto originals = co_await redis_.exec_all(std::move(lookups));
    for (std::size_t i = 0; i < originals.size(); ++i) {
      if (!originals[i] && !is_wrong_type(originals[i].error())) co_return pass(originals[i]);
      const auto& entry = entries->at(i);
      if (originals[i] && originals[i]->is_string() &&
          originals[i]->string() == entry.at(1).at(1).string()) {
        continue;
      }
      report({damage::outbox_differs, key, "",
              fmt::format("entry {} is not in the history of its ticket", entry.at(0).string())});
    }
    seen += entries->size();
    end = fmt::format("({}", entries->array().back().at(0).string());
  }
  report_.outbox_entries += static_cast<std::int64_t>(seen);
  co_return result<void>();
}

verifier::step verifier::repair(std::string no, std::int64_t version,
                                std::vector<derived_change> changes, problem found) {
  if (!options_.repair || !domain::is_ticket_no(no)) {
    report(std::move(found));
    co_return result<void>();
  }
  const auto shard = std::string(domain::shard_of_ticket(no));
  std::vector<std::string> keys{ticket_key(no)};
  for (const auto& change : changes) keys.push_back(derived_key(shard, change.key));
  auto command = function_call("repair", keys);
  command.add(no).add(version);
  for (const auto& change : changes) {
    command.add(change.score ? format_score(*change.score) : std::string());
  }
  const auto answer = co_await redis_.exec(std::move(command));
  if (!answer) co_return std::unexpected(failure_of_function(answer.error()));
  // Another version: a commit went over it meanwhile; the next verification will tell.
  found.repaired = answer->at(0).integer() == 1;
  report(std::move(found));
  co_return result<void>();
}

void verifier::report(problem found) {
  ++report_.counts[found.kind];
  if (found.repaired) ++report_.repaired;
  if (report_.problems.size() < options_.problems_max) {
    report_.problems.push_back(std::move(found));
  }
}

}  // namespace hotline::store
