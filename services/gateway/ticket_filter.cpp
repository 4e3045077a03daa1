#include "services/gateway/ticket_filter.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/base/rfc3339.hpp"
#include "common/domain/derive.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {
namespace {

/// The full name of a value of an enumeration; its zero when the parameter is absent.
template <class Enum, class Parse>
reading<Enum> read_name(const net::request& request, std::string_view name, const Parse& parse) {
  const std::string* const text = request.query_value(name);
  if (text == nullptr) return Enum{};
  Enum value{};
  if (parse(*text, &value) && value != Enum{}) return value;
  return std::unexpected(bad_parameter(name, "没有这个取值，应写全名。",
                                       "A value is given by its full name, e.g. STATE_HANDLING."));
}

reading<std::optional<bool>> read_flag(const net::request& request, std::string_view name) {
  const std::string* const text = request.query_value(name);
  if (text == nullptr) return std::nullopt;
  if (*text == "true") return true;
  if (*text == "false") return false;
  return std::unexpected(bad_parameter(name, "应为 true 或 false。", "It is true or false."));
}

reading<std::int64_t> read_instant(const net::request& request, std::string_view name) {
  const std::string* const text = request.query_value(name);
  if (text == nullptr) return 0;
  if (const auto at = read_rfc3339(*text)) return to_unix_ms(*at);
  return std::unexpected(bad_parameter(name,
                                       "时刻写法应为 2026-11-23T09:00:00+08:00（+ 写作 %2B）。",
                                       "An instant is written 2026-11-23T09:00:00+08:00, its + as "
                                       "%2B."));
}

/// A code of the two-level tree of categories.
bool is_category(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

bool is_in_category(std::string_view code, std::string_view wanted) {
  return code == wanted ||
         (code.starts_with(wanted) && code.size() > wanted.size() && code[wanted.size()] == '.');
}

v1::Light light_of(const v1::Ticket& ticket) {
  const auto* const handler = domain::current_assignment(ticket);
  return handler != nullptr ? handler->light() : v1::LIGHT_UNSPECIFIED;
}

/// What the matter is, whoever has it.
bool matches_matter(const ticket_filter& f, const domain::organisation& org, const v1::Ticket& t) {
  const auto& matter = t.intake().matter();
  if (!f.category.empty() && !is_in_category(matter.category(), f.category)) return false;
  if (!f.region.empty() && !org.is_in_subtree(matter.region(), f.region)) return false;
  if (f.source != v1::SOURCE_UNSPECIFIED && t.intake().source() != f.source) return false;
  if (f.urgency != v1::URGENCY_UNSPECIFIED && t.urgency() != f.urgency) return false;
  return f.state == v1::STATE_UNSPECIFIED || t.state() == f.state;
}

/// How the unions share it.
bool matches_work(const ticket_filter& f, const v1::Ticket& t) {
  if (f.light != v1::LIGHT_UNSPECIFIED && light_of(t) != f.light) return false;
  return !f.overdue || t.overdue() == *f.overdue;
}

}  // namespace

bool ticket_filter::asks_present() const {
  return asks_work() || !unit.empty() || state != v1::STATE_UNSPECIFIED || !category.empty() ||
         !region.empty() || urgency != v1::URGENCY_UNSPECIFIED || source != v1::SOURCE_UNSPECIFIED;
}

bool ticket_filter::asks_work() const {
  return light != v1::LIGHT_UNSPECIFIED || overdue.has_value();
}

std::vector<query_parameter> filter_parameters() {
  return {{"unit", "单位代码"},
          {"state", "工单状态"},
          {"category", "诉求类别，含其下级"},
          {"region", "事发地区代码，含其下级"},
          {"urgency", "紧急程度"},
          {"light", "警示灯"},
          {"overdue", "曾否超期：true 或 false"},
          {"source", "来源渠道"},
          {"created_from", "登记时刻不早于"},
          {"created_to", "登记时刻早于"}};
}

reading<ticket_filter> read_filter(const net::request& request, const domain::organisation& org) {
  ticket_filter f;
  for (const auto& [name, code] : {std::pair{"unit", &f.unit}, std::pair{"region", &f.region}}) {
    const std::string* const text = request.query_value(name);
    if (text == nullptr) continue;
    if (!org.contains(*text)) {
      return std::unexpected(bad_parameter(name, "没有这个单位。", "There is no such unit."));
    }
    *code = *text;
  }
  if (const std::string* const text = request.query_value("category")) {
    if (!is_category(*text)) {
      return std::unexpected(
          bad_parameter("category", "类别代码无效。", "This is no code of a category."));
    }
    f.category = *text;
  }
  const auto state = read_name<v1::State>(request, "state", v1::State_Parse);
  if (!state) return std::unexpected(state.error());
  const auto urgency = read_name<v1::Urgency>(request, "urgency", v1::Urgency_Parse);
  if (!urgency) return std::unexpected(urgency.error());
  const auto light = read_name<v1::Light>(request, "light", v1::Light_Parse);
  if (!light) return std::unexpected(light.error());
  const auto source = read_name<v1::Source>(request, "source", v1::Source_Parse);
  if (!source) return std::unexpected(source.error());
  const auto overdue = read_flag(request, "overdue");
  if (!overdue) return std::unexpected(overdue.error());
  const auto from = read_instant(request, "created_from");
  if (!from) return std::unexpected(from.error());
  const auto to = read_instant(request, "created_to");
  if (!to) return std::unexpected(to.error());
  f.state = *state;
  f.urgency = *urgency;
  f.light = *light;
  f.source = *source;
  f.overdue = *overdue;
  f.created_from_at = *from;
  f.created_to_at = *to;
  return f;
}

bool has_part(const v1::Ticket& ticket, std::string_view unit) {
  return ticket.desk() == unit || domain::accountable_unit(ticket) == unit ||
         std::ranges::any_of(ticket.assignments(),
                             [&](const v1::Assignment& a) { return a.unit() == unit; });
}

bool matches(const ticket_filter& filter, const domain::organisation& org, const line_view& shown,
             const v1::Ticket& ticket) {
  if (ticket.created_at() < filter.created_from_at) return false;
  if (filter.created_to_at != 0 && ticket.created_at() >= filter.created_to_at) return false;
  if (filter.asks_present() && !shown.whole) return false;
  if (filter.asks_work() && !shown.internal) return false;
  return matches_matter(filter, org, ticket) && matches_work(filter, ticket);
}

}  // namespace hotline::gateway
