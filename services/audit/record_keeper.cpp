#include "services/audit/record_keeper.hpp"

#include <fmt/core.h>

#include <utility>

namespace hotline::audit {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t seals_a_step = 200;

}  // namespace

record_keeper::record_keeper(redis::client& redis, keeper_options options,
                             const crypto::signing_key& key, logger log)
    : redis_(redis), options_(std::move(options)), key_(key), log_(std::move(log)) {}

result<bool> record_keeper::ready() {
  if (heads_) return true;
  std::error_code failed;
  fs::create_directories(options_.directory, failed);
  if (failed)
    return fail(errc::io_error,
                fmt::format("cannot make {}: {}", options_.directory.string(), failed.message()));
  if (!lock_) {
    auto lock = runtime::file_lock::try_take(options_.directory / "lock");
    if (!lock) return pass(lock);
    if (!*lock) return false;
    lock_ = *std::move(*lock);
  }
  auto opened = heads_file::open(options_.heads_file);
  if (!opened) return pass(opened);
  heads_ = *std::move(opened);
  return true;
}

result<std::size_t> record_keeper::export_heads(const std::vector<std::string>& shards,
                                                const std::vector<store::chain_head>& heads,
                                                instant now) {
  std::vector<store::signed_head> grown;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    // A chain that went back is an alarm elsewhere; it is not signed before it is longer again.
    if (heads[i].entries <= exported_[shards[i]]) continue;
    grown.push_back({shards[i], heads[i].entries, heads[i].events, heads[i].hash, now, {}});
  }
  if (grown.empty()) return std::size_t{0};
  if (auto ok = heads_->append(grown, now, key_); !ok) return pass(ok);
  for (const auto& head : grown) exported_[head.shard] = head.entries;
  return grown.size();
}

asio::awaitable<result<void>> record_keeper::archive(std::string shard, store::chain_head head) {
  if (head.events <= options_.events_kept) co_return result<void>{};
  auto found = archives_.find(shard);
  if (found == archives_.end()) {
    auto opened = store::seal_archive::open(store::archive_path(options_.directory, shard));
    if (!opened) co_return pass(opened);
    found = archives_.emplace(shard, *std::move(opened)).first;
  }
  auto& archive = found->second;
  bool moved = false;
  for (bool more = true; more;) {
    const auto seals = co_await store::read_seals(redis_, shard, archive.last() + 1, seals_a_step);
    if (!seals) co_return pass(seals);
    std::vector<store::stored_seal> old;
    for (const auto& seal : *seals) {
      const auto entry = store::decode_seal(seal.body);
      if (!entry) co_return pass(entry);
      if (entry->total > head.events - options_.events_kept) break;
      old.push_back(seal);
    }
    more = old.size() == seals_a_step;
    if (old.empty()) break;
    if (auto ok = archive.append(old); !ok) co_return ok;
    moved = true;
  }
  if (!moved) co_return result<void>{};
  co_return co_await store::drop_seals_before(redis_, shard, archive.last() + 1);
}

std::size_t record_keeper::compare(const std::vector<std::string>& shards,
                                   const std::vector<store::chain_head>& heads) {
  std::size_t behind = 0;
  for (const auto& last : heads_->last_heads()) {
    for (std::size_t i = 0; i < shards.size(); ++i) {
      if (shards[i] != last.shard) continue;
      const bool same = heads[i].entries > last.entries ||
                        (heads[i].entries == last.entries && heads[i].hash == last.hash);
      if (same) continue;
      ++behind;
      log_.error("the audit chain is not the one that was signed shard={} entries={} signed={}",
                 last.shard, heads[i].entries, last.entries);
    }
  }
  return behind;
}

}  // namespace hotline::audit
