#include "common/store/exchange_ledger.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/domain/civil.hpp"
#include "common/domain/ticket_no.hpp"
#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"
#include "common/store/stored_number.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

constexpr std::string_view done = "done";
constexpr std::string_view open = "open";
constexpr std::string_view over = "over";

/// The score of the first entry of a ZRANGE 0 0 WITHSCORES; 0 for an empty set.
std::int64_t first_score(const redis::reply& range) {
  return range.size() < 2 ? 0 : whole_number(range.at(1).string());
}

v1::ReconciliationReport report_of(std::string_view bytes) {
  v1::ReconciliationReport report;
  if (!report.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    report.Clear();
    report.set_failure("对账记录无法读取");
  }
  return report;
}

std::optional<failure> first_failure(const std::vector<result<redis::reply>>& replies) {
  for (const auto& reply : replies) {
    if (!reply) return reply.error();
  }
  return std::nullopt;
}

}  // namespace

exchange_ledger::exchange_ledger(redis::client& redis, std::string partner, std::string data_set)
    : redis_(redis), partner_(std::move(partner)), data_set_(std::move(data_set)) {}

redis::command exchange_ledger::function(std::string_view name) const {
  return partner_call(name, partner_, data_set_);
}

awaitable<result<redis::reply>> exchange_ledger::call(redis::command command) {
  return call_function(redis_, std::move(command));
}

awaitable<result<v1::PartnerHealth>> exchange_ledger::health() {
  const auto unsent = partner_unsent_key(partner_);
  const auto unsettled = partner_unsettled_key(partner_);
  std::vector<redis::command> questions;
  questions.emplace_back("HMGET", partner_head_key(partner_), "received", "applied", "sent");
  questions.emplace_back("HMGET", partner_health_key(partner_), "failed", "why", "failures",
                         "breaker", "pulled", "pull_failures", "pull_why");
  questions.emplace_back("ZCARD", unsent);
  questions.emplace_back("ZRANGE", unsent, 0, 0, "WITHSCORES");
  questions.emplace_back("ZCARD", unsettled);
  questions.emplace_back("ZRANGE", unsettled, 0, 0, "WITHSCORES");
  questions.emplace_back("ZCARD", partner_reviews_order_key(partner_));
  questions.emplace_back("ZCARD", partner_dead_key(partner_));
  questions.emplace_back("LINDEX", partner_reconciliations_key(partner_), 0);
  const auto fetches = partner_fetches_made_key(partner_);
  questions.emplace_back("ZCARD", fetches);
  questions.emplace_back("ZRANGE", fetches, 0, 0, "WITHSCORES");
  const auto replies = co_await redis_.exec_all(std::move(questions));
  if (const auto bad = first_failure(replies)) co_return std::unexpected(*bad);

  v1::PartnerHealth health;
  const auto& head = *replies[0];
  health.set_last_received_at(whole_number(head.at(0).string()));
  health.set_last_applied_at(whole_number(head.at(1).string()));
  health.set_last_sent_at(whole_number(head.at(2).string()));
  const auto& signs = *replies[1];
  health.set_last_failure_at(whole_number(signs.at(0).string()));
  health.set_last_failure(std::string(signs.at(1).string()));
  health.set_failures_in_row(whole_number(signs.at(2).string()));
  health.set_breaker_until_at(whole_number(signs.at(3).string()));
  health.set_last_pulled_at(whole_number(signs.at(4).string()));
  health.set_pull_failures(whole_number(signs.at(5).string()));
  health.set_pull_failure(std::string(signs.at(6).string()));
  health.set_unsent(replies[2]->integer());
  health.set_unsent_since_at(first_score(*replies[3]));
  health.set_unsettled(replies[4]->integer());
  health.set_unsettled_since_at(first_score(*replies[5]));
  health.set_reviews(replies[6]->integer());
  health.set_dead_letters(replies[7]->integer());
  if (!replies[8]->is_nil()) {
    *health.mutable_last_reconciliation() = report_of(replies[8]->string());
    health.mutable_last_reconciliation()->clear_differences();
  }
  health.set_fetches(replies[9]->integer());
  health.set_fetches_since_at(first_score(*replies[10]));
  co_return health;
}

awaitable<result<void>> exchange_ledger::put_signs(exchange_signs signs) {
  auto command = function("health_put");
  command.add("failed").add(signs.last_failure_at).add("why").add(signs.last_failure);
  command.add("failures").add(signs.failures_in_row).add("breaker").add(signs.breaker_until_at);
  command.add("pulled").add(signs.pulled_at).add("pull_failures").add(signs.pull_failures);
  command.add("pull_why").add(signs.pull_failure);
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return result<void>();
}

awaitable<result<std::vector<std::string>>> exchange_ledger::first_exchanged(instant from,
                                                                             instant until,
                                                                             std::size_t skip,
                                                                             std::size_t most) {
  const auto reply = co_await redis_.exec(
      redis::command("ZRANGEBYSCORE", partner_seen_key(partner_), to_unix_ms(from),
                     "(" + std::to_string(to_unix_ms(until)), "LIMIT", skip, most));
  if (!reply) co_return pass(reply);
  std::vector<std::string> numbers;
  for (const auto& one : reply->array()) numbers.emplace_back(one.string());
  co_return numbers;
}

