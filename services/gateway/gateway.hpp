// The door for people and machines: the HTTP API of the hotline. Thin: it reads requests strictly,
// asks the store, and words the answers. The rules live in common/domain.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <expected>
#include <optional>
#include <string_view>

#include "common/json/codec.hpp"
#include "common/net/http_message.hpp"
#include "services/gateway/api.hpp"
#include "services/gateway/attachment_files.hpp"
#include "services/gateway/audit_records.hpp"
#include "services/gateway/board_view.hpp"
#include "services/gateway/clock_resource.hpp"
#include "services/gateway/directory.hpp"
#include "services/gateway/feeds.hpp"
#include "services/gateway/file_uploads.hpp"
#include "services/gateway/intake/intake_desk.hpp"
#include "services/gateway/live/stream_door.hpp"
#include "services/gateway/meta.hpp"
#include "services/gateway/partner_health.hpp"
#include "services/gateway/partner_letters.hpp"
#include "services/gateway/partner_reviews.hpp"
#include "services/gateway/parts.hpp"
#include "services/gateway/reveals.hpp"
#include "services/gateway/session_resource.hpp"
#include "services/gateway/ticket_commands.hpp"
#include "services/gateway/ticket_views.hpp"
#include "services/gateway/unit_queues.hpp"
#include "services/gateway/user_resource.hpp"

namespace hotline::gateway {

/// One per thread, on that thread's io_context.
class gateway {
 public:
  explicit gateway(gateway_parts parts);
  gateway(const gateway&) = delete;  // routes point into it
  gateway& operator=(const gateway&) = delete;

  /// The handler for net::http_server. In rehearsal mode every answer says so.
  boost::asio::awaitable<net::response> handle(net::request request);

  /// What a route takes as a body, and the gate of those that ask first: for net::server_options.
  net::body_rule body_rule(net::method verb, std::string_view path, std::size_t others_max) const;
  boost::asio::awaitable<std::expected<net::body_place, net::response>> admit_body(
      net::request head);

  const api& routes() const { return api_; }

 private:
  gateway_parts parts_;
  json::codec codec_;
  api api_;
  ticket_commands commands_;
  reveals reveals_;
  ticket_views views_;
  unit_queues queues_;
  board_view board_;
  directory directory_;
  clock_resource clock_;
  feeds feeds_;
  std::optional<session_resource> sessions_;
  std::optional<user_resource> users_;
  partner_letters letters_;
  partner_reviews reviews_;
  attachment_files files_;
  file_uploads uploads_;
  std::optional<intake_desk> intake_;
  audit_records audit_;
  std::optional<partner_health> partner_health_;
  meta meta_;
  live::stream_door stream_;
};

}  // namespace hotline::gateway
