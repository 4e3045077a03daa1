#include "services/gateway/intake/channel_rules.hpp"

#include <algorithm>
#include <string>

#include "common/store/people.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {
namespace {

using store::intake_count;
using store::intake_span;

constexpr int phone_per_day_default = 5;
constexpr int address_per_hour_default = 60;
constexpr int failures_default = 10;
constexpr int requests_default = 600;
constexpr std::size_t field_bytes_max = 100;

int set_or(int value, int standard) { return value > 0 ? value : standard; }

std::string field_of(std::string_view kind, std::string_view what) {
  return std::string(kind) + std::string(what.substr(0, field_bytes_max));
}

}  // namespace

const v1::IntakeChannel* find_channel(const v1::IntakeSettings& settings, std::string_view user) {
  const auto found = std::ranges::find(settings.channels(), user, &v1::IntakeChannel::user);
  return found == settings.channels().end() ? nullptr : &*found;
}

std::vector<v1::Source> sources_of(const v1::IntakeChannel& channel) {
  std::vector<v1::Source> sources;
  for (const int source : channel.sources()) sources.push_back(static_cast<v1::Source>(source));
  return sources;
}

intake_count requests_of_channel(const v1::IntakeSettings& settings, std::string_view user) {
  return {intake_span::minute, field_of("c:", user),
          set_or(settings.client_per_minute_max(), requests_default)};
}

intake_count tickets_of_phone(const v1::IntakeSettings& settings, std::string_view phone_index) {
  return {intake_span::day, field_of("p:", phone_index),
          set_or(settings.phone_per_day_max(), phone_per_day_default)};
}

intake_count tickets_of_address(const v1::IntakeSettings& settings,
                                std::string_view citizen_address) {
  return {intake_span::hour, field_of("n:", store::counted_address(citizen_address)),
          set_or(settings.address_per_hour_max(), address_per_hour_default)};
}

std::vector<intake_count> failed_claims(const v1::IntakeSettings& settings,
                                        std::string_view citizen_address,
                                        std::string_view ticket_no) {
  const int most = set_or(settings.progress_failures_max(), failures_default);
  return {{intake_span::hour, field_of("a:", store::counted_address(citizen_address)), most},
          {intake_span::hour, field_of("t:", ticket_no), most}};
}

intake_count urges_of_ticket(std::string_view ticket_no) {
  return {intake_span::day, field_of("u:", ticket_no), 1};
}

boost::asio::awaitable<std::optional<net::problem>> count_request(const intake_parts& intake,
                                                                  std::string user, instant now) {
  const std::vector counts{requests_of_channel(intake.settings, user)};
  const auto full = co_await intake.limits.take(counts, {}, now);
  if (!full) co_return net::problem_for(full.error());
  if (!*full) co_return std::nullopt;
  co_return limit_reached(intake_span::minute, now, "too_many_requests",
                          "请求过于频繁，请稍后再试。", "Too many requests; try again later.");
}

net::problem limit_reached(intake_span span, instant now, std::string_view code,
                           std::string_view zh, std::string_view en) {
  net::problem p = make_problem(429, code, zh, en);
  const auto left = store::end_of(span, now) - now;
  p.retry_after_s = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(left).count());
  return p;
}

}  // namespace hotline::gateway
