#include "services/gateway/partner_health.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/domain/civil.hpp"
#include "common/store/exchange_ledger.hpp"
#include "hotline/v1/audit.pb.h"
#include "services/gateway/answers.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/viewing.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

constexpr std::size_t reason_bytes_max = 600;

net::problem bad_field(std::string_view field, std::string_view zh, std::string_view en) {
  net::problem p = make_problem(422, "field_malformed", zh, en);
  p.field = field;
  return p;
}

/// The day to compare: one that is over.
reading<std::chrono::year_month_day> read_day(const v1::ReconcilePartner& order, instant now) {
  const auto today = domain::civil_date(now);
  if (order.day().empty()) {
    return std::chrono::year_month_day(std::chrono::sys_days(today) - std::chrono::days(1));
  }
  const auto day = domain::parse_date(order.day());
  if (!day || *day >= today) {
    return std::unexpected(bad_field("day", "日期应写作 2026-11-23，且早于今天。",
                                     "A day is written 2026-11-23, and is over."));
  }
  return *day;
}

}  // namespace

void partner_health::add_to(api& routes) {
  routes.add({.verb = net::method::get,
              .pattern = "/v1/partners",
              .name = "list_partners",
              .summary = "对接方及其状况",
              .answer = v1::PartnerHealthList::descriptor()},
             [this](call c) { return list(std::move(c)); });
  routes.add({.verb = net::method::get,
              .pattern = "/v1/partners/{name}",
              .name = "get_partner",
              .summary = "一个对接方的状况",
              .answer = v1::PartnerHealth::descriptor()},
             [this](call c) { return get(std::move(c)); });
  routes.add({.verb = net::method::get,
              .pattern = "/v1/partners/{name}/reconciliations",
              .name = "list_reconciliations",
              .summary = "对账记录，最近的在前",
              .answer = v1::ReconciliationPage::descriptor(),
              .query = {{"limit", "条数，1 至 200，默认 50；保存最近 60 次"}}},
             [this](call c) { return reports(std::move(c)); });
  routes.add({.verb = net::method::post,
              .pattern = "/v1/partners/{name}:reconcile",
              .name = "reconcile_partner",
              .summary = "立即对账：须写明理由；repair 时重发对方缺少的内容",
              .body = v1::ReconcilePartner::descriptor(),
              .answer = v1::ReconciliationReport::descriptor()},
             [this](call c) { return reconcile(std::move(c)); });
}

reading<const shown_partner*> partner_health::find(const call& c, domain::action what) const {
  const auto land = parts_.province();
  const auto found = std::ranges::find(own_.partners, c.params.at("name"), &shown_partner::name);
  const bool visible = found != own_.partners.end() &&
                       domain::permit_unit(land->org, c.actor, domain::action::read_partner,
                                           found->unit) == domain::access::granted;
  if (!visible) return std::unexpected(not_found());
  auto may = check_access(domain::permit_unit(land->org, c.actor, what, found->unit));
  if (!may) return std::unexpected(std::move(may.error()));
  return &*found;
}

awaitable<result<v1::PartnerHealth>> partner_health::health_of(const shown_partner& partner) const {
  store::exchange_ledger ledger(own_.redis, partner.name, own_.data_set);
  auto health = co_await ledger.health();
  if (!health) co_return health;
  health->set_name(partner.name);
  health->set_title(partner.title);
  health->set_unit(partner.unit);
  for (const auto& warning : partner.warnings) health->add_warnings(warning);
  co_return health;
}

awaitable<outcome> partner_health::list(call c) {
  const auto land = parts_.province();
  auto may =
      check_access(domain::permit(land->org, c.actor, domain::action::read_partner, nullptr));
  if (!may) co_return std::unexpected(std::move(may.error()));
  v1::PartnerHealthList shown;
  for (const shown_partner& partner : own_.partners) {
    if (domain::permit_unit(land->org, c.actor, domain::action::read_partner, partner.unit) !=
        domain::access::granted) {
      continue;
    }
    auto health = co_await health_of(partner);
    if (!health) co_return std::unexpected(net::problem_for(health.error()));
    *shown.add_partners() = *std::move(health);
  }
  co_return make_answer(shown, c.accepted, codec_);
}

awaitable<outcome> partner_health::get(call c) {
  const auto partner = find(c, domain::action::read_partner);
  if (!partner) co_return std::unexpected(partner.error());
  auto health = co_await health_of(**partner);
  if (!health) co_return std::unexpected(net::problem_for(health.error()));
  co_return make_answer(*health, c.accepted, codec_);
}

awaitable<outcome> partner_health::reports(call c) {
  const auto partner = find(c, domain::action::read_partner);
  if (!partner) co_return std::unexpected(partner.error());
  const auto limit = read_limit(c.request);
  if (!limit) co_return std::unexpected(limit.error());
  store::exchange_ledger ledger(own_.redis, (*partner)->name, own_.data_set);
  auto reports = co_await ledger.reports(static_cast<std::size_t>(*limit));
  if (!reports) co_return std::unexpected(net::problem_for(reports.error()));
  v1::ReconciliationPage page;
  for (auto& report : *reports) *page.add_reports() = std::move(report);
  co_return make_answer(page, c.accepted, codec_);
}

/// On record before it is done: what is told again goes to somebody else's machine.
awaitable<result<void>> partner_health::record(const call& c, std::string_view partner,
                                               const v1::ReconcilePartner& order,
                                               std::chrono::year_month_day day) {
  if (parts_.audit == nullptr) co_return result<void>();
  v1::AuditRecord made;
  made.set_at(to_unix_ms(wall_clock().now()));
  *made.mutable_actor() = c.actor;
  made.set_action("partner.reconcile");
  made.set_object(std::string(partner));
  made.set_done(true);
  made.set_reason(order.reason());
  made.set_detail(
      fmt::format("day {}{}", domain::format_date(day), order.repair() ? ", repair" : ""));
  made.set_request_id(c.request.request_id);
  made.set_address(c.request.peer);
  co_return co_await parts_.audit->append(std::move(made));
}

awaitable<outcome> partner_health::reconcile(call c) {
  const auto partner = find(c, domain::action::settle_partner);
  if (!partner) co_return std::unexpected(partner.error());
  v1::ReconcilePartner order;
  if (auto read = read_body(c.request, codec_, order); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  if (order.reason().empty() || order.reason().size() > reason_bytes_max) {
    co_return std::unexpected(bad_field("reason", "须写明理由，不超过 200 字。",
                                        "A reason of at most 200 characters is needed."));
  }
  const auto day = read_day(order, parts_.now.now());
  if (!day) co_return std::unexpected(day.error());
  if (!(*partner)->has_list || !own_.compare) {
    co_return std::unexpected(make_problem(409, "partner_without_list", "该对接方没有对账清单。",
                                           "This partner has no list to compare with."));
  }
  const auto recorded = co_await record(c, (*partner)->name, order, *day);
  if (!recorded) co_return std::unexpected(net::problem_for(recorded.error()));
  auto report =
      co_await own_.compare((*partner)->name, *day, order.repair(), c.actor.user(), order.reason());
  if (!report) co_return std::unexpected(net::problem_for(report.error()));
  co_return make_answer(*report, c.accepted, codec_);
}

}  // namespace hotline::gateway
