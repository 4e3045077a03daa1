#include <algorithm>
#include <utility>

#include "common/domain/derive.hpp"
#include "common/domain/ticket_no.hpp"
#include "common/redis/reply_error.hpp"
#include "common/store/keys.hpp"
#include "common/store/records.hpp"
#include "common/store/verifier.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

/// Sets up to this size are read as a whole.
constexpr std::size_t small_set_max = 16;

bool is_wrong_type(const failure& f) { return redis::is_error_reply(f, "WRONGTYPE"); }

bool has_entry(const v1::Ticket& ticket, std::string_view key) {
  return std::ranges::any_of(domain::derive(ticket),
                             [&](const domain::index_entry& entry) { return entry.key == key; });
}

}  // namespace

verifier::step verifier::check_counted_sets() {
  for (const auto& [key, belonging] : counted_) {
    const auto size = co_await redis_.exec(redis::command("ZCARD", key));
    if (!size && !is_wrong_type(size.error())) co_return pass(size);
    if (size && size->integer() == belonging) continue;
    const auto checked = co_await check_large_set(key);
    if (!checked) co_return checked;
  }
  co_return result<void>();
}

verifier::step verifier::check_sets(std::vector<std::string> keys) {
  std::vector<redis::command> reads;
  for (const auto& key : keys) reads.emplace_back("ZRANGE", key, 0, small_set_max);
  const auto answers = co_await redis_.exec_all(std::move(reads));
  std::vector<membership> members;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (answers[i] && answers[i]->size() <= small_set_max) {
      for (const auto& no : answers[i]->array()) {
        members.push_back({keys[i], std::string(no.string())});
      }
      continue;
    }
    const auto checked = co_await check_large_set(keys[i]);
    if (!checked) co_return checked;
  }
  co_return co_await check_members(std::move(members));
}

verifier::step verifier::check_large_set(std::string key) {
  std::string cursor = "0";
  do {
    const auto answer =
        co_await redis_.exec(redis::command("ZSCAN", key, cursor, "COUNT", options_.batch));
    if (!answer) {
      if (!is_wrong_type(answer.error())) co_return pass(answer);
      report({damage::wrong_type, key, "", "is no sorted set"});
      co_return result<void>();
    }
    cursor = answer->at(0).string();
    std::vector<membership> members;
    const auto& items = answer->at(1).array();
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      members.push_back({key, std::string(items[i].string())});
    }
    const auto checked = co_await check_members(std::move(members));
    if (!checked) co_return checked;
  } while (cursor != "0");
  co_return result<void>();
}

/// Looks twice: a member may have been on its way in or out.
verifier::step verifier::check_members(std::vector<membership> members) {
  auto doubtful = co_await look_at_members(std::move(members), false);
  if (!doubtful) co_return pass(doubtful);
  if (doubtful->empty()) co_return result<void>();
  const auto last = co_await look_at_members(*std::move(doubtful), true);
  if (!last) co_return pass(last);
  co_return result<void>();
}

/// Gives the members that do not belong; the last look reports and repairs them.
awaitable<result<std::vector<verifier::membership>>> verifier::look_at_members(
    std::vector<membership> members, bool last) {
  std::vector<redis::command> reads;
  for (const auto& [key, no] : members) {
    const bool possible =
        domain::is_ticket_no(no) && domain::shard_of_ticket(no) == parse_key(key)->shard;
    reads.emplace_back("ZSCORE", key, no);
    reads.emplace_back("GET", possible ? ticket_key(no) : std::string(data_set_key()) + ":none");
  }
  const auto answers = co_await redis_.exec_all(std::move(reads));

  std::vector<membership> strangers;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto& [key, no] = members[i];
    const auto& score = answers[2 * i];
    const auto& value = answers[2 * i + 1];
    if (!score) co_return pass(score);
    if (!value && !is_wrong_type(value.error())) co_return pass(value);
    if (!value || score->is_nil()) continue;
    const std::string name(parse_key(key)->rest);
    const auto ticket = decode_ticket(no, value->string());
    // What an unreadable ticket should have is unknown; the ticket itself is the problem.
    if (!value->is_nil() && !ticket) continue;
    if (ticket && has_entry(*ticket, name)) continue;
    strangers.push_back(members[i]);
    if (!last) continue;
    problem extra{damage::entry_extra, key, no,
                  ticket ? "the ticket does not belong there" : "there is no such ticket"};
    std::vector<derived_change> change;
    change.push_back({name, std::nullopt});
    const auto repaired =
        co_await repair(no, ticket ? ticket->version() : 0, std::move(change), std::move(extra));
    if (!repaired) co_return pass(repaired);
  }
  co_return strangers;
}

}  // namespace hotline::store
