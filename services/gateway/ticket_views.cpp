#include "services/gateway/ticket_views.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "common/domain/derive.hpp"
#include "common/domain/form.hpp"
#include "common/domain/ticket_no.hpp"
#include "hotline/v1/api.pb.h"
#include "services/gateway/answers.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/summaries.hpp"
#include "services/gateway/visibility.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

const std::vector<query_parameter> paging{{"limit", "每页条数，1 至 200，默认 50"},
                                          {"cursor", "上一页的 next_cursor"}};

std::vector<query_parameter> with_paging(std::vector<query_parameter> first) {
  first.insert(first.end(), paging.begin(), paging.end());
  return first;
}

/// state=: the full name of a state; STATE_UNSPECIFIED when absent.
reading<v1::State> read_state(const net::request& request) {
  const std::string* const name = request.query_value("state");
  if (name == nullptr) return v1::STATE_UNSPECIFIED;
  v1::State state{};
  if (v1::State_Parse(*name, &state) && state != v1::STATE_UNSPECIFIED) return state;
  return std::unexpected(bad_parameter("state", "没有这个工单状态。",
                                       "A state is given by its full name, e.g. STATE_HANDLING."));
}

/// cursor= of a history: the version it goes on behind.
reading<std::int64_t> read_version_cursor(const net::request& request) {
  const std::string* const text = request.query_value("cursor");
  if (text == nullptr) return 0;
  std::int64_t version = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), version);
  constexpr std::int64_t version_max = 1'000'000'000;
  if (read.ec == std::errc() && read.ptr == text->data() + text->size() && version > 0 &&
      version < version_max) {
    return version;
  }
  return std::unexpected(bad_parameter("cursor", "cursor 无效，应原样取自上一页。",
                                       "The cursor is not one this API gave."));
}

bool has_part(const v1::Ticket& ticket, std::string_view unit) {
  return ticket.desk() == unit || domain::accountable_unit(ticket) == unit ||
         std::ranges::any_of(ticket.assignments(),
                             [&](const v1::Assignment& a) { return a.unit() == unit; });
}

}  // namespace

void ticket_views::add_to(api& routes) {
  routes.add({.verb = net::method::get,
              .pattern = "/v1/tickets/{no}",
              .name = "get_ticket",
              .summary = "一张工单",
              .answer = v1::TicketView::descriptor()},
             [this](call c) { return view(std::move(c)); });
  routes.add({.verb = net::method::get,
              .pattern = "/v1/tickets/{no}/history",
              .name = "get_history",
              .summary = "工单的全部经过",
              .answer = v1::HistoryPage::descriptor(),
              .query = paging},
             [this](call c) { return history(std::move(c)); });
  routes.add({.verb = net::method::get,
              .pattern = "/v1/tickets",
              .name = "list_tickets",
              .summary = "工单列表：给出单位时为其在办工单（按到期先后），否则为全部（新的在前）",
              .answer = v1::TicketPage::descriptor(),
              .query = with_paging({{"unit", "单位代码"}, {"state", "工单状态"}})},
             [this](call c) { return list(std::move(c)); });
  routes.add({.verb = net::method::get,
              .pattern = "/v1/callers/{phone}",
              .name = "get_caller",
              .summary = "来电人的历史工单，新的在前",
              .answer = v1::CallerHistory::descriptor()},
             [this](call c) { return caller(std::move(c)); });
}

awaitable<reading<v1::Ticket>> ticket_views::load_visible(v1::Actor actor, std::string no) {
  if (!domain::is_ticket_no(no)) co_return std::unexpected(not_found());
  auto loaded = co_await parts_.tickets.load(std::move(no));
  if (!loaded) co_return std::unexpected(net::problem_for(loaded.error()));
  if (!loaded->has_value() || !may_see(parts_.province()->org, actor, **loaded)) {
    co_return std::unexpected(not_found());
  }
  co_return std::move(**loaded);
}

awaitable<outcome> ticket_views::view(call c) {
  auto ticket = co_await load_visible(c.actor, c.params.at("no"));
  if (!ticket) co_return std::unexpected(std::move(ticket.error()));
  v1::TicketView view;
  view.set_accountable_unit(std::string(domain::accountable_unit(*ticket)));
  if (const auto next = domain::next_timer(*ticket)) view.set_next_timer_at(to_unix_ms(*next));
  view.set_rehearsal(parts_.rehearsal_clock != nullptr);
  if (!may_see_caller(c.actor, *ticket)) hide_caller(*ticket);
  *view.mutable_ticket() = std::move(*ticket);
  net::response answer = make_answer(view, c.accepted, codec_);
  set_version(answer, view.ticket().version());
  co_return answer;
}

