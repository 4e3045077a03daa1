#include "common/store/derived_changes.hpp"

namespace hotline::store {

std::vector<derived_change> derived_changes(const std::vector<domain::index_entry>& before,
                                            const std::vector<domain::index_entry>& after) {
  std::vector<derived_change> changes;
  auto old = before.begin();
  auto now = after.begin();
  while (old != before.end() || now != after.end()) {
    if (now == after.end() || (old != before.end() && old->key < now->key)) {
      changes.push_back({old->key, std::nullopt});
      ++old;
    } else if (old == before.end() || now->key < old->key) {
      changes.push_back({now->key, now->score});
      ++now;
    } else {
      if (old->score != now->score) changes.push_back({now->key, now->score});
      ++old;
      ++now;
    }
  }
  return changes;
}

std::vector<derived_change> all_derived(const std::vector<domain::index_entry>& entries) {
  std::vector<derived_change> changes;
  changes.reserve(entries.size());
  for (const auto& entry : entries) changes.push_back({entry.key, entry.score});
  return changes;
}

}  // namespace hotline::store
