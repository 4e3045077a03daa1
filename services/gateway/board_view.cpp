#include "services/gateway/board_view.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "services/gateway/answers.hpp"
#include "services/gateway/corrections.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/viewing.hpp"

namespace hotline::gateway {

namespace asio = boost::asio;
using asio::awaitable;

/// One count, and those who wait for it.
struct board_view::round {
  explicit round(const asio::any_io_executor& executor) : done(executor) {
    done.expires_at(std::chrono::steady_clock::time_point::max());
  }

  awaitable<void> wait() {
    if (!value) co_await done.async_wait(asio::as_tuple(asio::use_awaitable));
  }

  void finish(counted made) {
    value = std::make_shared<const counted>(std::move(made));
    done.cancel();
  }

  asio::steady_timer done;
  std::shared_ptr<const counted> value;
};

board_view::board_view(const gateway_parts& parts, const json::codec& codec)
    : parts_(parts), codec_(codec) {}

board_view::~board_view() = default;

void board_view::add_to(api& routes) {
  routes.add({.verb = net::method::get,
              .pattern = "/v1/board",
              .name = "get_board",
              .summary = "看板：单位及其全部下级",
              .answer = v1::Board::descriptor(),
              .query = {{"unit", "单位代码", true}}},
             [this](call c) { return board(std::move(c)); });
}

awaitable<outcome> board_view::board(call c) {
  const auto code = require_query(c.request, "unit", 32);
  if (!code) co_return std::unexpected(code.error());
  const auto land = parts_.province();
  const auto unit = find_unit(land->org, c.actor, domain::action::read_board, *code);
  if (!unit) co_return std::unexpected(unit.error());
  const auto shown = co_await shared(*code, domain::scope_of(c.actor.role()));
  if (shown == nullptr) co_return std::unexpected(net::problem_for(errc::cancelled));
  if (!*shown) co_return std::unexpected(net::problem_for(shown->error()));
  const auto corrections =
      co_await load_corrections(parts_, c.actor, domain::accusing_sets(land->org, c.actor));
  if (!corrections) co_return std::unexpected(net::problem_for(corrections.error()));
  if (corrections->empty()) co_return make_answer(**shown, c.accepted, codec_);
  v1::Board own = **shown;
  for (const auto& [ticket, by] : *corrections) {
    if (by > 0) continue;
    const auto numbers = domain::numbers_of(ticket, from_unix_ms(own.at()));
    for (v1::BoardRow& row : *own.mutable_rows()) domain::take_off(row, numbers);
  }
  co_return make_answer(own, c.accepted, codec_);
}

awaitable<std::shared_ptr<const board_view::counted>> board_view::shared(
    std::string unit, domain::board_scope scope) {
  const auto executor = co_await asio::this_coro::executor;
  std::shared_ptr<round> mine;
  {
    line& at = lines_[{unit, scope}];
    if (at.next) {
      mine = at.next;
      co_await mine->wait();
      co_return mine->value;
    }
    mine = std::make_shared<round>(executor);
    if (at.running) {
      at.next = mine;
      const auto before = at.running;
      co_await before->wait();
      at.next = nullptr;
    }
    at.running = mine;
  }
  // A copy: the name in the map stays in use until the end.
  std::string counted_unit = unit;
  mine->finish(co_await count(std::move(counted_unit), scope));
  const auto found = lines_.find({unit, scope});
  found->second.running = nullptr;
  if (!found->second.next) lines_.erase(found);
  co_return mine->value;
}

awaitable<board_view::counted> board_view::count(std::string unit,
                                                 domain::board_scope scope) const {
  const auto land = parts_.province();
  std::vector<std::string> units;
  std::vector<std::string> names;
  for (const v1::Unit& below : land->org.subtree(unit)) {
    units.push_back(below.code());
    names.push_back(below.name());
  }
  const instant now = parts_.now.now();
  auto rows = co_await parts_.board.rows_again(std::move(units), now, scope);
  if (!rows) co_return pass(rows);
  v1::Board board;
  board.set_unit(std::move(unit));
  board.set_at(to_unix_ms(now));
  for (std::size_t i = 0; i < rows->size(); ++i) {
    (*rows)[i].set_unit_name(std::move(names[i]));
    board.add_rows()->Swap(&(*rows)[i]);
  }
  co_return board;
}

}  // namespace hotline::gateway
