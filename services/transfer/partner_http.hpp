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
#include "hotline/v1/partner.pb.h"

namespace hotline::transfer {

struct partner_http_options {
  /// Whether addresses of this machine and of the unions' own network are allowed.
  bool internal = false;
  /// The same for these places alone ("http://10.1.2.3:8080"), whatever `internal` says.
  std::set<std::string, std::less<>> internal_at = {};
  std::string ca_file = {};  ///< Partner.ca_file
  std::size_t answer_bytes_max = 1024 * 1024;
  std::size_t idle_max = 8;  ///< connections kept to one host
};

/// The places the configuration names of a partner that is `internal`; none of any other. URLs
/// that come in messages are somebody else's words: they may not lead to what only we can reach.
std::set<std::string, std::less<>> internal_places(const v1::Partner& partner);

/// Whether a partner may be at this numeric address. Link-local, unspecified and the like: nobody.
bool may_be_partner(std::string_view address, bool internal);

/// For one partner and one thread; outlives its exchanges. HTTP/1.1, and by https with TLS.
class partner_http {
 public:
  partner_http(boost::asio::io_context& context, partner_http_options options);

  /// Any status is an answer, 3xx too: redirects are never followed, since what was signed was
  /// signed for this URL, and what was checked was this host. Failures:
  ///   unavailable      nothing was sent, over TLS also because it is not the host that answers; it
  ///                    may be tried again;
  ///   outcome_unknown  sent, and no whole answer in time, or one beyond answer_bytes_max;
  ///   invalid_argument nothing can be sent to this URL, or with these headers.
  boost::asio::awaitable<result<net::response>> send(net::method verb, std::string url,
                                                     net::field_list headers, std::string body,
                                                     milliseconds deadline);

  /// Ends what is on its way (outcome_unknown) and drops every connection.
  void stop();

 private:
  using connection = std::unique_ptr<net::http_client>;

  result<connection> borrow(const net::http_url& to);
  void give_back(const net::http_url& to, connection used);
  std::vector<connection>& idle_at(const net::http_url& to);

  boost::asio::io_context& context_;
  partner_http_options options_;
  std::shared_ptr<const net::tls_trust> trust_;  ///< once there was something to ask by https
  std::map<std::string, std::vector<connection>, std::less<>> idle_;  ///< by place
  std::set<net::http_client*> busy_;
};

}  // namespace hotline::transfer
