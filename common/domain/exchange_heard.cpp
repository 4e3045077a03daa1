#include "common/domain/exchange_heard.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace hotline::domain {
namespace {

/// Takes the number behind the last colon off the text; 0 where there is none.
std::int64_t take_number(std::string_view& text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return 0;
  const auto digits = text.substr(colon + 1);
  std::int64_t number = 0;
  const auto [end, wrong] = std::from_chars(digits.begin(), digits.end(), number);
  if (wrong != std::errc() || end != digits.end()) return 0;
  text = text.substr(0, colon);
  return number;
}

/// "feed:<print>:<place>:<occurred at>:<sequence>"; without the last two from before they were
/// kept.
constexpr std::ptrdiff_t colons_of_id = 4;

}  // namespace

std::string feed_command_id(std::string_view item_id, std::size_t place,
                            const v1::PartnerEvent& event) {
  return fmt::format("{}:{}:{}:{}", item_id, place, event.occurred_at(), event.sequence());
}

void heard_before::add(const v1::Event& event, std::string_view unit) {
  std::string_view id = event.command_id();
  if (event.version() == 1 || event.actor().unit() != unit) return;
  if (std::ranges::count(id, ':') != colons_of_id) return;
  const auto sequence = take_number(id);
  const auto occurred_at = take_number(id);
  place& newest = newest_[event.kind()];
  newest.sequence = std::max(newest.sequence, sequence);
  newest.occurred_at = std::max(newest.occurred_at, occurred_at);
}

bool heard_before::after(const v1::PartnerEvent& event,
                         std::initializer_list<v1::EventKind> what) const {
  return std::ranges::any_of(newest_, [&](const auto& known) {
    const auto& [kind, newest] = known;
    if (what.size() > 0 && std::ranges::find(what, kind) == what.end()) return false;
    if (event.sequence() > 0 && newest.sequence > 0) return newest.sequence > event.sequence();
    return event.occurred_at() > 0 && newest.occurred_at > event.occurred_at();
  });
}

bool is_told_in_order(v1::PartnerEventKind kind) {
  switch (kind) {
    case v1::PARTNER_EVENT_KIND_CREATE:
    case v1::PARTNER_EVENT_KIND_SUPPLEMENT:
    case v1::PARTNER_EVENT_KIND_REWORK:
    case v1::PARTNER_EVENT_KIND_VISIT_RESULT:
    case v1::PARTNER_EVENT_KIND_EXTEND_RESP: return true;
    default: return false;
  }
}

}  // namespace hotline::domain
