// A ticket we wanted to hand over, and the partner says no: it comes back to the dispatcher.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/exchange_queue.hpp"
#include "common/store/ticket_store.hpp"
#include "hotline/v1/letter.pb.h"
#include "hotline/v1/partner.pb.h"

namespace hotline::transfer {

/// Everything given outlives it.
class take_back {
 public:
  take_back(const v1::Partner& partner, store::ticket_store& tickets, store::command_runner& runner,
            store::province_source province, const clock& now);

  /// For a refused CREATE; again: nothing. rejected: a rule keeps the ticket where it is, and a
  /// person has to look.
  boost::asio::awaitable<result<void>> run(const store::taken_message& message,
                                           const v1::SendFailure& answer);

 private:
  const v1::Partner& partner_;
  store::ticket_store& tickets_;
  store::command_runner& runner_;
  store::province_source province_;
  const clock& now_;
};

}  // namespace hotline::transfer
