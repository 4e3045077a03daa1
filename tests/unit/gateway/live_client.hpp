// A client of /v1/stream that keeps everything it is told.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/net/ws_client.hpp"
#include "hotline/v1/live.pb.h"
#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {

/// {"subscribe":{"topics":[...]}} and the like.
std::string subscribe_to(const std::vector<std::string>& topics, const std::string& id = "s");
std::string resume_to(const std::vector<std::string>& topics, const std::string& position);

class live_client {
 public:
  /// Connects; fails the test when it may not.
  live_client(gateway_fixture& f, const sender& who);

  void ask(const std::string& text) { socket_->send(text); }
  /// Subscribes and waits for the answer.
  void watch(const std::vector<std::string>& topics);
  void resume(const std::vector<std::string>& topics, const std::string& position);
  void cut() { socket_->cut(); }
  void freeze(bool frozen) { socket_->freeze(frozen); }

  /// Waits until a message is like that, among those not waited for before, and gives it; what
  /// came before it counts as seen.
  const v1::LiveMessage& wait(const std::function<bool(const v1::LiveMessage&)>& like);
  /// The next change of this ticket.
  v1::LiveChange change_of(const std::string& no);
  /// Waits until it is closed; the code of the goodbye.
  int wait_closed();

  bool closed() const { return code_.has_value(); }
  const std::vector<v1::LiveMessage>& told() const { return told_; }
  /// Of the last message that had one.
  std::string position() const;

 private:
  void take(std::string_view text);

  gateway_fixture& f_;
  json::codec codec_;
  std::vector<v1::LiveMessage> told_;
  std::size_t seen_ = 0;
  std::optional<int> code_;
  std::unique_ptr<net::ws_client> socket_;
};

/// What the server answers to a handshake it does not take.
std::string refused_handshake(gateway_fixture& f, const sender& who, net::field_list more = {});

}  // namespace hotline::gateway
