// People for tests of the whole program: real users with real sign-in, whose password was hashed
// cheaply, so that signing in costs a test nothing. Only who can write into Redis can do that.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>
#include <string_view>

#include "common/base/error.hpp"
#include "common/net/http_client.hpp"
#include "common/redis/client.hpp"

namespace hotline::test {

struct person {
  std::string user;
  std::string unit;
  std::string role;  ///< "ROLE_OFFICER"
};

enum class hashing { cheap, as_in_service };

/// Makes a user with this one post; nothing happens when there is such a user.
result<void> make_person(boost::asio::io_context& context, redis::client& redis, const person& who,
                         hashing how = hashing::cheap);

/// Signs a made person in: the headers their requests go with, token and post. The failure of
/// another answer than 201 has its status and body.
boost::asio::awaitable<result<net::field_list>> signing_in(net::http_client& http, person who);
result<net::field_list> sign_in(boost::asio::io_context& context, net::http_client& http,
                                const person& who);

}  // namespace hotline::test
