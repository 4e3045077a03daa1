#include "services/gateway/ticket_views.hpp"

#include <charconv>
#include <cstdint>
#include <utility>

#include "common/domain/derive.hpp"
#include "common/domain/form.hpp"
#include "common/domain/proposal.hpp"
#include "common/domain/ticket_no.hpp"
#include "hotline/v1/api.pb.h"
#include "services/gateway/answers.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/summaries.hpp"
#include "services/gateway/ticket_filter.hpp"
#include "services/gateway/viewing.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

const std::vector<query_parameter> paging{{"limit", "每页条数，1 至 200，默认 50"},
                                          {"cursor", "上一页的 next_cursor"}};

std::vector<query_parameter> with_paging(std::vector<query_parameter> first) {
  first.insert(first.end(), paging.begin(), paging.end());
  return first;
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

/// Among all tickets, newest first, those created before an instant begin here.
store::index_cursor before(std::int64_t created_at) {
  return {static_cast<double>(created_at), std::string()};
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
              .pattern = "/v1/tickets/{no}/proposal",
              .name = "get_proposal",
              .summary = "派单建议：单位、难度、紧急程度及理由",
              .answer = v1::RouteProposal::descriptor()},
             [this](call c) { return proposal(std::move(c)); });
  routes.add({.verb = net::method::get,
              .pattern = "/v1/tickets",
              .name = "list_tickets",
              .summary = "工单列表：给出单位时为其在办工单（按到期先后），否则为全部（新的在前）",
              .answer = v1::TicketPage::descriptor(),
              .query = with_paging(filter_parameters())},
             [this](call c) { return list(std::move(c)); });
  routes.add({.verb = net::method::get,
              .pattern = "/v1/callers/{phone}",
              .name = "get_caller",
              .summary = "来电人的历史工单，新的在前",
              .answer = v1::CallerHistory::descriptor()},
             [this](call c) { return caller(std::move(c)); });
}

awaitable<outcome> ticket_views::view(call c) {
  auto seen = co_await load_seen(parts_, c.actor, domain::action::read_ticket, c.params.at("no"));
  if (!seen) co_return std::unexpected(std::move(seen.error()));
  v1::Ticket& ticket = seen->ticket;
  v1::TicketView view;
  if (seen->whole() && seen->view.internal != domain::field_access::hidden) {
    view.set_accountable_unit(std::string(domain::accountable_unit(ticket)));
    if (const auto next = domain::next_timer(ticket)) view.set_next_timer_at(to_unix_ms(*next));
  }
  view.set_rehearsal(parts_.rehearsal_clock != nullptr);
  domain::project(ticket, seen->view, opener_of(parts_, ticket.no()));
  *view.mutable_ticket() = std::move(ticket);
  net::response answer = make_answer(view, c.accepted, codec_);
  set_version(answer, view.ticket().version());
  co_return answer;
}

awaitable<outcome> ticket_views::history(call c) {
  const auto limit = read_limit(c.request);
  if (!limit) co_return std::unexpected(limit.error());
  const auto behind = read_version_cursor(c.request);
  if (!behind) co_return std::unexpected(behind.error());
  const auto seen =
      co_await load_seen(parts_, c.actor, domain::action::read_history, c.params.at("no"));
  if (!seen) co_return std::unexpected(seen.error());
  auto events = co_await parts_.tickets.history(seen->ticket.no(), *behind + 1, *limit);
  if (!events) co_return std::unexpected(net::problem_for(events.error()));
  const auto open = opener_of(parts_, seen->ticket.no());
  v1::HistoryPage page;
  for (v1::Event& event : *events) {
    if (!domain::sees_instant(seen->sight, event.at())) break;
    domain::project(event, seen->view, open);
    page.add_events()->Swap(&event);
  }
  if (page.events_size() > 0) {
    // Of a past only its own last version counts: that there is more is not told.
    const std::int64_t last = page.events(page.events_size() - 1).version();
    if (last < seen->ticket.version()) page.set_next_cursor(std::to_string(last));
  }
  co_return make_answer(page, c.accepted, codec_);
}

awaitable<outcome> ticket_views::proposal(call c) {
  const auto seen =
      co_await load_seen(parts_, c.actor, domain::action::read_ticket, c.params.at("no"));
  if (!seen) co_return std::unexpected(seen.error());
  // About the present and for the hotline's own people: there is none for those who lost the
  // ticket, nor for partners.
  if (!seen->whole() || seen->view.internal == domain::field_access::hidden) {
    co_return std::unexpected(not_found());
  }
  auto proposed = domain::propose_dispatch(seen->ticket, *parts_.province(), parts_.now.now());
  // Reasons quote the words they rest on.
  for (auto& reason : *proposed.mutable_reasons()) {
    reason = domain::show_words(reason, seen->view.content);
  }
  net::response answer = make_answer(proposed, c.accepted, codec_);
  set_version(answer, proposed.version());
  co_return answer;
}

awaitable<outcome> ticket_views::list(call c) {
  const auto limit = read_limit(c.request);
  if (!limit) co_return std::unexpected(limit.error());
  auto after = read_cursor(parts_, c.request);
  if (!after) co_return std::unexpected(std::move(after.error()));
  const auto land = parts_.province();
  const auto filter = read_filter(c.request, land->org);
  if (!filter) co_return std::unexpected(filter.error());
  const std::string& unit = filter->unit;
  auto may = check_access(!unit.empty()
                              ? domain::permit_unit(land->org, c.actor, domain::action::list, unit)
                              : domain::permit(land->org, c.actor, domain::action::list, nullptr));
  if (!may) co_return std::unexpected(std::move(may.error()));
  // A unit's open tickets have an index of their own; all others are looked for among all.
  const bool among_open =
      !unit.empty() && (filter->state == v1::STATE_UNSPECIFIED || domain::is_open(filter->state));
  listing what;
  what.index = among_open ? "open:" + unit : "all";
  what.order = among_open ? store::index_order::ascending : store::index_order::descending;
  what.reader = c.actor;
  what.wanted = [&](const v1::Ticket& t) {
    if (domain::permit(land->org, c.actor, domain::action::list, &t) != domain::access::granted) {
      return false;
    }
    return (unit.empty() || among_open || has_part(t, unit)) &&
           matches(*filter, land->org, line_view_of(land->org, c.actor, t), t);
  };
  if (!among_open) {
    // By creation: neither what is newer nor what is older than asked for needs to be looked at.
    if (!*after && filter->created_to_at != 0) *after = before(filter->created_to_at);
    what.ends = [&](double score) { return score < static_cast<double>(filter->created_from_at); };
  }
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
  auto may =
      check_access(domain::permit(land->org, c.actor, domain::action::caller_lookup, nullptr));
  if (!may) co_return std::unexpected(std::move(may.error()));
  listing what;
  what.index = "caller:" + parts_.vault.phone_index(phone);
  what.order = store::index_order::descending;
  what.reader = c.actor;
  what.wanted = [&](const v1::Ticket& t) {
    return domain::permit(land->org, c.actor, domain::action::caller_lookup, &t) ==
           domain::access::granted;
  };
  const auto found = co_await read_summaries(parts_, std::move(what), std::nullopt, shown_max);
  if (!found) co_return std::unexpected(net::problem_for(found.error()));
  v1::CallerHistory history;
  for (const v1::TicketSummary& line : found->lines) *history.add_tickets() = line;
  co_return make_answer(history, c.accepted, codec_);
}

}  // namespace hotline::gateway
