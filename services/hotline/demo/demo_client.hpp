// The API as the demo's people use it: protobuf over HTTP, acting as somebody of some unit.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/net/http_client.hpp"
#include "hotline/v1/api.pb.h"
#include "hotline/v1/command.pb.h"
#include "services/hotline/demo/demo_cast.hpp"

namespace hotline::program {

/// Signs the demo's people in, each when first needed: they are users like any others.
class demo_people {
 public:
  /// Makes a user with this post and gives their password.
  using maker = std::function<boost::asio::awaitable<result<std::string>>(demo_person)>;

  explicit demo_people(maker make) : make_(std::move(make)) {}

  /// The token of a session of theirs.
  boost::asio::awaitable<result<std::string>> token(net::http_client& http, demo_person who);

 private:
  maker make_;
  std::map<std::string, std::string, std::less<>> tokens_;  ///< by user id
};

class demo_client {
 public:
  demo_client(boost::asio::io_context& context, std::uint16_t port, demo_people::maker make);

  /// Creates; the ticket number.
  boost::asio::awaitable<result<std::string>> create(demo_person who, v1::CreateTicket order);
  /// POST /v1/tickets/{no}:verb.
  boost::asio::awaitable<result<v1::CommandAnswer>> act(demo_person who, std::string no,
                                                        std::string verb,
                                                        const google::protobuf::Message& body);
  boost::asio::awaitable<result<v1::TicketView>> ticket(std::string no);
  boost::asio::awaitable<result<v1::HistoryPage>> history(std::string no);
  /// Sets the rehearsal clock; `rate` is virtual time per real time, 0 stands still.
  boost::asio::awaitable<result<void>> set_clock(instant now, double rate = 0);

 private:
  boost::asio::awaitable<result<std::string>> send(net::method verb, std::string target,
                                                   demo_person who, std::string body);

  net::http_client http_;
  demo_people people_;
  std::uint64_t next_key_ = 1;
};

}  // namespace hotline::program
