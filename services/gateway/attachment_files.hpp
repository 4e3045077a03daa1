// The files of a ticket (附件), for those who may see them, and for partners that were told of
// them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <string>
#include <string_view>

#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

/// A file of the ticket that is kept here, named by its digest; nullptr: it has no such file.
const v1::Attachment* find_file(const v1::Ticket& ticket, std::string_view sha256);

class attachment_files {
 public:
  explicit attachment_files(const gateway_parts& parts) : parts_(parts) {}

  void add_to(api& routes);

 private:
  boost::asio::awaitable<outcome> get(call c);
  /// To a partner, at an address we have given it.
  boost::asio::awaitable<outcome> serve(call c);
  boost::asio::awaitable<result<std::string>> load(std::string sha256);

  const gateway_parts& parts_;
  boost::asio::thread_pool disk_{1};  ///< so that requests do not wait for files of others
};

}  // namespace hotline::gateway
