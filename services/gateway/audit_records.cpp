#include "services/gateway/audit_records.hpp"

#include <utility>

#include "common/base/rfc3339.hpp"
#include "common/domain/permission.hpp"
#include "hotline/v1/audit.pb.h"
#include "services/gateway/answers.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

/// Looked at in one request; a rare action may need several.
constexpr std::size_t looks_max = 1'000;

std::string text_of(const net::request& request, std::string_view name) {
  const std::string* const text = request.query_value(name);
  return text == nullptr ? std::string() : *text;
}

reading<store::record_filter> read_filter(const net::request& request) {
  store::record_filter wanted{text_of(request, "user"), text_of(request, "action"), 0};
  const std::string* const since = request.query_value("since");
  if (since == nullptr) return wanted;
  const auto at = read_rfc3339(*since);
  if (!at) {
    return std::unexpected(bad_parameter("since", "时间应写作 2026-11-23T00:00:00+08:00。",
                                         "An instant is written 2026-11-23T00:00:00+08:00."));
  }
  wanted.since = to_unix_ms(*at);
  return wanted;
}

}  // namespace

void audit_records::add_to(api& routes) {
  if (parts_.audit == nullptr) return;
  routes.add({.verb = net::method::get,
              .pattern = "/v1/audit",
              .name = "list_audit",
              .summary = "审计记录，新的在前；只供审计管理员",
              .answer = v1::AuditPage::descriptor(),
              .query = {{"user", "只看此用户所为"},
                        {"action", "只看此操作；以“.”结尾时看以此开头的操作"},
                        {"since", "只看此时以后的"},
                        {"limit", "每页条数，1 至 200，默认 50"},
                        {"cursor", "上一页的 next_cursor"}}},
             [this](call c) { return list(std::move(c)); });
}

awaitable<outcome> audit_records::list(call c) {
  const auto land = parts_.province();
  const auto may_read = [&](std::string_view unit) {
    return domain::permit_unit(land->org, c.actor, domain::action::read_audit, unit) ==
           domain::access::granted;
  };
  if (!may_read(c.actor.unit())) {
    co_return std::unexpected(forbidden("audit.role", "审计记录只供审计管理员查看。",
                                        "Audit records are for the auditor only."));
  }
  const auto limit = read_limit(c.request);
  if (!limit) co_return std::unexpected(limit.error());
  auto wanted = read_filter(c.request);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  std::optional<std::string> cursor;
  if (const auto* text = c.request.query_value("cursor")) cursor = *text;
  auto found = co_await parts_.audit->find(*std::move(wanted), std::move(cursor),
                                           static_cast<std::size_t>(*limit), looks_max);
  if (!found && found.error().code == errc::invalid_argument) {
    co_return std::unexpected(bad_parameter("cursor", "cursor 无效，应原样取自上一页。",
                                            "The cursor is not one this API gave."));
  }
  if (!found) co_return std::unexpected(net::problem_for(found.error()));
  v1::AuditPage page;
  for (auto& one : found->records) {
    // Who had no unit (a failed sign-in, somebody at the machine) is the province's matter, and so
    // is a record that cannot be read.
    const auto& unit = one.record.actor().unit();
    const bool of_nobody = unit.empty() || !one.readable;
    if (!may_read(of_nobody ? land->org.province_desk() : std::string_view(unit))) continue;
    auto& shown = *page.add_records();
    shown = std::move(one.record);
    if (one.readable) continue;
    // A record somebody spoilt is shown as one: the auditor must not miss it.
    shown.Clear();
    shown.set_action("audit.unreadable");
    shown.set_object(one.id);
  }
  if (found->next) page.set_next_cursor(*found->next);
  co_return make_answer(page, c.accepted, codec_);
}

}  // namespace hotline::gateway
