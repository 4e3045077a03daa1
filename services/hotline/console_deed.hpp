// What commands that act on a running data set have in common: the record of who did what at the
// console, and their last word when it could not be done.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "common/base/error.hpp"
#include "services/hotline/tool_session.hpp"

namespace hotline::program {

struct console_deed {
  std::string action;  ///< as the same deed over HTTP is called
  std::string object;
  std::string reason{};
  std::string detail{};
};

/// Puts it on record as done by the person at the console, before it is done.
boost::asio::awaitable<result<void>> record_deed(tool_session& session, console_deed deed);

/// Says why, and gives exit_failed.
int complain(const failure& why);

}  // namespace hotline::program
