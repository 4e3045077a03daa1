// Tells one partner what waits for it: in order per ticket, at least once, as fast as the partner
// bears, and not at all while it does not work.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <random>
#include <set>

#include "common/base/clock.hpp"
#include "common/base/log.hpp"
#include "common/runtime/concurrency_gate.hpp"
#include "common/runtime/stop_signal.hpp"
#include "common/runtime/task_group.hpp"
#include "services/transfer/breaker.hpp"
#include "services/transfer/outlet.hpp"
#include "services/transfer/partner_link.hpp"
#include "services/transfer/retry_plan.hpp"
#include "services/transfer/take_back.hpp"

namespace hotline::transfer {

struct sender_options {
  std::size_t batch_max = 256;      ///< messages in hand: taken and not settled
  milliseconds poll{100};           ///< how often due messages are looked for, real time
  milliseconds drain_limit{5'000};  ///< at stop: how long what is on its way may take
};

/// One per partner and thread. Everything given outlives it.
class sender {
 public:
  sender(boost::asio::any_io_executor executor, partner_link& link, outlet& way, take_back& returns,
         const clock& now, sender_options options, runtime::task_counters& tasks, logger log);

  /// Until the signal is raised. What is on its way then is finished; what was taken and not begun
  /// is given back; what a crash leaves is taken again when its lease is over.
  boost::asio::awaitable<void> run(runtime::stop_signal& stopping);

 private:
  boost::asio::awaitable<std::size_t> take_some();
  boost::asio::awaitable<void> finish(store::taken_message message, bool probe);
  bool lease_nearly_over(std::chrono::steady_clock::time_point taken_at) const;
  boost::asio::awaitable<void> tell(const store::taken_message& message, bool probe);
  boost::asio::awaitable<void> put_aside(const store::taken_message& message);
  boost::asio::awaitable<result<bool>> record(const store::taken_message& message,
                                              const telling& end, bool probe);
  boost::asio::awaitable<result<bool>> record_refusal(const store::taken_message& message,
                                                      const telling& end);
  boost::asio::awaitable<result<bool>> record_failure(const store::taken_message& message,
                                                      const telling& end, bool probe);
  boost::asio::awaitable<result<bool>> give_up(const store::taken_message& message,
                                               const telling& end);
  boost::asio::awaitable<void> wait_for_room();
  void note(const telling& end, instant now);

  partner_link& link_;
  outlet& way_;
  take_back& returns_;
  const clock& now_;
  sender_options options_;
  logger log_;
  retry_plan plan_;
  breaker breaker_;
  runtime::concurrency_gate gate_;
  runtime::task_group tasks_;
  boost::asio::steady_timer room_;  // cancelled when there is room for another batch
  std::set<store::message_id> in_hand_;
  std::minstd_rand random_{std::random_device{}()};
  bool stopping_ = false;
};

}  // namespace hotline::transfer
