// `hotline verify`: proves that what is stored is whole, and says exactly what is not.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.hpp"
#include "common/redis/client.hpp"

namespace hotline::store {

enum class damage {
  ticket_unreadable,   ///< checksum, number, version or protobuf do not check out
  history_unreadable,  ///< an event does not check out
  history_gap,         ///< versions are not 1, 2, … up to the ticket's
  history_differs,     ///< its fold is another ticket
  history_orphan,      ///< a history without a ticket
  entry_missing,       ///< a derived entry that should be there
  entry_wrong,         ///< a derived entry with another score
  entry_extra,         ///< a derived entry the ticket does not give, or of no ticket
  outbox_differs,      ///< an event of the outbox is not in the history of its ticket
  merge_differs,       ///< a merged ticket and its main ticket do not say the same
  head_unreadable,     ///< a shard with tickets without identity or commit counter
  wrong_type,          ///< a key of ours that holds something else
};
std::string_view to_string(damage kind);

struct problem {
  damage kind;
  std::string key;        ///< of Redis
  std::string ticket_no;  ///< empty where no single ticket is concerned
  std::string text;
  bool repaired = false;
};

struct verify_report {
  std::int64_t tickets = 0;
  std::int64_t events = 0;
  std::int64_t entries = 0;  ///< derived entries
  std::int64_t outbox_entries = 0;
  std::map<damage, std::int64_t> counts;  ///< all problems, also those beyond the cap
  std::int64_t repaired = 0;
  std::vector<problem> problems;

  bool clean() const { return counts.empty(); }
};

struct verify_options {
  /// Writes missing, wrong and extra derived entries as the tickets say. Nothing else can be
  /// computed again, and nothing else is touched.
  bool repair = false;
  std::size_t batch = 200;          ///< tickets per burst; bounds the memory
  std::size_t problems_max = 1000;  ///< how many are described; all are counted
  std::size_t outbox_max = 10'000;  ///< newest entries per shard that are compared with histories
  std::function<void(const verify_report&)> progress;  ///< after each batch
};

/// Reads everything once, in batches: 1,000,000 tickets need no more memory than a thousand. The
/// service may run meanwhile: what looks wrong is read again before it is called a problem. Fails
/// only when Redis does.
boost::asio::awaitable<result<verify_report>> verify(redis::client& redis, verify_options options);

}  // namespace hotline::store
