#include "common/store/board_reader.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "common/domain/board.hpp"
#include "common/domain/civil.hpp"
#include "common/domain/ticket_no.hpp"
#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"
#include "common/store/records.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

redis::command count_in_shard(const std::string& shard,
                              const std::vector<domain::board_group>& groups,
                              const std::vector<std::string>& units, const std::string& stamp) {
  const std::vector<std::string> keys{head_key(shard)};
  auto command = function_query("board", keys);
  command.add(stamp).add(groups.size());
  for (const auto& group : groups) {
    command.add(group.guard).add(group.columns.size());
    for (const auto& column : group.columns) {
      command.add(column.family);
      command.add(std::isfinite(column.from) ? format_score(column.from) : "-inf");
      command.add(std::isfinite(column.to) ? "(" + format_score(column.to) : "+inf");
    }
  }
  for (const auto& unit : units) command.add(unit);
  return command;
}

constexpr std::size_t remembered_max = 64;

/// Adds what one shard counted (behind its stamp); corrupt_data for an answer of another form.
result<void> add_counts(const std::vector<redis::reply>& numbers,
                        const std::vector<domain::board_group>& groups,
                        std::vector<std::vector<std::int64_t>>& sums) {
  for (std::size_t i = 1; i < numbers.size();) {
    const auto unit = static_cast<std::size_t>(numbers[i].integer()) - 1;
    const auto group = i + 1 < numbers.size() ? numbers[i + 1].integer() : 0;
    if (unit >= sums.size() || group < 1 || group > std::ssize(groups)) {
      return fail(errc::corrupt_data, "the function board answered in another form");
    }
    std::size_t first = 0;
    for (std::size_t g = 0; g + 1 < static_cast<std::size_t>(group); ++g) {
      first += groups[g].columns.size();
    }
    const auto columns = groups[static_cast<std::size_t>(group) - 1].columns.size();
    i += 2;
    for (std::size_t c = 0; c < columns; ++c, ++i) {
      if (i >= numbers.size()) return fail(errc::corrupt_data, "the function board was cut short");
      sums[unit][first + c] += numbers[i].integer();
    }
  }
  return {};
}

}  // namespace

board_reader::board_reader(redis::client& redis, shard_source shards)
    : redis_(redis), shards_(std::move(shards)) {}

awaitable<result<std::vector<v1::BoardRow>>> board_reader::rows(std::vector<std::string> units,
                                                                instant now,
                                                                domain::board_scope scope) {
  return count(std::move(units), now, scope, std::make_shared<counts_by_shard>());
}

awaitable<result<std::vector<v1::BoardRow>>> board_reader::rows_again(
    std::vector<std::string> units, instant now, domain::board_scope scope) {
  std::string name(scope == domain::board_scope::all ? "all " : "ordinary ");
  name += domain::compact_date(domain::civil_date(now));
  for (const auto& unit : units) name.append(1, ' ').append(unit);
  if (remembered_.size() >= remembered_max && !remembered_.contains(name)) remembered_.clear();
  auto& known = remembered_[name];
  if (!known) known = std::make_shared<counts_by_shard>();
  return count(std::move(units), now, scope, known);
}

awaitable<result<std::vector<v1::BoardRow>>> board_reader::count(
    std::vector<std::string> units, instant now, domain::board_scope scope,
    std::shared_ptr<counts_by_shard> known) {
  auto groups = domain::board_groups(now);
  const auto plain_groups = groups.size();
  if (scope == domain::board_scope::ordinary) {
    // In one step with the others, so that what is taken off is what was counted.
    std::ranges::move(domain::board_groups(now, true), std::back_inserter(groups));
  }
  const auto shards = shards_();
  const auto asked_at = steady_now();
  std::vector<redis::command> commands;
  // What each shard is asked to compare with; another call may replace it meanwhile.
  std::vector<shard_counts> before;
  for (const auto& shard : shards) {
    shard_counts last = (*known)[shard];
    if (asked_at - last.at >= remembered_for) last = {};
    commands.push_back(count_in_shard(shard, groups, units, last.stamp));
    before.push_back(std::move(last));
  }
  auto answers = co_await redis_.exec_all(std::move(commands));

  std::size_t width = 0;
  for (const auto& group : groups) width += group.columns.size();
  std::vector<std::vector<std::int64_t>> sums(units.size(), std::vector<std::int64_t>(width));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto& answer = answers[i];
    if (!answer) co_return std::unexpected(failure_of_function(answer.error()));
    const std::string stamp(answer->at(0).string());
    if (stamp.empty()) co_return fail(errc::corrupt_data, "the function board gave no stamp");
    if (stamp != before[i].stamp) before[i] = {stamp, answer->take_array(), asked_at};
    const auto added = add_counts(before[i].numbers, groups, sums);
    if (!added) co_return pass(added);
    (*known)[shards[i]] = std::move(before[i]);
  }
  std::vector<v1::BoardRow> rows(units.size());
  for (std::size_t u = 0; u < units.size(); ++u) {
    rows[u].set_unit(std::move(units[u]));
    std::size_t at = 0;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      for (const auto& column : groups[g].columns) {
        const auto counted = g < plain_groups ? 0 : (rows[u].*column.get)();
        const auto sum = sums[u][at++];
        (rows[u].*column.set)(g < plain_groups ? sum : counted - sum);
      }
    }
    domain::complete_row(rows[u]);
  }
  co_return rows;
}

}  // namespace hotline::store
