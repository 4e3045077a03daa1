// One HTTP exchange with a partner: to the address that was checked, on connections that are kept.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/net/http_client.hpp"
#include "common/net/http_message.hpp"
#include "common/net/http_url.hpp"

namespace hotline::transfer {

struct partner_http_options {
  /// Partner.internal: addresses of this machine and of the unions' own network are allowed.
  bool internal = false;
  std::size_t answer_bytes_max = 1024 * 1024;
  std::size_t idle_max = 8;  ///< connections kept to one host
};

/// Whether a partner may be at this numeric address. Link-local, unspecified and the like: nobody.
bool may_be_partner(std::string_view address, bool internal);

/// For one partner and one thread; outlives its exchanges. Plain HTTP/1.1: to a partner that
/// demands TLS a proxy on this machine or in the unions' own network speaks it, so the URL is the
/// proxy's and the partner `internal`.
class partner_http {
 public:
  partner_http(boost::asio::io_context& context, partner_http_options options);

  /// Any status is an answer, 3xx too: redirects are never followed, since what was signed was
  /// signed for this URL, and what was checked was this host. Failures:
  ///   unavailable      nothing was sent; it may be tried again;
  ///   outcome_unknown  sent, and no whole answer in time, or one beyond answer_bytes_max;
  ///   invalid_argument nothing can be sent to this URL, or with these headers.
  boost::asio::awaitable<result<net::response>> send(net::method verb, std::string url,
                                                     net::field_list headers, std::string body,
                                                     milliseconds deadline);

  /// Ends what is on its way (outcome_unknown) and drops every connection.
  void stop();

 private:
  using connection = std::unique_ptr<net::http_client>;

  connection borrow(const net::http_url& to);
  void give_back(const net::http_url& to, connection used);

  boost::asio::io_context& context_;
  partner_http_options options_;
  std::map<std::string, std::vector<connection>, std::less<>> idle_;  ///< by authority
  std::set<net::http_client*> busy_;
};

}  // namespace hotline::transfer
