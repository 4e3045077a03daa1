#include "common/store/intake_limits.hpp"

#include <fmt/core.h>

#include <utility>

#include "common/domain/civil.hpp"
#include "common/domain/ticket_no.hpp"
#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

constexpr std::int64_t status_taken = 1;

std::chrono::milliseconds length_of(intake_span span) {
  switch (span) {
    case intake_span::minute: return std::chrono::minutes(1);
    case intake_span::hour: return std::chrono::hours(1);
    case intake_span::day: return std::chrono::days(1);
  }
  return std::chrono::days(1);
}

/// "day-20261125", "hour-20261125-09", "minute-20261125-0931"
std::string name_of(intake_span span, instant now) {
  const auto day = domain::compact_date(domain::civil_date(now));
  const auto minutes =
      std::chrono::duration_cast<std::chrono::minutes>(domain::civil_time_of_day(now)).count();
  switch (span) {
    case intake_span::minute:
      return fmt::format("minute-{}-{:02}{:02}", day, minutes / 60, minutes % 60);
    case intake_span::hour: return fmt::format("hour-{}-{:02}", day, minutes / 60);
    case intake_span::day: break;
  }
  return fmt::format("day-{}", day);
}

redis::command call(std::string_view function, const std::vector<intake_count>& counts,
                    instant now) {
  std::vector<std::string> keys{head_key(people_shard), intake_spans_key()};
  for (const auto& one : counts) keys.push_back(intake_counter_key(name_of(one.span, now)));
  return function_call(function, keys);
}

}  // namespace

awaitable<result<std::optional<std::size_t>>> intake_limits::take(std::vector<intake_count> counts,
                                                                  std::string token, instant now) {
  auto command = call("intake_take", counts, now);
  command.add(data_set_).add(token).add(to_unix_ms(now));
  for (const auto& one : counts) {
    command.add(one.field).add(one.most).add(to_unix_ms(end_of(one.span, now)));
  }
  const auto answer = co_await redis_.exec(std::move(command));
  if (!answer) co_return std::unexpected(failure_of_function(answer.error()));
  if (answer->at(0).integer() == status_taken) co_return std::optional<std::size_t>();
  co_return std::optional<std::size_t>(static_cast<std::size_t>(answer->at(1).integer()) - 1);
}

awaitable<result<void>> intake_limits::give_back(std::vector<intake_count> counts,
                                                 std::string token, instant now) {
  auto command = call("intake_give_back", counts, now);
  command.add(data_set_).add(token);
  for (const auto& one : counts) command.add(one.field);
  const auto answer = co_await redis_.exec(std::move(command));
  if (!answer) co_return std::unexpected(failure_of_function(answer.error()));
  co_return result<void>();
}

instant end_of(intake_span span, instant now) {
  const auto length = length_of(span);
  return now - domain::civil_time_of_day(now) % length + length;
}

}  // namespace hotline::store
