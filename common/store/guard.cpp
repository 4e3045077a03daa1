#include "common/store/guard.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "common/base/assert.hpp"
#include "common/store/digest.hpp"
#include "common/store/function_call.hpp"
#include "common/store/function_library.hpp"
#include "common/store/keys.hpp"
#include "common/store/state_file.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

struct setting {
  std::string_view name;
  std::string_view needed;
  std::string_view otherwise;  ///< what happens with another value
};

constexpr std::array<setting, 6> needed_settings{{
    {"cluster-enabled", "no",
     "a cluster moves keys to other nodes; one Redis is what is supported"},
    {"appendonly", "yes", "a restart loses everything"},
    {"appendfsync", "always", "a crash loses acknowledged tickets"},
    {"no-appendfsync-on-rewrite", "no", "a crash during a rewrite loses acknowledged tickets"},
    {"aof-load-truncated", "no", "a commit that two crashes tear is carried out by half"},
    {"maxmemory-policy", "noeviction", "Redis throws tickets away when memory is full"},
}};

std::string_view value_of(const redis::reply& pairs, std::string_view name) {
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    if (pairs.at(i).string() == name) return pairs.at(i + 1).string();
  }
  return {};
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::unexpected<failure> wrong_data_set(std::string detail) {
  return fail(errc::wrong_data_set, std::move(detail));
}

/// The code of the loaded library of ours; empty when there is none.
std::string library_code(const redis::reply& list) {
  for (const auto& library : list.array()) {
    if (value_of(library, "library_name") == function_library_name) {
      return std::string(value_of(library, "library_code"));
    }
  }
  return {};
}

}  // namespace

std::string_view to_string(data_set_mode mode) {
  switch (mode) {
    case data_set_mode::live: return "live";
    case data_set_mode::rehearsal: return "rehearsal";
  }
  return "live";
}

guard::guard(guard_options options, commit_floor& floor, logger log)
    : options_(std::move(options)), floor_(floor), log_(std::move(log)) {
  // Users and sessions are as much of the data set as tickets are.
  options_.shards.emplace_back(people_shard);
}

awaitable<result<void>> guard::start(redis::exec_function exec) {
  if (auto ok = co_await check_settings(exec); !ok) co_return ok;
  const auto state = read_state(options_.state_file);
  if (!state) co_return pass(state);
  std::string remembered;
  if (*state) {
    remembered = (*state)->id;
    if ((*state)->mode != to_string(options_.mode)) {
      co_return wrong_data_set(
          fmt::format("{} belongs to a data set for {}; this is a start for {}",
                      options_.state_file, (*state)->mode, to_string(options_.mode)));
    }
    for (const auto& [shard, commit_no] : (*state)->floors) floor_.seen(shard, commit_no);
  }
  auto found = co_await find_data_set(exec, remembered);
  if (!found) co_return pass(found);
  // Nothing is written, not even the functions, before it is sure whose Redis this is.
  const bool fresh = found->empty();
  auto fits = fresh ? co_await require_empty(exec) : co_await check_heads(exec, *found);
  if (!fits) co_return fits;
  if (auto ok = co_await provide_library(exec); !ok) co_return ok;
  if (fresh) found = co_await create_data_set(exec);
  if (!found) co_return pass(found);
  data_set_ = *std::move(found);
  if (auto ok = co_await adopt_shards(exec); !ok) co_return ok;
  if (!*state) log_.warn("data set {} is new to this host", data_set_);
  co_return write_state(options_.state_file,
                        {data_set_, std::string(to_string(options_.mode)), floor_.all()});
}

awaitable<result<void>> guard::check(redis::exec_function exec) const {
  HL_ASSERT(!data_set_.empty(), "start comes before check");
  if (auto ok = co_await check_settings(exec); !ok) co_return ok;
  const auto found = co_await find_data_set(exec, data_set_);
  if (!found) co_return pass(found);
  if (auto ok = co_await check_heads(exec, data_set_); !ok) co_return ok;
  co_return co_await provide_library(exec);
}

awaitable<result<void>> guard::check_settings(redis::exec_function exec) const {
  if (!options_.durable) co_return result<void>();
  redis::command question("CONFIG", "GET", "min-replicas-to-write");
  for (const auto& one : needed_settings) question.add(one.name);
  const auto answer = co_await exec(std::move(question));
  if (!answer) co_return pass(answer);
  std::string wrong;
  for (const auto& one : needed_settings) {
    const auto value = value_of(*answer, one.name);
    if (value == one.needed) continue;
    wrong += fmt::format("{}set '{} {}' (is '{}': {})", wrong.empty() ? "" : "; ", one.name,
                         one.needed, value, one.otherwise);
  }
  if (number(value_of(*answer, "min-replicas-to-write")) < options_.replicas_min) {
    wrong += fmt::format("{}set 'min-replicas-to-write {}' (a lonely server would go on writing)",
                         wrong.empty() ? "" : "; ", options_.replicas_min);
  }
  if (!wrong.empty()) co_return fail(errc::misconfigured, "Redis: " + wrong);
  co_return result<void>();
}

