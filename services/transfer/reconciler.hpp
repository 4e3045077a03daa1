// Compares both sides of the exchange with one partner, day by day (对账): what differs is
// reported, and told again where that can help. No ticket is changed here.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/exchange/compare.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/exchange_ledger.hpp"
#include "common/store/ticket_store.hpp"
#include "services/transfer/partner_link.hpp"
#include "services/transfer/partner_list.hpp"

namespace hotline::transfer {

struct reconciler_parts {
  partner_link& link;
  store::exchange_ledger& ledger;
  store::ticket_store& tickets;
  store::province_source province;
  partner_list& list;
  const clock& now;
  logger log;
};

/// Who asked for a comparison, and why; nobody: it is that of the night.
struct reconcile_cause {
  std::string by = {};
  std::string reason = {};
};

/// More differences than this are a wrong list, not so many mishaps: nothing is repaired then. The
/// single differences of a report end here, too.
inline constexpr std::size_t differences_max = 500;

/// One per partner and thread. Everything given outlives it.
class reconciler {
 public:
  explicit reconciler(reconciler_parts parts) : parts_(std::move(parts)) {}

  /// Compares a day now and keeps the report. A list that cannot be had is a report, too; the
  /// failure is our own.
  boost::asio::awaitable<result<v1::ReconciliationReport>> compare_now(
      std::chrono::year_month_day day, bool repair, reconcile_cause cause);

  /// The comparison of the night, if its hour has come and nobody has it or had it today: with
  /// repairs, every day of as many as the partner's configuration names that was not compared yet,
  /// or on which the sides did not agree or tickets had not ended. Whether it was done.
  boost::asio::awaitable<result<bool>> compare_tonight();

 private:
  using day_type = std::chrono::year_month_day;
  template <class T>
  using answer = boost::asio::awaitable<result<T>>;

  struct compared {
    v1::ReconciliationReport report;
    bool is_over = false;  ///< both sides agree, and every ticket has ended
    bool has_list = false;
  };
  answer<compared> compare(day_type day, bool repair, reconcile_cause cause);
  answer<std::vector<day_type>> days_of_night(day_type today);
  answer<bool> is_still_over(day_type day);
  answer<std::vector<std::string>> exchanged_on(day_type day);
  answer<std::vector<exchange::our_ticket>> our_side(std::set<std::string> numbers,
                                                     const std::set<std::string>& expected);
  void add_state(exchange::our_ticket& made, const result<std::optional<v1::Ticket>>& loaded);
  /// Looks closer at what seems to differ: the last word they were told, and the lists of the days
  /// before and after.
  answer<void> look_closer(const exchange::comparison& first,
                           std::vector<exchange::listed_ticket>& theirs,
                           std::vector<exchange::our_ticket>& ours, day_type day);
  boost::asio::awaitable<void> add_neighbours(const std::set<std::string>& missing, day_type day,
                                              std::vector<exchange::listed_ticket>& theirs);

  /// An event they are told of, in the order of the events.
  struct told_event {
    std::int64_t version = 0;
    v1::PartnerEvent event;
    std::string word;  ///< their code for the state it left the ticket in
  };
  answer<std::vector<told_event>> told(std::string ticket_no);
  answer<bool> tell_again(const v1::PartnerDifference& difference);
  answer<void> repair(v1::ReconciliationReport& report, day_type day);
  answer<void> pull_missing(v1::ReconciliationReport& report, day_type day);

  reconciler_parts parts_;
};

}  // namespace hotline::transfer
