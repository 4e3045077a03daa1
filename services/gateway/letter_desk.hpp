// A partner (对接方) whose dead letters (未送达) are looked at and sent again.
#pragma once

#include <string>

#include "common/store/exchange_queue.hpp"

namespace hotline::gateway {

/// The queue belongs to the gateway's thread.
struct letter_desk {
  std::string partner;  ///< its name
  std::string unit;     ///< its unit, by which permission is judged
  store::exchange_queue& queue;
};

}  // namespace hotline::gateway
