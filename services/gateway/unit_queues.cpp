#include "services/gateway/unit_queues.hpp"

#include <array>
#include <utility>

#include "common/domain/civil.hpp"
#include "common/domain/derive.hpp"
#include "common/store/queues.hpp"
#include "services/gateway/answers.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/summaries.hpp"
#include "services/gateway/ticket_commands.hpp"
#include "services/gateway/visibility.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

/// The unit, if there is one of this code and the actor may look into it.
reading<const v1::Unit*> find_visible(const domain::organisation& org, const v1::Actor& actor,
                                      std::string_view code) {
  const v1::Unit* const unit = org.find(code);
  if (unit == nullptr) return std::unexpected(not_found());
  if (!may_see_unit(org, actor, code)) {
    return std::unexpected(forbidden("unit.subtree", "不能查看本单位范围以外的内容。",
                                     "The unit is not in the actor's part of the tree."));
  }
  return unit;
}

/// A number of the board that counts a stretch of an index.
struct board_column {
  const char* index;
  double from;
  double to;
  void (v1::BoardRow::*set)(std::int64_t);
};

constexpr double band(int number) { return domain::score_band * number; }

}  // namespace

void unit_queues::add_to(api& routes) {
  routes.add(
      {.verb = net::method::get,
       .pattern = "/v1/queues/{unit}",
       .name = "get_queue",
       .summary = "单位的待办队列，按应办先后",
       .answer = v1::QueuePage::descriptor(),
       .query = {{"limit", "每页条数，1 至 200，默认 50"}, {"cursor", "上一页的 next_cursor"}}},
      [this](call c) { return queue(std::move(c)); });
  routes.add({.verb = net::method::post,
              .pattern = "/v1/queues/{unit}:claim",
              .name = "claim",
              .summary = "签收队列中的下一张工单",
              .body = v1::Sign::descriptor(),
              .answer = v1::CommandAnswer::descriptor(),
              .needs_key = true},
             [this](call c) { return claim(std::move(c)); });
  routes.add({.verb = net::method::get,
              .pattern = "/v1/board",
              .name = "get_board",
              .summary = "看板：单位及其直接下级",
              .answer = v1::Board::descriptor(),
              .query = {{"unit", "单位代码", true}}},
             [this](call c) { return board(std::move(c)); });
}

awaitable<outcome> unit_queues::queue(call c) {
  const auto limit = read_limit(c.request);
  if (!limit) co_return std::unexpected(limit.error());
  auto after = read_cursor(c.request);
  if (!after) co_return std::unexpected(std::move(after.error()));
  const auto land = parts_.province();
  const auto unit = find_visible(land->org, c.actor, c.params.at("unit"));
  if (!unit) co_return std::unexpected(unit.error());

  const std::string& code = (*unit)->code();
  const auto size = co_await parts_.queues.size(code);
  if (!size) co_return std::unexpected(net::problem_for(size.error()));
  auto page =
      co_await parts_.queues.page(code, std::move(*after), static_cast<std::size_t>(*limit));
  if (!page) co_return std::unexpected(net::problem_for(page.error()));
  const auto tickets = co_await load_members(parts_, std::move(page->members));
  if (!tickets) co_return std::unexpected(net::problem_for(tickets.error()));

  v1::QueuePage out;
  out.set_unit(code);
  out.set_unit_name((*unit)->name());
  out.set_total(size->total);
  for (const v1::Ticket& ticket : *tickets) *out.add_tickets() = summarise(ticket);
  if (page->next) out.set_next_cursor(store::format_cursor(*page->next));
  co_return make_answer(out, c.accepted, codec_);
}

awaitable<outcome> unit_queues::claim(call c) {
  v1::Sign sign;
  if (auto read = read_body(c.request, codec_, sign); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  const auto land = parts_.province();
  const auto unit = find_visible(land->org, c.actor, c.params.at("unit"));
  if (!unit) co_return std::unexpected(unit.error());
  std::string fingerprint = fingerprint_of(c, sign);
  const auto claimed =
      co_await parts_.queues.claim((*unit)->code(), c.actor, c.key, std::move(fingerprint));
  if (!claimed) co_return std::unexpected(problem_of(claimed.error()));
  if (!claimed->has_value()) {
    co_return std::unexpected(make_problem(404, "queue_empty", "队列中没有待签收的工单。",
                                           "Nothing in the queue waits to be signed."));
  }
  if ((*claimed)->replayed) parts_.counts.replayed();
  co_return answer_of(**claimed, false, c.accepted, codec_);
}

awaitable<outcome> unit_queues::board(call c) {
  const auto code = require_query(c.request, "unit", 32);
  if (!code) co_return std::unexpected(code.error());
  const auto land = parts_.province();
  const auto unit = find_visible(land->org, c.actor, *code);
  if (!unit) co_return std::unexpected(unit.error());

  std::vector<std::string> units{*code};
  for (const std::string_view child : land->org.children(*code)) units.emplace_back(child);
  v1::Board board;
  board.set_unit(*code);
  board.set_at(to_unix_ms(parts_.now.now()));
  for (std::string& shown : units) {
    auto counted = co_await row(shown);
    if (!counted) co_return std::unexpected(net::problem_for(counted.error()));
    counted->set_unit_name(land->org.find(shown)->name());
    board.add_rows()->Swap(&*counted);
  }
  co_return make_answer(board, c.accepted, codec_);
}

awaitable<result<v1::BoardRow>> unit_queues::row(std::string unit) {
  const instant today = domain::midnight(domain::civil_date(parts_.now.now()));
  const instant tomorrow = today + std::chrono::days(1);
  const std::array columns{
      board_column{"queue:", band(0), band(4), &v1::BoardRow::set_waiting},
      board_column{"queue:", band(8), band(9), &v1::BoardRow::set_handling},
      board_column{"open:", static_cast<double>(to_unix_ms(today)),
                   static_cast<double>(to_unix_ms(tomorrow)), &v1::BoardRow::set_due_today},
      board_column{"light:", band(v1::LIGHT_YELLOW), band(v1::LIGHT_RED),
                   &v1::BoardRow::set_yellow},
      board_column{"light:", band(v1::LIGHT_RED), band(v1::LIGHT_DOUBLE_RED),
                   &v1::BoardRow::set_red},
      board_column{"light:", band(v1::LIGHT_DOUBLE_RED), band(v1::LIGHT_DOUBLE_RED + 1),
                   &v1::BoardRow::set_double_red},
  };
  v1::BoardRow out;
  for (const board_column& column : columns) {
    const auto count =
        co_await parts_.index.count_between(column.index + unit, column.from, column.to);
    if (!count) co_return pass(count);
    (out.*column.set)(*count);
  }
  std::vector<std::string> sizes{"open:" + unit, "supervised:" + unit};
  const auto counted = co_await parts_.index.counts(std::move(sizes));
  if (!counted) co_return pass(counted);
  out.set_open((*counted)[0]);
  out.set_supervised((*counted)[1]);
  out.set_unit(std::move(unit));
  co_return out;
}

}  // namespace hotline::gateway
