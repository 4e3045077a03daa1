// 并单: a main ticket lists the tickets merged into it, and they end when it does. The two are
// tickets of their own, perhaps in two shards, so one follows the other by its events.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/runtime/counters.hpp"
#include "common/runtime/reactor.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/ticket_store.hpp"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::dispatch {

struct merge_counters {
  runtime::counter listed{0};    ///< put on the main ticket's list, or taken off it
  runtime::counter followed{0};  ///< ended with the main ticket
  runtime::counter refused{0};   ///< the main ticket takes no more: archived, or merged itself
};

/// One per thread. Everything given outlives it. What comes twice or late finds things as they
/// should be and commits nothing.
class merge_keeper {
 public:
  merge_keeper(store::ticket_store& tickets, store::command_runner& runner,
               merge_counters& counters, logger log);

  /// An event that domain::calls_for_merge_care.
  boost::asio::awaitable<runtime::handled> handle(const v1::Event& event);

 private:
  using handled = runtime::handled;

  boost::asio::awaitable<handled> part_from(std::string child_no, std::int64_t version);
  /// Lists the child on this main ticket, or takes it off, as the child says now.
  boost::asio::awaitable<handled> list(std::string child_no, std::string main_no);
  boost::asio::awaitable<handled> end_children(std::string main_no);
  boost::asio::awaitable<handled> end_child(std::string child_no, std::string main_no,
                                            v1::FollowMain how);

  store::ticket_store& tickets_;
  store::command_runner& runner_;
  merge_counters& counters_;
  logger log_;
};

}  // namespace hotline::dispatch
