// The API as the demo's people use it: protobuf over HTTP, acting as somebody of some unit.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/net/http_client.hpp"
#include "hotline/v1/api.pb.h"
#include "hotline/v1/command.pb.h"

namespace hotline::program {

struct demo_person {
  std::string user;
  std::string unit;
  std::string role;  ///< "ROLE_OFFICER"
};

class demo_client {
 public:
  demo_client(boost::asio::io_context& context, std::uint16_t port);

  /// Creates; the ticket number.
  boost::asio::awaitable<result<std::string>> create(demo_person who, v1::CreateTicket order);
  /// POST /v1/tickets/{no}:verb.
  boost::asio::awaitable<result<v1::CommandAnswer>> act(demo_person who, std::string no,
                                                        std::string verb,
                                                        const google::protobuf::Message& body);
  boost::asio::awaitable<result<v1::TicketView>> ticket(std::string no);
  boost::asio::awaitable<result<v1::HistoryPage>> history(std::string no);
  /// Sets the rehearsal clock, standing still.
  boost::asio::awaitable<result<void>> set_clock(instant now);

 private:
  boost::asio::awaitable<result<std::string>> send(net::method verb, std::string target,
                                                   demo_person who, std::string body);

  net::http_client http_;
  std::uint64_t next_key_ = 1;
};

}  // namespace hotline::program
