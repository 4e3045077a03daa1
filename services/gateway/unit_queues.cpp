#include "services/gateway/unit_queues.hpp"

#include <utility>

#include "common/store/queues.hpp"
#include "services/gateway/answers.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/summaries.hpp"
#include "services/gateway/ticket_commands.hpp"
#include "services/gateway/viewing.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

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
}

awaitable<outcome> unit_queues::queue(call c) {
  const auto limit = read_limit(c.request);
  if (!limit) co_return std::unexpected(limit.error());
  auto after = read_cursor(parts_, c.request);
  if (!after) co_return std::unexpected(std::move(after.error()));
  const auto land = parts_.province();
  const auto unit = find_unit(land->org, c.actor, domain::action::read_queue, c.params.at("unit"));
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
  for (const v1::Ticket& ticket : *tickets) {
    // A sensitive ticket waits in the queue of more people than may read it.
    if (domain::permit(land->org, c.actor, domain::action::list, &ticket) !=
        domain::access::granted) {
      continue;
    }
    *out.add_tickets() = summarise(land->org, c.actor, ticket);
  }
  if (page->next) out.set_next_cursor(parts_.cursors->seal(*page->next));
  co_return make_answer(out, c.accepted, codec_);
}

awaitable<outcome> unit_queues::claim(call c) {
  v1::Sign sign;
  if (auto read = read_body(c.request, codec_, sign); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  const auto land = parts_.province();
  const auto unit = find_unit(land->org, c.actor, domain::action::claim, c.params.at("unit"));
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

}  // namespace hotline::gateway
