// Proves that what is kept of the exchange with partners is whole: part of `hotline verify`.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/redis/client.hpp"
#include "common/store/exchange_vault.hpp"

namespace hotline::store {

enum class exchange_damage {
  head_unreadable,  ///< no identity, another one, or no commit counter
  item_unreadable,  ///< an item, review or message does not open, or belongs elsewhere
  message_missing,  ///< a version is to be told whose message is gone
  ticket_missing,   ///< a number of ours that is no ticket
  number_differs,   ///< the ticket names another number of theirs
  derived_differs,  ///< an entry of a derived set is missing or too many
  wrong_type,       ///< a key that holds something else
};
std::string_view to_string(exchange_damage kind);

struct exchange_problem {
  exchange_damage kind;
  std::string key;  ///< of Redis
  std::string text;
  bool repaired = false;
};

struct exchange_report {
  std::int64_t partners = 0;
  std::int64_t tickets = 0;   ///< by numbers of theirs
  std::int64_t items = 0;     ///< to be applied
  std::int64_t messages = 0;  ///< to be told
  std::int64_t reviews = 0;
  std::map<exchange_damage, std::int64_t> counts;  ///< all, also those beyond the cap
  std::int64_t repaired = 0;
  std::vector<exchange_problem> problems;

  bool clean() const { return counts.empty(); }
};

struct exchange_check_options {
  std::string data_set;
  instant now;
  /// Writes missing entries of derived sets and removes extra ones, each in one step with a last
  /// look at what it is derived from. Nothing else is touched.
  bool repair = false;
  std::size_t batch = 200;          ///< keys or members per burst; bounds the memory
  std::size_t problems_max = 1000;  ///< how many are described
};

/// Reads everything of every partner once, in batches; may run beside a server. Fails only when
/// Redis does.
boost::asio::awaitable<result<exchange_report>> check_exchange(redis::client& redis,
                                                               exchange_vault& vault,
                                                               exchange_check_options options);

}  // namespace hotline::store
