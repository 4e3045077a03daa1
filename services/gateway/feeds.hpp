// POST /v1/feeds/{partner}/events: the door partners push to (对接转入). There is no session: the
// signature is the credential. What was read is answered in the partner's own format.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "common/exchange/write_message.hpp"
#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

/// The largest document of a partner. Looked at before the signature, so it must not cost much.
inline constexpr std::size_t feed_bytes_max = std::size_t{2} * 1024 * 1024;

/// The limit of a request's body: feeds have their own.
std::size_t body_limit(std::string_view path, std::size_t others_max);

class feeds {
 public:
  explicit feeds(const gateway_parts& parts) : parts_(parts) {}

  void add_to(api& routes);

 private:
  boost::asio::awaitable<outcome> take(call c);
  net::problem refuse_signature(std::string_view partner, exchange::signature_fault why,
                                const net::request& request);
  net::response answer_taken(const exchange::partner& to, const runtime::taken_document& taken);
  net::response answer_items(const exchange::partner& to, const store::feed_answer& taken);
  net::response refused(const exchange::partner& to, int status, std::string_view code,
                        std::string_view message,
                        exchange::answer_kind kind = exchange::answer_kind::refused);
  net::response busy(const exchange::partner& to, const failure& why);

  const gateway_parts& parts_;
  /// When a partner's bad signatures were last logged: its people look there for the reason, which
  /// is not answered.
  std::map<std::string, std::chrono::steady_clock::time_point, std::less<>> logged_;
};

}  // namespace hotline::gateway
