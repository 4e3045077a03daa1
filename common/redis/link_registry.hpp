// The links of an io_context, so that they end with it. Private to this room.
#pragma once

#include <boost/asio/execution_context.hpp>
#include <unordered_set>

namespace hotline::redis {

class link;

/// A pending command owns its waiting coroutine, which may own the client, which owns the link,
/// which owns the command: when an io_context is destroyed with such a ring in it, only the context
/// can break it, as it does for the operations of Asio itself.
class link_registry final : public boost::asio::execution_context::service {
 public:
  using key_type = link_registry;
  static inline boost::asio::execution_context::id id;

  explicit link_registry(boost::asio::execution_context& context) : service(context) {}

  void add(link& one) { links_.insert(&one); }
  void remove(link& one) { links_.erase(&one); }

 private:
  void shutdown() override;

  std::unordered_set<link*> links_;
};

}  // namespace hotline::redis
