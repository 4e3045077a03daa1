#include "services/gateway/live/session.hpp"

#include <utility>

namespace hotline::gateway::live {

bool session::add(const topic& t) {
  std::string key = index_key(t, who_.actor);
  std::string shown = t.kind == topic_kind::mine ? "mine" : key;
  return topics_.try_emplace(std::move(key), std::move(shown)).second;
}

bool session::remove(const topic& t) { return topics_.erase(index_key(t, who_.actor)) > 0; }

void session::add_hit(std::size_t change, const std::string& key) {
  if (hits.empty() || hits.back().change != change) hits.push_back({change, {}, {}, false});
  hits.back().topics.push_back(topics_.at(key));
}

void session::add_rows(const std::vector<std::string>& units, const domain::organisation& org,
                       std::string_view root) {
  for (const auto& unit : units) {
    if (org.is_in_subtree(unit, root)) dirty_rows.push_back(unit);
  }
}

bool session::send(const text& message, time_point now) {
  if (overflowed_ || ended_) return false;
  sent_at_ = now;
  if (socket_->send(message) != net::ws_sent::full) return true;
  overflowed_ = true;
  socket_->drop_queued();
  return false;
}

void session::end(const text& last, net::ws_close code, bool at_once) {
  if (ended_) return;
  ended_ = true;
  if (at_once) socket_->drop_queued();
  if (last != nullptr) socket_->send(last);
  socket_->close(code, "");
}

}  // namespace hotline::gateway::live
