// What a partner tells us becomes commands (对接转入): ticket by ticket, in its order, each message
// once.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/domain/exchange_heard.hpp"
#include "common/runtime/stop_signal.hpp"
#include "common/runtime/store_kit.hpp"
#include "common/runtime/task_group.hpp"
#include "hotline/v1/config.pb.h"
#include "services/transfer/partner_link.hpp"

namespace hotline::transfer {

struct feed_worker_options {
  milliseconds poll{100};  ///< real time
  milliseconds lease{60'000};
  milliseconds retry{1'000};          ///< after something that may go better the next time
  milliseconds gap_wait{86'400'000};  ///< how long a message waits for those before it
  std::size_t in_flight_max = 32;     ///< tickets worked on at once
};

feed_worker_options feed_worker_options_of(const v1::TransferSettings& settings);

/// Of one partner, on one thread. Others, of other threads and processes, may work at the same
/// partner: who is killed leaves its tickets to them when the lease is over, and what it had done
/// has no second effect, because each command has the same id whoever gives it.
class feed_worker {
 public:
  /// Everything given outlives it.
  feed_worker(partner_link& link, runtime::store_kit& kit, const store::province_source& province,
              const clock& now, feed_worker_options options, runtime::task_group& tasks,
              boost::asio::any_io_executor executor, logger log);

  /// Until the signal is raised; what has begun then ends in the task group.
  boost::asio::awaitable<void> run(runtime::stop_signal& stopping);

  /// Begins with the tickets that have something to do, as far as there is room; how many.
  boost::asio::awaitable<result<std::size_t>> take_up();
  std::size_t in_hand() const { return in_hand_.size(); }

 private:
  boost::asio::awaitable<void> work_on(std::string external_no);
  boost::asio::awaitable<result<void>> settle_waiting(const std::string& external_no);
  boost::asio::awaitable<result<bool>> wait_or_give_up(const store::waiting_items& waiting);
  boost::asio::awaitable<result<void>> apply(const std::string& external_no,
                                             const std::string& ticket_no,
                                             const store::waiting_items::item& item);
  /// Its personal values, as they were given.
  result<void> open_intake(const std::string& ticket_no, v1::Intake& intake);
  boost::asio::awaitable<result<void>> settle(const std::string& external_no,
                                              store::waiting_items::item item,
                                              std::optional<v1::FeedReview> review);

  struct found_ticket {
    std::optional<v1::Ticket> before;  ///< as it was when nothing of the item had been done
    domain::heard_before heard;        ///< what of the partner's was carried out by then
    std::set<std::string> done;        ///< ids of the item's commands that were carried out
  };
  boost::asio::awaitable<result<found_ticket>> find_ticket(const std::string& no,
                                                           const v1::FeedItem& item,
                                                           const std::string& id);
  std::string id_of(const v1::FeedItem& item);

  partner_link& link_;
  runtime::store_kit& kit_;
  const store::province_source& province_;
  const clock& now_;
  feed_worker_options options_;
  runtime::task_group& tasks_;
  boost::asio::steady_timer room_;  ///< cancelled when there is room for more
  logger log_;
  std::set<std::string> in_hand_;
};

}  // namespace hotline::transfer
