// POST /v1/files: a file is handed in (附件上传), and its receipt given out.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <expected>
#include <string>
#include <string_view>

#include "common/json/codec.hpp"
#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

class file_uploads {
 public:
  file_uploads(const gateway_parts& parts, const json::codec& codec)
      : parts_(parts), codec_(codec) {}
  file_uploads(const file_uploads&) = delete;  // routes point to it
  file_uploads& operator=(const file_uploads&) = delete;

  void add_to(api& routes);

 private:
  struct kept {
    std::string_view type;
    std::string sha256;
  };

  /// What can be said before the body is read.
  reading<std::string> check(const call& c) const;
  boost::asio::awaitable<admission> admit(call c);
  boost::asio::awaitable<outcome> take(call c);
  boost::asio::awaitable<std::expected<kept, net::problem>> keep(std::string bytes);

  const gateway_parts& parts_;
  const json::codec& codec_;
  boost::asio::thread_pool disk_{1};  ///< hashes, writes and syncs; requests do not wait for it
};

}  // namespace hotline::gateway
