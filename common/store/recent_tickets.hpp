// Tickets as this thread committed them a moment ago, for the service that goes on with them at
// once: a deadline that fired is escalated before anybody else looks at the ticket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "hotline/v1/ticket.pb.h"

namespace hotline::store {

/// What comes from here may be old by now: only the version check of a commit proves that it is
/// not.
class recent_tickets {
 public:
  /// The oldest go when there are more.
  explicit recent_tickets(std::size_t most) : most_(most) {}

  void put(v1::Ticket ticket);
  /// Once.
  std::optional<v1::Ticket> take(const std::string& no);

  std::size_t size() const { return tickets_.size(); }

 private:
  struct kept {
    v1::Ticket ticket;
    std::uint64_t turn;
  };

  std::size_t most_;
  std::uint64_t turn_ = 0;
  std::unordered_map<std::string, kept> tickets_;
  /// In the order they were put; some may be taken, or put again later, by now.
  std::deque<std::pair<std::string, std::uint64_t>> order_;
};

}  // namespace hotline::store
