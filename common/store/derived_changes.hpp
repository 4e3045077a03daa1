// The difference between what Redis keeps beside a ticket before and after a change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/domain/derive.hpp"

namespace hotline::store {

struct derived_change {
  std::string key;              ///< within the shard, see domain::index_entry
  std::optional<double> score;  ///< nothing: the ticket leaves this set

  bool operator==(const derived_change&) const = default;
};

/// Both lists as domain::derive gives them: sorted by key, each key once.
std::vector<derived_change> derived_changes(const std::vector<domain::index_entry>& before,
                                            const std::vector<domain::index_entry>& after);

/// Every entry of a list, to be written whatever is there now.
std::vector<derived_change> all_derived(const std::vector<domain::index_entry>& entries);

}  // namespace hotline::store
