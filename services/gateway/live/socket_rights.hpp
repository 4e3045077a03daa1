// Whether whoever opened a socket may still have it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>

#include "services/gateway/authenticator.hpp"

namespace hotline::gateway::live {

/// A question that answers at once: from memory where the authenticator can, else with what it said
/// last, while it is asked anew. Belongs to one thread; the authenticator outlives the io_context's
/// work.
std::function<bool()> rights_of(boost::asio::any_io_executor executor, authenticator& who,
                                visitor visited);

}  // namespace hotline::gateway::live