awaitable<result<void>> guard::provide_library(redis::exec_function exec) const {
  const auto list = co_await exec(
      redis::command("FUNCTION", "LIST", "LIBRARYNAME", function_library_name, "WITHCODE"));
  if (!list) co_return pass(list);
  const auto loaded = library_code(*list);
  const auto ours = function_library_source();
  if (loaded == ours) co_return result<void>();
  if (function_library_schema(loaded) > function_library_schema(ours)) {
    co_return fail(errc::misconfigured,
                   fmt::format("Redis runs functions of schema {}, this program brings schema {}: "
                               "start the newer program",
                               function_library_schema(loaded), function_library_schema(ours)));
  }
  const auto load = co_await exec(redis::command("FUNCTION", "LOAD", "REPLACE", ours));
  if (!load) co_return pass(load);
  log_.warn("functions loaded schema={} hash={} replaced={}", function_library_schema(ours),
            function_library_hash(ours),
            loaded.empty() ? "nothing" : function_library_hash(loaded));
  co_return result<void>();
}

/// The id Redis carries; empty when it has none and none is expected.
awaitable<result<std::string>> guard::find_data_set(redis::exec_function exec,
                                                    std::string remembered) const {
  const auto answer = co_await exec(redis::command("HMGET", data_set_key(), "id", "mode"));
  if (!answer) co_return pass(answer);
  std::string id(answer->at(0).string());
  if (id.empty() && !remembered.empty()) {
    co_return wrong_data_set(
        fmt::format("Redis carries no data set, expected is {}: it is empty, started without its "
                    "append-only file, or another Redis. Restore the data, or if it shall be given "
                    "up, remove {}",
                    remembered, options_.state_file));
  }
  if (!remembered.empty() && id != remembered) {
    co_return wrong_data_set(fmt::format("Redis carries data set {}, expected is {} (from {})", id,
                                         remembered, options_.state_file));
  }
  if (!id.empty() && answer->at(1).string() != to_string(options_.mode)) {
    co_return wrong_data_set(fmt::format("data set {} is for {} and must not be used for {}", id,
                                         answer->at(1).string(), to_string(options_.mode)));
  }
  co_return id;
}

awaitable<result<void>> guard::require_empty(redis::exec_function exec) const {
  const auto size = co_await exec(redis::command("DBSIZE"));
  if (!size) co_return pass(size);
  if (size->integer() == 0) co_return result<void>();
  co_return wrong_data_set(
      fmt::format("Redis holds {} keys but no data set of the hotline: it serves something else, "
                  "or lost '{}'",
                  size->integer(), data_set_key()));
}

awaitable<result<std::string>> guard::create_data_set(redis::exec_function exec) const {
  const auto time = co_await exec(redis::command("TIME"));
  if (!time) co_return pass(time);
  const std::vector<std::string> keys{std::string(data_set_key())};
  auto command = function_call("identify", keys);
  command.add(random_id()).add(to_string(options_.mode)).add(time->at(0).string());
  const auto named = co_await exec(std::move(command));
  if (!named) co_return std::unexpected(failure_of_function(named.error()));
  // Another process may have been first; then its id and mode hold.
  co_return co_await find_data_set(exec, "");
}

/// Of every shard, and of every partner a commit was seen of: also of one that is not configured
/// any more.
awaitable<result<void>> guard::check_heads(redis::exec_function exec, std::string data_set) const {
  for (const auto& shard : options_.shards) {
    const auto floor = floor_.of(shard);
    const auto fits = co_await check_head(exec, "shard " + shard, head_key(shard), floor, data_set);
    if (!fits) co_return fits;
  }
  for (const auto& [partner, floor] : floor_.partners()) {
    const auto fits =
        co_await check_head(exec, "partner " + partner, partner_head_key(partner), floor, data_set);
    if (!fits) co_return fits;
  }
  co_return result<void>();
}

/// `floor` was read before: what is committed meanwhile does no harm.
awaitable<result<void>> guard::check_head(redis::exec_function exec, std::string place,
                                          std::string key, std::int64_t floor,
                                          std::string data_set) const {
  const auto head = co_await exec(redis::command("HMGET", key, "dataset", "commits"));
  if (!head) co_return pass(head);
  const auto id = head->at(0).string();
  const auto commits = number(head->at(1).string());
  if (!id.empty() && id != data_set) {
    co_return wrong_data_set(
        fmt::format("{} belongs to data set {}, the others to {}", place, id, data_set));
  }
  if (commits < floor) {
    co_return wrong_data_set(
        fmt::format("{} has {} commits, {} were acknowledged: the data was rolled back (an "
                    "old backup, a replica that lagged). Restore newer data, or if the loss is "
                    "accepted, remove {}",
                    place, commits, floor, options_.state_file));
  }
  co_return result<void>();
}

awaitable<result<void>> guard::adopt_shards(redis::exec_function exec) {
  for (const auto& shard : options_.shards) {
    const std::vector<std::string> keys{head_key(shard), events_key(shard)};
    auto command = function_call("adopt", keys);
    const auto commits = co_await exec(std::move(command.add(data_set_)));
    if (!commits) co_return std::unexpected(failure_of_function(commits.error()));
    floor_.seen(shard, commits->integer());
  }
  co_return result<void>();
}

result<void> guard::save_floor() {
  HL_ASSERT(!data_set_.empty(), "start comes before save_floor");
  auto floors = floor_.all();
  const auto saved = read_state(options_.state_file);
  if (!saved) return pass(saved);
  if (*saved) {
    // Another process of this host may have seen more.
    for (const auto& [shard, commit_no] : (*saved)->floors) {
      auto& highest = floors[shard];
      highest = std::max(highest, commit_no);
    }
    if ((*saved)->floors == floors && (*saved)->id == data_set_) return {};
  }
  return write_state(options_.state_file,
                     {data_set_, std::string(to_string(options_.mode)), std::move(floors)});
}

}  // namespace hotline::store
