#include "services/gateway/live/stream_door.hpp"

#include <boost/asio/this_coro.hpp>
#include <limits>
#include <utility>

#include "common/net/ws_handshake.hpp"
#include "services/gateway/live/socket_rights.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway::live {

using boost::asio::awaitable;

namespace {

constexpr int switching_protocols = 101;

/// A place in the user's share of sockets; given back with the last owner.
std::shared_ptr<void> take_place(const std::shared_ptr<net::connection_budget>& budget,
                                 const std::string& user) {
  if (!budget->acquire(user, true)) return nullptr;
  return {budget.get(), [budget, user](void*) { budget->release(user, true); }};
}

}  // namespace

void stream_door::add_to(api& routes) {
  if (parts_.live.feed == nullptr) return;
  routes.add({.verb = net::method::get,
              .pattern = "/v1/stream",
              .name = "open_stream",
              .summary = "实时推送：WebSocket，消息见 LiveRequest 和 LiveMessage",
              .query = {{"post", "以哪个岗位：单位代码/角色；浏览器不能给此请求加 X-Hotline-Post"}},
              .success = switching_protocols},
             [this](call c) { return open(std::move(c)); });
}

awaitable<outcome> stream_door::open(call c) {
  if (!net::is_origin_allowed(c.request, parts_.live.origins)) {
    co_return std::unexpected(forbidden("stream.origin", "不允许来自该页面的连接。",
                                        "Pages of this origin may not connect."));
  }
  if (!net::ws_key_of(c.request)) co_return net::refuse_without_ws();
  auto place = take_place(parts_.live.per_user, c.actor.user());
  if (place == nullptr) {
    co_return std::unexpected(make_problem(429, "too_many_sockets", "您打开的实时连接过多。",
                                           "You have too many live connections open."));
  }
  client who;
  who.still_valid = parts_.live.rights_of ? parts_.live.rights_of(c.actor, c.request)
                                          : rights_of(co_await boost::asio::this_coro::executor,
                                                      parts_.who, visitor{c.actor, c.session});
  who.actor = std::move(c.actor);
  who.place = std::move(place);
  net::response answer;
  answer.status = switching_protocols;
  answer.on_socket = [feed = parts_.live.feed,
                      who = std::move(who)](std::shared_ptr<net::ws_session> socket) {
    feed->join(std::move(socket), who);
  };
  co_return answer;
}

}  // namespace hotline::gateway::live