awaitable<result<std::optional<std::chrono::year_month_day>>> exchange_ledger::first_day() {
  const auto reply = co_await redis_.exec(
      redis::command("ZRANGE", partner_seen_key(partner_), 0, 0, "WITHSCORES"));
  if (!reply) co_return pass(reply);
  if (reply->size() < 2) co_return std::nullopt;
  co_return domain::civil_date(from_unix_ms(first_score(*reply)));
}

awaitable<result<std::vector<exchanged_ticket>>> exchange_ledger::look_up(
    std::vector<std::string> external_nos) {
  std::vector<redis::command> questions;
  for (const auto& number : external_nos) {
    questions.emplace_back("HLEN", partner_ticket_key(partner_, number));
    questions.emplace_back("HMGET", partner_ticket_key(partner_, number), "no", "applied", "unused",
                           "refused", "linked");
    questions.emplace_back("LLEN", partner_waiting_key(partner_, number));
  }
  const auto replies = co_await redis_.exec_all(std::move(questions));
  if (const auto bad = first_failure(replies)) co_return std::unexpected(*bad);
  std::vector<exchanged_ticket> found;
  std::vector<redis::command> orders;
  for (std::size_t i = 0; i < external_nos.size(); ++i) {
    exchanged_ticket one;
    one.external_no = std::move(external_nos[i]);
    const auto fields = replies[3 * i]->integer();
    const auto& named = replies[3 * i + 1]->array();
    one.known = fields > 0;
    one.ticket_no = named[0].string();
    one.refused = !named[2].is_nil() && !named[3].is_nil();
    one.remembered = fields - std::ranges::count_if(
                                  named, [](const redis::reply& value) { return !value.is_nil(); });
    one.unsettled = replies[3 * i + 2]->integer();
    if (!domain::is_ticket_no(one.ticket_no)) one.ticket_no.clear();
    orders.emplace_back("ZCARD", partner_order_key(partner_, one.ticket_no));
    found.push_back(std::move(one));
  }
  const auto waiting = co_await redis_.exec_all(std::move(orders));
  if (const auto bad = first_failure(waiting)) co_return std::unexpected(*bad);
  for (std::size_t i = 0; i < found.size(); ++i) found[i].unsent = waiting[i]->integer();
  co_return found;
}

awaitable<result<std::int64_t>> exchange_ledger::forget(std::string external_no,
                                                        std::string ticket_no) {
  auto command = function("partner_forget");
  command.add(external_no).add(ticket_no);
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return reply->integer();
}

awaitable<result<bool>> exchange_ledger::pull_again(instant day) {
  auto command = function("cursor_back");
  const auto reply = co_await call(std::move(command.add(to_unix_ms(day))));
  if (!reply) co_return pass(reply);
  co_return reply->integer() == 1;
}

awaitable<result<bool>> exchange_ledger::claim(std::chrono::year_month_day day, instant now,
                                               milliseconds lease) {
  auto command = function("reconcile_claim");
  command.add(to_unix_ms(now)).add(domain::compact_date(day)).add(to_unix_ms(now + lease));
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return reply->integer() == 1;
}

awaitable<result<std::map<std::chrono::sys_days, compared_day>>> exchange_ledger::compared_days() {
  const auto reply = co_await call(function("reconcile_days"));
  if (!reply) co_return pass(reply);
  std::map<std::chrono::sys_days, compared_day> days;
  for (std::size_t i = 0; i + 1 < reply->size(); i += 2) {
    const std::string_view name = reply->at(i).string();
    const std::string_view how = reply->at(i + 1).string();
    if (name.size() != std::string_view("yyyymmdd").size()) continue;  // of the claim
    const auto day = domain::parse_date(
        fmt::format("{}-{}-{}", name.substr(0, 4), name.substr(4, 2), name.substr(6)));
    const auto colon = how.find(':');
    if (!day || colon == std::string_view::npos) continue;
    days[*day] = {.at = whole_number(how.substr(0, colon)),
                  .is_over = how.substr(colon + 1) == over};
  }
  co_return days;
}

awaitable<result<void>> exchange_ledger::set_compared(std::chrono::year_month_day day,
                                                      compared_day how) {
  auto command = function("reconcile_day");
  command.add(domain::compact_date(day)).add(how.at).add(how.is_over ? over : open);
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return result<void>();
}

awaitable<result<void>> exchange_ledger::finish(std::chrono::year_month_day day,
                                                std::vector<v1::ReconciliationReport> reports,
                                                std::optional<instant> again) {
  auto command = function("reconcile_done");
  command.add(domain::compact_date(day));
  command.add(again ? std::to_string(to_unix_ms(*again)) : std::string(done));
  for (const auto& report : reports) command.add(report.SerializeAsString());
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return result<void>();
}

awaitable<result<void>> exchange_ledger::keep(v1::ReconciliationReport report) {
  auto command = function("reconcile_done");
  command.add("").add(done).add(report.SerializeAsString());
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return result<void>();
}

awaitable<result<std::vector<v1::ReconciliationReport>>> exchange_ledger::reports(
    std::size_t most) {
  std::vector<v1::ReconciliationReport> list;
  if (most == 0) co_return list;
  const auto reply = co_await redis_.exec(
      redis::command("LRANGE", partner_reconciliations_key(partner_), 0, most - 1));
  if (!reply) co_return pass(reply);
  for (const auto& one : reply->array()) list.push_back(report_of(one.string()));
  co_return list;
}

}  // namespace hotline::store
