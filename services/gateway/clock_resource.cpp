#include "services/gateway/clock_resource.hpp"

#include <fmt/core.h>

#include <utility>

#include "common/base/rfc3339.hpp"
#include "hotline/v1/api.pb.h"
#include "hotline/v1/audit.pb.h"
#include "services/gateway/answers.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/viewing.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

void clock_resource::add_to(api& routes) {
  routes.add({.verb = net::method::get,
              .pattern = "/v1/clock",
              .name = "get_clock",
              .summary = "系统时间",
              .answer = v1::ClockView::descriptor()},
             [this](call c) { return read(std::move(c)); });
  routes.add({.verb = net::method::put,
              .pattern = "/v1/clock",
              .name = "set_clock",
              .summary = "设置演练时间（仅演练模式，只能向前）",
              .body = v1::SetClock::descriptor(),
              .answer = v1::ClockView::descriptor()},
             [this](call c) { return set(std::move(c)); });
}

net::response clock_resource::show(body_format accepted) const {
  v1::ClockView view;
  view.set_now(to_unix_ms(parts_.now.now()));
  view.set_rate(parts_.rehearsal_clock != nullptr ? parts_.rehearsal_clock->rate() : 1);
  view.set_rehearsal(parts_.rehearsal_clock != nullptr);
  return make_answer(view, accepted, codec_);
}

awaitable<outcome> clock_resource::read(call c) {
  const auto land = parts_.province();
  auto may = check_access(domain::permit(land->org, c.actor, domain::action::read_clock, nullptr));
  if (!may) co_return std::unexpected(std::move(may.error()));
  co_return show(c.accepted);
}

/// On record before it is set: everything that falls due by it falls due because of this.
awaitable<result<void>> clock_resource::record(const call& c, instant then, double rate) {
  if (parts_.audit == nullptr) co_return result<void>();
  v1::AuditRecord made;
  made.set_at(to_unix_ms(wall_clock().now()));
  *made.mutable_actor() = c.actor;
  made.set_action("clock.set");
  made.set_object("clock");
  made.set_done(true);
  std::string text;
  append_rfc3339(text, then);
  made.set_detail(fmt::format("now {}, rate {}", text, rate));
  made.set_request_id(c.request.request_id);
  made.set_address(c.request.peer);
  co_return co_await parts_.audit->append(std::move(made));
}

awaitable<outcome> clock_resource::set(call c) {
  const auto land = parts_.province();
  if (domain::permit(land->org, c.actor, domain::action::set_clock, nullptr) !=
      domain::access::granted) {
    co_return std::unexpected(forbidden("clock.administrator",
                                        "只有省级系统管理员可以设置演练时间。",
                                        "Only an administrator of the province sets the clock."));
  }
  if (parts_.rehearsal_clock == nullptr) {
    co_return std::unexpected(forbidden("clock.rehearsal", "只有演练模式可以设置时间。",
                                        "The clock is set in rehearsal mode only."));
  }
  v1::SetClock wanted;
  if (auto read = read_body(c.request, codec_, wanted); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  constexpr double rate_max = 1e6;
  virtual_clock& clock = *parts_.rehearsal_clock;
  const double rate = wanted.has_rate() ? wanted.rate() : clock.rate();
  if (!(rate >= 0 && rate <= rate_max)) {
    net::problem p = bad_parameter("rate", "倍率应在 0 至 1000000 之间。",
                                   "The rate lies between 0 and 1000000.");
    p.code = "field_malformed";
    co_return std::unexpected(std::move(p));
  }
  const instant now = clock.now();
  const instant then = wanted.now() == 0 ? now : from_unix_ms(wanted.now());
  if (then < now) {
    net::problem p = make_problem(409, "clock_backwards", "演练时间不能倒退。",
                                  "The clock is never set backwards.");
    p.field = "now";
    co_return std::unexpected(std::move(p));
  }
  if (auto recorded = co_await record(c, then, rate); !recorded) {
    co_return std::unexpected(net::problem_for(recorded.error()));
  }
  if (parts_.share_clock) {
    const auto shared = co_await parts_.share_clock(then, rate);
    if (!shared) co_return std::unexpected(net::problem_for(shared.error()));
  }
  clock.run_on(then, rate);
  co_return show(c.accepted);
}

}  // namespace hotline::gateway
