// The files of a ticket (附件), for those who may see them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <string>

#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

class attachment_files {
 public:
  explicit attachment_files(const gateway_parts& parts) : parts_(parts) {}

  void add_to(api& routes);

 private:
  boost::asio::awaitable<outcome> get(call c);
  boost::asio::awaitable<result<std::string>> load(std::string sha256);

  const gateway_parts& parts_;
  boost::asio::thread_pool disk_{1};  ///< so that requests do not wait for files of others
};

}  // namespace hotline::gateway
