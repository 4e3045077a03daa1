#include "services/gateway/live/socket_rights.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <memory>
#include <utility>

namespace hotline::gateway::live {

namespace asio = boost::asio;

namespace {

struct answer {
  authenticator& who;
  visitor visited;
  bool valid = true;
  bool asking = false;
};

asio::awaitable<void> ask(std::shared_ptr<answer> mine) {
  mine->valid = co_await mine->who.is_valid(mine->visited);
  mine->asking = false;
}

}  // namespace

std::function<bool()> rights_of(asio::any_io_executor executor, authenticator& who,
                                visitor visited) {
  auto mine = std::make_shared<answer>(answer{who, std::move(visited)});
  return [executor = std::move(executor), mine] {
    if (const auto known = mine->who.known_validity(mine->visited)) {
      mine->valid = *known;
    } else if (!mine->asking) {
      mine->asking = true;
      asio::co_spawn(executor, ask(mine), asio::detached);
    }
    return mine->valid;
  };
}

}  // namespace hotline::gateway::live
