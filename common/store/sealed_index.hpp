// What the chain of a shard says of its tickets, in little memory. Private to this room.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/store/seal_chain.hpp"

namespace hotline::store {

/// A ticket within a shard: day and serial, in this order.
using ticket_code = std::uint64_t;
ticket_code code_of(const sealed_item& item);
std::string ticket_no_of(std::string_view shard, ticket_code code);

struct sealed_event {
  ticket_code ticket = 0;
  std::int64_t version = 0;
  std::int64_t entry = 0;
  crypto::hash_value hash{};
  v1::HashSuite suite = v1::HASH_SUITE_UNSPECIFIED;
  bool sound = true;  ///< false: the entry does not check out, so its hash says nothing
};

class sealed_index {
 public:
  void add(const sealed_event& event) { events_.push_back(event); }
  /// Before the first question.
  void sort();
  std::size_t size() const { return events_.size(); }
  /// The events of the ticket behind the last one given, in order of version; empty at the end.
  std::span<const sealed_event> next_ticket();

 private:
  std::vector<sealed_event> events_;
  std::size_t at_ = 0;
};

}  // namespace hotline::store
