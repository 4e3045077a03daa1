// One connected client: who it is, what it wants to be told, and what becomes of it when it is
// slow. Asks nobody and decides nothing about tickets: the feed does.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/net/ws_session.hpp"
#include "hotline/v1/command.pb.h"
#include "services/gateway/live/event_ring.hpp"
#include "services/gateway/live/frames.hpp"
#include "services/gateway/live/topic.hpp"
#include "services/gateway/summaries.hpp"

namespace hotline::gateway::live {

/// Who is connected, and whether that still holds.
struct client {
  v1::Actor actor;
  std::function<bool()> still_valid;  ///< may be empty: always
  std::shared_ptr<void> place;        ///< counts against the user's limit as long as it lives
};

class session {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  session(std::shared_ptr<net::ws_session> socket, client who, time_point now)
      : socket_(std::move(socket)), who_(std::move(who)), sent_at_(now) {}

  const v1::Actor& actor() const { return who_.actor; }
  bool valid() const { return !who_.still_valid || who_.still_valid(); }

  /// By index_key; with the text the client knows it by.
  const std::map<std::string, std::string>& topics() const { return topics_; }
  /// False when it was there.
  bool add(const topic& t);
  bool remove(const topic& t);
  bool remove_key(const std::string& key) { return topics_.erase(key) > 0; }

  /// False when the client is so slow that its queue is full: then everything queued is dropped,
  /// and nothing is sent until it has caught up (`drained`).
  bool send(const text& message, time_point now);
  bool overflowed() const { return overflowed_; }
  void drained() { overflowed_ = false; }
  /// A last word, then goodbye. `at_once`: what is queued and not begun is not sent any more.
  void end(const text& last, net::ws_close code, bool at_once = false);
  bool ended() const { return ended_; }
  /// Its socket calls nobody any more.
  void detach() { socket_->listen({}); }
  time_point sent_at() const { return sent_at_; }

  /// Being told what it missed: no position until it has been.
  bool resuming = false;
  /// Requests that wait for the feed.
  std::size_t waiting = 0;

  bool reachable() const { return !overflowed_ && !ended_; }

  /// What this round found for it; the feed's.
  struct hit {
    std::size_t change;
    std::vector<std::string> topics;
    line_view shown;    ///< set before it is written
    bool gone = false;  ///< it is not for this client any more
  };
  /// For one change after the other.
  void add_hit(std::size_t change, const std::string& key);
  /// Those of the rows that belong to the board of `root`.
  void add_rows(const std::vector<std::string>& units, const domain::organisation& org,
                std::string_view root);
  std::vector<hit> hits;
  std::vector<std::string> dirty_rows;
  std::size_t place = 0;  ///< in the feed's list

 private:
  std::shared_ptr<net::ws_session> socket_;
  client who_;
  std::map<std::string, std::string> topics_;
  time_point sent_at_;
  bool overflowed_ = false;
  bool ended_ = false;
};

}  // namespace hotline::gateway::live
