// The board (看板): the numbers of a unit and of every unit below it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/board.hpp"
#include "common/json/codec.hpp"
#include "hotline/v1/api.pb.h"
#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

class board_view {
 public:
  board_view(const gateway_parts& parts, const json::codec& codec);
  ~board_view();
  board_view(const board_view&) = delete;  // routes point to it
  board_view& operator=(const board_view&) = delete;

  void add_to(api& routes);

 private:
  using counted = result<v1::Board>;
  struct round;
  struct line {
    std::shared_ptr<round> running;
    std::shared_ptr<round> next;
  };

  boost::asio::awaitable<outcome> board(call c);
  /// The board of a unit as it is now. Requests that come while one is being counted share the
  /// next count: it begins after all of them have come, so none is told an older state.
  boost::asio::awaitable<std::shared_ptr<const counted>> shared(std::string unit,
                                                                domain::board_scope scope);
  boost::asio::awaitable<counted> count(std::string unit, domain::board_scope scope) const;

  const gateway_parts& parts_;
  const json::codec& codec_;
  std::map<std::pair<std::string, domain::board_scope>, line> lines_;
};

}  // namespace hotline::gateway
