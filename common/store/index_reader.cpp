#include "common/store/index_reader.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "common/base/assert.hpp"
#include "common/domain/ticket_no.hpp"
#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"
#include "common/store/records.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

constexpr char cursor_separator = '~';

/// Where to go on in one shard. Of equal scores the lower number comes first; numbers of different
/// shards compare like any other, so the same cursor is right for all of them.
redis::command page_of_shard(const std::string& shard, const std::string& name,
                             const std::optional<index_cursor>& after, std::size_t limit,
                             index_order order) {
  const std::vector<std::string> keys{derived_key(shard, name)};
  const bool up = order == index_order::ascending;
  auto command = function_query("page", keys);
  if (after) {
    command.add(format_score(after->score)).add(after->no);
  } else {
    command.add(up ? "-inf" : "+inf").add("");
  }
  return command.add(limit).add(up ? "up" : "down");
}

void sort_members(std::vector<index_member>& members, index_order order) {
  const auto ascending = [](const index_member& a, const index_member& b) {
    return a.score != b.score ? a.score < b.score : a.no < b.no;
  };
  if (order == index_order::ascending) {
    std::ranges::sort(members, ascending);
  } else {
    std::ranges::sort(members, [&](const auto& a, const auto& b) { return ascending(b, a); });
  }
}

}  // namespace

std::string format_cursor(const index_cursor& cursor) {
  return format_score(cursor.score) + cursor_separator + cursor.no;
}

result<index_cursor> parse_cursor(std::string_view text) {
  const auto at = text.find(cursor_separator);
  const auto no = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  const auto score = parse_score(text.substr(0, at));
  if (!score || !std::isfinite(*score) || !domain::is_ticket_no(no)) {
    return fail(errc::invalid_argument, "not a cursor of this list");
  }
  index_cursor cursor{*score, std::string(no)};
  if (format_cursor(cursor) != text)
    return fail(errc::invalid_argument, "not a cursor of this list");
  return cursor;
}

result<std::vector<index_member>> read_members(const redis::reply& answer) {
  const auto& items = answer.array();
  std::vector<index_member> members;
  members.reserve(items.size() / 2);
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const auto score = parse_score(items[i + 1].string());
    if (!score || !domain::is_ticket_no(items[i].string())) {
      return fail(errc::corrupt_data, "a derived set has a member that is no ticket number");
    }
    members.push_back({std::string(items[i].string()), *score});
  }
  return members;
}

index_reader::index_reader(redis::client& redis, shard_source shards)
    : redis_(redis), shards_(std::move(shards)) {}

awaitable<result<index_page>> index_reader::page(std::string name,
                                                 std::optional<index_cursor> after,
                                                 std::size_t limit, index_order order) const {
  HL_ASSERT(limit >= 1 && limit <= page_max, "a page of 1 to page_max entries");
  std::vector<redis::command> commands;
  // One more than asked for tells whether there is a next page.
  const auto wanted = limit + 1;
  for (const auto& shard : shards_()) {
    commands.push_back(page_of_shard(shard, name, after, wanted, order));
  }
  const auto answers = co_await redis_.exec_all(std::move(commands));

  std::vector<index_member> merged;
  for (const auto& answer : answers) {
    if (!answer) co_return std::unexpected(failure_of_function(answer.error()));
    auto members = read_members(*answer);
    if (!members) co_return pass(members);
    merged.insert(merged.end(), members->begin(), members->end());
  }
  sort_members(merged, order);
  index_page page;
  if (merged.size() > limit) {
    merged.resize(limit);
    page.next = index_cursor{merged.back().score, merged.back().no};
  }
  page.members = std::move(merged);
  co_return page;
}

awaitable<result<std::vector<index_member>>> index_reader::from_score(std::string name, double from,
                                                                      std::size_t limit) const {
  std::vector<redis::command> commands;
  for (const auto& shard : shards_()) {
    commands.emplace_back("ZRANGEBYSCORE", derived_key(shard, name), format_score(from), "+inf",
                          "WITHSCORES", "LIMIT", 0, limit);
  }
  const auto answers = co_await redis_.exec_all(std::move(commands));
  std::vector<index_member> merged;
  for (const auto& answer : answers) {
    if (!answer) co_return pass(answer);
    auto members = read_members(*answer);
    if (!members) co_return pass(members);
    merged.insert(merged.end(), members->begin(), members->end());
  }
  sort_members(merged, index_order::ascending);
  if (merged.size() > limit) merged.resize(limit);
  co_return merged;
}

awaitable<result<std::int64_t>> index_reader::sum(std::vector<redis::command> commands) const {
  const auto answers = co_await redis_.exec_all(std::move(commands));
  std::int64_t total = 0;
  for (const auto& answer : answers) {
    if (!answer) co_return pass(answer);
    total += answer->integer();
  }
  co_return total;
}

awaitable<result<std::int64_t>> index_reader::count(std::string name) const {
  std::vector<redis::command> commands;
  for (const auto& shard : shards_()) commands.emplace_back("ZCARD", derived_key(shard, name));
  return sum(std::move(commands));
}

awaitable<result<std::int64_t>> index_reader::count_between(std::string name, double from,
                                                            double to) const {
  std::vector<redis::command> commands;
  for (const auto& shard : shards_()) {
    commands.emplace_back("ZCOUNT", derived_key(shard, name), format_score(from),
                          "(" + format_score(to));
  }
  return sum(std::move(commands));
}

awaitable<result<std::vector<std::int64_t>>> index_reader::counts(
    std::vector<std::string> names) const {
  const auto shards = shards_();
  std::vector<redis::command> commands;
  for (const auto& name : names) {
    for (const auto& shard : shards) commands.emplace_back("ZCARD", derived_key(shard, name));
  }
  const auto answers = co_await redis_.exec_all(std::move(commands));
  std::vector<std::int64_t> totals(names.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) co_return pass(answers[i]);
    totals[i / shards.size()] += answers[i]->integer();
  }
  co_return totals;
}

}  // namespace hotline::store
