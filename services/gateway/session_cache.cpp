#include "services/gateway/session_cache.hpp"

#include <algorithm>
#include <utility>

#include "common/identity/standing.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

session_cache::session_cache(store::people_store& people, const identity::identity_options& options,
                             const clock& now)
    : people_(people), options_(options), now_(now) {}

bool session_cache::is_blind() const { return steady_now() - looked_ > blind_max; }

std::shared_ptr<live_session> session_cache::remembered(const std::string& id) const {
  if (is_blind()) return nullptr;
  const auto found = entries_.find(id);
  if (found == entries_.end()) return nullptr;
  const live_session& e = *found->second;
  // What has run out by our own account may have been used elsewhere meanwhile: look again.
  if (!identity::is_alive(e.session, e.seen, e.user, options_, now_.now())) return nullptr;
  return found->second;
}

awaitable<result<std::shared_ptr<const live_session>>> session_cache::find(std::string id,
                                                                           purpose why) {
  auto entry = remembered(id);
  if (!entry) {
    auto loaded = co_await load(id);
    if (!loaded) co_return pass(loaded);
    entry = *std::move(loaded);
    if (!entry) {
      entries_.erase(id);
      co_return nullptr;
    }
  }
  if (why == purpose::use) {
    const auto alive = co_await use(entry);
    if (!alive) co_return pass(alive);
    if (!*alive) {
      entries_.erase(id);
      co_return nullptr;
    }
  }
  co_return entry;
}

std::shared_ptr<const live_session> session_cache::peek(const std::string& id) const {
  return remembered(id);
}

awaitable<result<bool>> session_cache::use(std::shared_ptr<live_session> entry) {
  const instant now = now_.now();
  entry->seen = std::max(entry->seen, now);
  if (now - entry->written_seen < seen_interval) co_return true;
  entry->written_seen = now;  // before waiting: requests that come together write it once
  co_return co_await people_.touch_session(entry->session.id(), now);
}

/// The epoch is read first: what is read behind it is at least as new.
awaitable<result<std::shared_ptr<live_session>>> session_cache::load(std::string id) {
  const auto epoch = co_await people_.epoch();
  if (!epoch) co_return pass(epoch);
  auto stored = co_await people_.load_session(id);
  if (!stored) co_return pass(stored);
  if (!*stored) co_return nullptr;
  auto user = co_await people_.load_user((*stored)->session.user());
  if (!user) co_return pass(user);
  if (!*user) co_return nullptr;
  auto entry = std::make_shared<live_session>(live_session{
      std::move((*stored)->session), std::move(**user), (*stored)->seen, (*stored)->seen});
  if (!identity::is_alive(entry->session, entry->seen, entry->user, options_, now_.now())) {
    co_return nullptr;
  }
  // Kept only if nothing was withdrawn while we read.
  if (*epoch == epoch_ && !is_blind()) {
    if (entries_.size() >= entries_max) entries_.clear();
    entries_[id] = entry;
  }
  co_return entry;
}

awaitable<void> session_cache::poll() {
  const auto begun = steady_now();
  const auto epoch = co_await people_.epoch();
  if (!epoch) co_return;  // blind soon
  if (*epoch != epoch_ || begun - looked_ > blind_max) entries_.clear();
  epoch_ = *epoch;
  looked_ = begun;
}

}  // namespace hotline::gateway