awaitable<outcome> ticket_views::history(call c) {
  const auto limit = read_limit(c.request);
  if (!limit) co_return std::unexpected(limit.error());
  const auto behind = read_version_cursor(c.request);
  if (!behind) co_return std::unexpected(behind.error());
  const auto ticket = co_await load_visible(c.actor, c.params.at("no"));
  if (!ticket) co_return std::unexpected(ticket.error());
  auto events = co_await parts_.tickets.history(ticket->no(), *behind + 1, *limit);
  if (!events) co_return std::unexpected(net::problem_for(events.error()));
  const bool hidden = !may_see_caller(c.actor, *ticket);
  v1::HistoryPage page;
  for (v1::Event& event : *events) {
    if (hidden) hide_caller(event);
    page.add_events()->Swap(&event);
  }
  if (!events->empty()) {
    const std::int64_t last = page.events(page.events_size() - 1).version();
    if (last < ticket->version()) page.set_next_cursor(std::to_string(last));
  }
  co_return make_answer(page, c.accepted, codec_);
}

awaitable<outcome> ticket_views::list(call c) {
  const auto limit = read_limit(c.request);
  if (!limit) co_return std::unexpected(limit.error());
  auto after = read_cursor(c.request);
  if (!after) co_return std::unexpected(std::move(after.error()));
  const auto state = read_state(c.request);
  if (!state) co_return std::unexpected(state.error());
  const auto land = parts_.province();
  const std::string* const unit = c.request.query_value("unit");
  if (unit != nullptr && !land->org.contains(*unit)) {
    co_return std::unexpected(bad_parameter("unit", "没有这个单位。", "There is no such unit."));
  }
  if (unit != nullptr && !may_see_unit(land->org, c.actor, *unit)) {
    co_return std::unexpected(forbidden("unit.subtree", "不能查看本单位范围以外的内容。",
                                        "The unit is not in the actor's part of the tree."));
  }
  // A unit's open tickets have an index of their own; all others are looked for among all.
  const bool among_open =
      unit != nullptr && (*state == v1::STATE_UNSPECIFIED || domain::is_open(*state));
  listing what;
  what.index = among_open ? "open:" + *unit : "all";
  what.order = among_open ? store::index_order::ascending : store::index_order::descending;
  what.wanted = [&](const v1::Ticket& t) {
    return (*state == v1::STATE_UNSPECIFIED || t.state() == *state) &&
           (unit == nullptr || among_open || has_part(t, *unit)) && may_see(land->org, c.actor, t);
  };
  const auto found = co_await read_summaries(parts_, std::move(what), std::move(*after),
                                             static_cast<std::size_t>(*limit));
  if (!found) co_return std::unexpected(net::problem_for(found.error()));
  v1::TicketPage page;
  for (const v1::TicketSummary& line : found->lines) *page.add_tickets() = line;
  page.set_next_cursor(found->next_cursor);
  co_return make_answer(page, c.accepted, codec_);
}

awaitable<outcome> ticket_views::caller(call c) {
  constexpr std::size_t shown_max = 100;
  const std::string& phone = c.params.at("phone");
  if (!domain::is_phone(phone)) {
    co_return std::unexpected(
        bad_parameter("phone", "电话号码无效。", "This is not a telephone number."));
  }
  const auto land = parts_.province();
  listing what;
  what.index = "caller:" + phone;
  what.order = store::index_order::descending;
  // A ticket found by its caller's number tells who the caller is.
  what.wanted = [&](const v1::Ticket& t) {
    return may_see(land->org, c.actor, t) && may_see_caller(c.actor, t);
  };
  const auto found = co_await read_summaries(parts_, std::move(what), std::nullopt, shown_max);
  if (!found) co_return std::unexpected(net::problem_for(found.error()));
  v1::CallerHistory history;
  for (const v1::TicketSummary& line : found->lines) *history.add_tickets() = line;
  co_return make_answer(history, c.accepted, codec_);
}

}  // namespace hotline::gateway
