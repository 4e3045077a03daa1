// How the exchange with one partner goes, as this process sees it.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "common/runtime/counters.hpp"

namespace hotline::transfer {

/// The last words about something; any thread.
class shared_words {
 public:
  void set(std::string text) {
    const std::scoped_lock lock(mutex_);
    text_ = std::move(text);
  }
  std::string get() const {
    const std::scoped_lock lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

/// Shared by the threads that exchange and those that show it. Instants are Unix milliseconds, 0 =
/// never.
struct partner_counters {
  // What they tell us.
  runtime::counter applied{0};                 ///< items that moved a ticket
  runtime::counter settled{0};                 ///< items that changed nothing any more
  runtime::counter reviewed{0};                ///< items a person has to look at
  std::atomic<std::int64_t> pulled_at{0};      ///< a page of a partner that is pulled was had
  std::atomic<std::int64_t> pull_failures{0};  ///< since then; alarm
  shared_words pull_failure;                   ///< why; no personal data
  // What we tell them.
  runtime::counter sent{0};
  runtime::counter refused{0};   ///< messages they said no to for good
  runtime::counter failed{0};    ///< tries that failed
  runtime::counter given_up{0};  ///< messages that became dead letters; alarm
  std::atomic<std::int64_t> last_sent_at{0};
  std::atomic<std::int64_t> last_failure_at{0};
  std::atomic<std::int64_t> failures_in_row{0};
  std::atomic<std::int64_t> breaker_until_at{0};  ///< nothing is sent before; 0 = closed
  shared_words last_failure;                      ///< why; no personal data
};

}  // namespace hotline::transfer
