// Tickets in Redis: load one, read its history, commit a decision. The only way in.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/domain/derive.hpp"
#include "common/redis/client.hpp"
#include "common/store/commit_floor.hpp"
#include "hotline/v1/api.pb.h"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::store {

/// Makes a repeated request the same request: the record is part of the commit.
struct idempotency {
  std::string key;  ///< at most 200 bytes, not empty
  /// Of actor, route and body: equal for the same request. A keyed one
  /// (personal_vault::fingerprint), for requests hold personal data, and its hash is kept for a day
  /// or two.
  std::string fingerprint;
};

/// The commit happened; numbers count the commits of a shard without a gap.
struct committed {
  std::int64_t commit_no;
};
/// Somebody else was first; nothing happened. The version the ticket has now, 0 if none.
struct conflict {
  std::int64_t version;
};
/// The same request was carried out before; nothing happened now.
struct replayed {
  v1::CommandAnswer answer;
};
/// The idempotency key belongs to another request; nothing happened.
struct key_reused {};

using commit_outcome = std::variant<committed, conflict, replayed, key_reused>;

/// What an idempotency key is known for.
using known_request = std::variant<std::monostate, replayed, key_reused>;

struct loaded_ticket {
  std::optional<v1::Ticket> ticket;
  known_request known;
};

/// The ticket as it was, as far as a commit needs it.
struct commit_base {
  std::int64_t version = 0;  ///< 0: there was none
  std::vector<domain::index_entry> derived;
};
/// nullptr: a new ticket.
commit_base base_of(const v1::Ticket* before);

struct store_options {
  std::string data_set;  ///< id the guard confirmed; commits to any other data set are refused
  int replicas_min = 0;  ///< a commit counts only when so many replicas have received it
  milliseconds replica_timeout{1000};
};

inline constexpr std::size_t idempotency_key_bytes_max = 200;

/// Failures, besides those of redis::client: corrupt_data names the ticket and what is wrong with
/// it; wrong_data_set: Redis carries another data set than the guard confirmed.
class ticket_store {
 public:
  /// The client and the floor outlive the store. One per thread, like the client.
  ticket_store(redis::client& redis, commit_floor& floor, store_options options);

  /// The ticket as last committed; nothing when the number is unknown. `no` must be a valid number.
  boost::asio::awaitable<result<std::optional<v1::Ticket>>> load(std::string no);

  /// Many tickets in one burst, in the order asked for. One that is corrupt fails alone; when
  /// nothing could be read at all the call fails.
  boost::asio::awaitable<result<std::vector<result<std::optional<v1::Ticket>>>>> load_many(
      std::vector<std::string> numbers);

  /// The ticket and, if `request` is given, what its key is known for. A key that is answered here
  /// goes before any rule: the ticket may have changed because of that very request.
  boost::asio::awaitable<result<loaded_ticket>> load_for(std::string no,
                                                         std::optional<idempotency> request,
                                                         instant now);

  /// What a key is known for, whichever ticket it was.
  boost::asio::awaitable<result<known_request>> find_request(idempotency request, instant now);

  /// Events of a ticket in order, from version `first` (1 is the first), at most `count`.
  boost::asio::awaitable<result<std::vector<v1::Event>>> history(std::string no, std::int64_t first,
                                                                 std::int64_t count);

  /// Writes a decision as one step, or not at all: `after` is `before` (nullptr: a new ticket) with
  /// `events` applied. `now` chooses the civil day of the idempotency record. The arguments are
  /// read before this returns. outcome_unknown: it may have happened; repeat with the same key.
  boost::asio::awaitable<result<commit_outcome>> commit(
      const v1::Ticket* before, const v1::Ticket& after, const std::vector<v1::Event>& events,
      const std::optional<idempotency>& request, const v1::CommandAnswer& answer, instant now);
  /// The same where the ticket before is not there any more.
  boost::asio::awaitable<result<commit_outcome>> commit(
      const commit_base& before, const v1::Ticket& after, const std::vector<v1::Event>& events,
      const std::optional<idempotency>& request, const v1::CommandAnswer& answer, instant now);

 private:
  boost::asio::awaitable<result<commit_outcome>> send_commit(redis::command command,
                                                             std::string no);
  boost::asio::awaitable<result<void>> confirm_received(std::string shard);
  result<void> enough_replicas(const result<redis::reply>& wait) const;
  result<commit_outcome> read_outcome(const redis::reply& answer, std::string_view no);

  redis::client& redis_;
  commit_floor& floor_;
  store_options options_;
};

}  // namespace hotline::store
