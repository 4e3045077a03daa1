// The memory of registers (台账): which ticket a row was given. It outlasts idempotency records: a
// register that grows all year is read again every week.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.hpp"
#include "common/redis/client.hpp"
#include "common/store/commit_floor.hpp"

namespace hotline::store {

/// What is kept of a row: keyed prints (personal_vault::fingerprint) of what tells it from others
/// and of what it says. Nothing personal can be read or guessed from them.
struct register_row {
  std::string row;
  std::string said;
  std::string unanswered;  ///< print the row had before it was answered; empty: it had no other
};

struct register_place {
  enum class kind {
    unknown,
    reserved,  ///< just now
    known,     ///< from an earlier reading, which may have been cut off before there was a ticket
    differs,   ///< known, but the row said something else then
  } how = kind::unknown;
  std::string ticket_no;  ///< empty: unknown
};

/// One per thread, like the client. Failures, besides those of the client: corrupt_data,
/// wrong_data_set.
class register_numbers {
 public:
  /// Client and floor outlive this.
  register_numbers(redis::client& redis, commit_floor& floor, std::string data_set)
      : redis_(redis), floor_(floor), data_set_(std::move(data_set)) {}

  boost::asio::awaitable<result<register_place>> find(register_row row);

  /// Gives the row this number, from the number source, unless it has one. outcome_unknown: do it
  /// again. Replicas need not be waited for: the commit of the ticket comes behind and does.
  boost::asio::awaitable<result<register_place>> reserve(register_row row, std::string ticket_no);

 private:
  redis::client& redis_;
  commit_floor& floor_;
  std::string data_set_;
};

/// What is wrong with an entry of the hash; empty when nothing is.
std::string_view wrong_register_entry(std::string_view row, std::string_view value);
/// The ticket number of an entry that is well-formed.
std::string_view register_entry_no(std::string_view value);

}  // namespace hotline::store
