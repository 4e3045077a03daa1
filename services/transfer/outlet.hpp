// The way to a partner: tells it one message and says how that ended.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <string>

#include "common/base/clock.hpp"
#include "common/store/exchange_queue.hpp"
#include "hotline/v1/letter.pb.h"

namespace hotline::transfer {

struct telling {
  enum class end {
    accepted,    ///< heard, now or before
    refused,     ///< no for good: the same message fares no better
    unclear,     ///< the partner answered, but not whether it has heard it
    silent,      ///< no answer, or one that it does not work at present
    impossible,  ///< this message cannot be written
  };
  end how = end::silent;
  std::string code;                ///< the partner's; may be empty
  std::string external_no;         ///< the partner's number of the ticket, where it tells it
  v1::SendFailure failure;         ///< unless accepted
  std::size_t files_left_out = 0;  ///< files of ours there is no way to the partner for
};

class outlet {
 public:
  virtual ~outlet() = default;
  virtual boost::asio::awaitable<telling> tell(const store::taken_message& message,
                                               instant now) = 0;
  /// Ends what is on its way.
  virtual void stop() {}
};

}  // namespace hotline::transfer
