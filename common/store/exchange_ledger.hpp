// What is known of the exchange with a partner as a whole: how it goes, which tickets it is about,
// and what comparing both sides has found (对账).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/redis/client.hpp"
#include "hotline/v1/partner_health.pb.h"

namespace hotline::store {

/// What only the process that exchanges knows. Instants are Unix milliseconds, 0 = never.
struct exchange_signs {
  std::int64_t last_failure_at = 0;
  std::string last_failure;  ///< a sentence without personal data
  std::int64_t failures_in_row = 0;
  std::int64_t breaker_until_at = 0;
  std::int64_t pulled_at = 0;
  std::int64_t pull_failures = 0;
  std::string pull_failure = {};  ///< a sentence without personal data

  bool operator==(const exchange_signs&) const = default;
};

/// A ticket by the partner's number.
struct exchanged_ticket {
  std::string external_no;
  bool known = false;           ///< they have told us of it, or we were told this number
  std::string ticket_no;        ///< ours; empty where it is not known
  bool refused = false;         ///< they were told that no ticket is made of it, and none was since
  std::int64_t unsettled = 0;   ///< items to be applied
  std::int64_t unsent = 0;      ///< messages they have not heard
  std::int64_t remembered = 0;  ///< things they told us about it, known by their serials
};

/// What the nights know of a day.
struct compared_day {
  std::int64_t at = 0;   ///< when it was compared last
  bool is_over = false;  ///< both sides agreed, and every ticket had ended
};

/// Of one partner, in a data set. The client outlives it.
class exchange_ledger {
 public:
  exchange_ledger(redis::client& redis, std::string partner, std::string data_set);

  /// Everything but name, title, unit and warnings, which are configuration. Its cost does not
  /// depend on how many tickets there are.
  boost::asio::awaitable<result<v1::PartnerHealth>> health();
  boost::asio::awaitable<result<void>> put_signs(exchange_signs signs);

  /// Their numbers of tickets first exchanged in [from, until), oldest first; `most` at once, and
  /// nothing when there are no more behind `skip`.
  boost::asio::awaitable<result<std::vector<std::string>>> first_exchanged(instant from,
                                                                           instant until,
                                                                           std::size_t skip,
                                                                           std::size_t most);
  /// The civil day on which the exchange began; nothing before the first ticket.
  boost::asio::awaitable<result<std::optional<std::chrono::year_month_day>>> first_day();
  boost::asio::awaitable<result<std::vector<exchanged_ticket>>> look_up(
      std::vector<std::string> external_nos);

  /// Forgets what was told, in both directions, about a ticket that has come to its end: its
  /// numbers stay, and what waits is not touched. What comes again then is looked at anew. How many
  /// things were forgotten.
  boost::asio::awaitable<result<std::int64_t>> forget(std::string external_no,
                                                      std::string ticket_no);

  /// A pull begins again where it stood when the civil day of this instant began; what comes again
  /// has no effect. False: nothing was pulled since, or that is more than ten days ago.
  boost::asio::awaitable<result<bool>> pull_again(instant day);

  /// Whether it is up to the caller to compare on this day: once a day, whoever asks and however
  /// often, unless who had it did not finish within `lease`.
  boost::asio::awaitable<result<bool>> claim(std::chrono::year_month_day day, instant now,
                                             milliseconds lease);
  /// The days that were compared at night, of the last hundred.
  boost::asio::awaitable<result<std::map<std::chrono::sys_days, compared_day>>> compared_days();
  boost::asio::awaitable<result<void>> set_compared(std::chrono::year_month_day day,
                                                    compared_day how);
  /// Ends a claim and keeps the reports, oldest first. `again`: when it is to be tried again.
  boost::asio::awaitable<result<void>> finish(std::chrono::year_month_day day,
                                              std::vector<v1::ReconciliationReport> reports,
                                              std::optional<instant> again);
  /// Keeps the report of a comparison somebody asked for.
  boost::asio::awaitable<result<void>> keep(v1::ReconciliationReport report);

  /// Newest first; the store keeps 60.
  boost::asio::awaitable<result<std::vector<v1::ReconciliationReport>>> reports(std::size_t most);

 private:
  redis::command function(std::string_view name) const;
  boost::asio::awaitable<result<redis::reply>> call(redis::command command);

  redis::client& redis_;
  std::string partner_;
  std::string data_set_;
};

}  // namespace hotline::store
