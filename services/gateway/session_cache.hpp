// Sessions as a gateway thread remembers them: no command to Redis for a request in the normal
// case, and none believed for longer than a right's withdrawal may take.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "common/base/clock.hpp"
#include "common/identity/options.hpp"
#include "common/store/people.hpp"

namespace hotline::gateway {

/// A session that is alive, and its user as of now.
struct live_session {
  v1::Session session;
  v1::User user;
  instant seen;          ///< last use that we know of
  instant written_seen;  ///< last use that is stored
};

class session_cache {
 public:
  /// How often poll() is to be called.
  static constexpr milliseconds poll_interval{250};
  /// Longer than this without a good look at the epoch, nothing is remembered.
  static constexpr milliseconds blind_max{1'000};
  /// A session's last use is written this seldom.
  static constexpr milliseconds seen_interval{60'000};
  static constexpr std::size_t entries_max = 20'000;

  /// Everything given outlives the cache. `now` is real time.
  session_cache(store::people_store& people, const identity::identity_options& options,
                const clock& now);

  enum class purpose {
    use,   ///< a request: goes on with the idle limit
    look,  ///< is it still alive?
  };
  /// The session with this id if it is alive; nothing otherwise. Fails when the store does.
  boost::asio::awaitable<result<std::shared_ptr<const live_session>>> find(std::string id,
                                                                           purpose why);

  /// The session as find() gives it, if nothing from the store is needed for that; nullptr when it
  /// is not known here, or perhaps no longer alive.
  std::shared_ptr<const live_session> peek(const std::string& id) const;

  /// Whether find() would need nothing from the store.
  bool knows(const std::string& id) const { return remembered(id) != nullptr; }

  /// Looks whether rights have changed; then everything is forgotten.
  boost::asio::awaitable<void> poll();

  /// Forgets one session, which this thread has just changed.
  void forget(const std::string& id) { entries_.erase(id); }

 private:
  boost::asio::awaitable<result<std::shared_ptr<live_session>>> load(std::string id);
  boost::asio::awaitable<result<bool>> use(std::shared_ptr<live_session> entry);
  std::shared_ptr<live_session> remembered(const std::string& id) const;
  bool is_blind() const;

  store::people_store& people_;
  const identity::identity_options& options_;
  const clock& now_;
  std::unordered_map<std::string, std::shared_ptr<live_session>> entries_;
  std::int64_t epoch_ = -1;
  std::chrono::steady_clock::time_point looked_{};
};

}  // namespace hotline::gateway
