// The audit records beside the chain of the people's shard.
#include <fmt/core.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/store/keys.hpp"
#include "common/store/seal_verifier.hpp"

namespace hotline::store {
namespace {

constexpr std::size_t records_a_page = 2'000;

}  // namespace

seal_verifier::step seal_verifier::check_records() {
  const std::string shard(people_shard);
  struct sealed_record {
    sealed_item item;
    std::int64_t entry;
    v1::HashSuite suite;
    bool sound;
  };
  std::vector<sealed_record> sealed;
  chain_walk chain(shard, seal_genesis(options_.data_set, shard), heads_of(shard), reporter(),
                   [&](const seal_entry& entry, bool sound) {
                     for (const auto& item : entry.items) {
                       ++report_.events;
                       sealed.push_back({item, entry.number, entry.suite, sound});
                     }
                   });
  if (const auto walked = co_await walk(shard, chain); !walked) co_return walked;
  const stream_place end = positions_[shard].sealed;
  std::ranges::sort(sealed, [](const sealed_record& a, const sealed_record& b) {
    return std::tie(a.item.id, a.entry) < std::tie(b.item.id, b.entry);
  });
  std::size_t at = 0;
  stream_place behind;
  while (true) {
    std::vector<std::string> shards{shard};
    std::vector<stream_place> from{behind};
    auto pages = co_await read_behind(redis_, std::move(shards), std::move(from), records_a_page);
    auto& page = pages.front();
    if (!page && !is_of_one_shard(page.error())) co_return pass(page);
    std::map<stream_place, stream_item> found;
    const bool more = page && !page->empty();
    if (more) {
      for (auto& item : *page) found.emplace(item.id, std::move(item));
      behind = found.rbegin()->first;
    }
    for (; at < sealed.size() && (!more || sealed[at].item.id <= behind); ++at) {
      const auto& one = sealed[at];
      check_record(one.item, one.entry, one.suite, one.sound, found);
      found.erase(one.item.id);
    }
    for (const auto& [id, item] : found) {
      if (id > end) {
        ++report_.waiting;
        continue;
      }
      report({tampering::record_unsealed,
              shard,
              0,
              {},
              {},
              fmt::format("audit record {} was never sealed: inserted", format_place(id))});
    }
    if (!more) break;
  }
  co_return result<void>{};
}

void seal_verifier::check_record(const sealed_item& sealed, std::int64_t entry, v1::HashSuite suite,
                                 bool sound, const std::map<stream_place, stream_item>& found) {
  const std::string shard(people_shard);
  const auto at = found.find(sealed.id);
  if (at == found.end()) {
    if (sound)
      report({tampering::record_missing,
              shard,
              entry,
              {},
              {},
              fmt::format("audit record {} is gone (sealed in entry {})", format_place(sealed.id),
                          entry)});
    return;
  }
  const bool same = at->second.ours && digest_of(suite).of(at->second.bytes) == sealed.hash;
  if (same || !sound) return;
  report(
      {tampering::record_differs,
       shard,
       entry,
       {},
       {},
       fmt::format("audit record {} is not what entry {} sealed", format_place(sealed.id), entry)});
}

}  // namespace hotline::store
