#include "common/store/exchange_queue.hpp"

#include <fmt/core.h>

#include <charconv>
#include <utility>

#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

// Values of a message in the flat answer of out_take.
constexpr std::size_t take_columns = 4;

std::int64_t whole_number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// "3708-20261123-00001:7"
message_id id_of(std::string_view member) {
  const auto colon = member.rfind(':');
  if (colon == std::string_view::npos) return {};
  return {std::string(member.substr(0, colon)), whole_number(member.substr(colon + 1))};
}

}  // namespace

exchange_queue::exchange_queue(redis::client& redis, exchange_vault& vault, std::string partner,
                               std::string data_set, commit_floor* floor)
    : redis_(redis),
      vault_(vault),
      partner_(std::move(partner)),
      data_set_(std::move(data_set)),
      floor_(floor) {}

std::string exchange_queue::place(const message_id& id) const {
  return fmt::format("{}{}:{}", partner_prefix(partner_), id.ticket_no, id.version);
}

std::string exchange_queue::seal(const message_id& id, const v1::OutMessage& message) {
  return vault_.seal(place(id), message);
}

redis::command exchange_queue::function(std::string_view name, instant now) const {
  const std::vector<std::string> keys{partner_head_key(partner_)};
  auto command = function_call(name, keys);
  command.add(data_set_).add(to_unix_ms(now));
  return command;
}

redis::command exchange_queue::function(std::string_view name, instant now,
                                        const message_id& id) const {
  auto command = function(name, now);
  command.add(id.ticket_no).add(id.version);
  return command;
}

awaitable<result<redis::reply>> exchange_queue::call(redis::command command) {
  auto answer = co_await redis_.exec(std::move(command));
  if (!answer) co_return std::unexpected(failure_of_function(answer.error()));
  co_return *std::move(answer);
}

awaitable<result<bool>> exchange_queue::put(message_id id, v1::OutMessage message, instant now) {
  auto command = function("out_put", now, id);
  command.add(seal(id, message));
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  if (reply->at(0).integer() != 1) co_return false;
  if (floor_ != nullptr) floor_->seen("p:" + partner_, reply->at(1).integer());
  co_return true;
}

awaitable<result<bool>> exchange_queue::put_again(message_id id, v1::OutMessage message,
                                                  instant now) {
  auto command = function("out_again", now, id);
  command.add(seal(id, message));
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return reply->integer() == 1;
}

awaitable<result<std::vector<taken_message>>> exchange_queue::take(instant now, milliseconds lease,
                                                                   std::size_t most) {
  auto command = function("out_take", now);
  command.add(to_unix_ms(now + lease)).add(most);
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  std::vector<taken_message> taken;
  for (std::size_t i = 0; i + take_columns <= reply->size(); i += take_columns) {
    taken_message one;
    one.id = {std::string(reply->at(i).string()), whole_number(reply->at(i + 1).string())};
    one.tries = reply->at(i + 3).integer();
    const auto opened = vault_.open(place(one.id), reply->at(i + 2).string(), one.message);
    if (!opened) co_return pass(opened);
    taken.push_back(std::move(one));
  }
  co_return taken;
}

awaitable<result<bool>> exchange_queue::settle(message_id id, std::string ended,
                                               std::string external_no, instant now) {
  auto command = function("out_done", now, id);
  command.add(ended).add(external_no);
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return reply->at(0).integer() == 1;
}

awaitable<result<bool>> exchange_queue::fail_try(message_id id, std::optional<instant> next,
                                                 instant now) {
  auto command = function("out_failed", now, id);
  command.add(next ? std::to_string(to_unix_ms(*next)) : std::string());
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return reply->at(0).integer() == 1;
}

awaitable<result<dead_letter_page>> exchange_queue::dead_letters(std::size_t skip,
                                                                 std::size_t limit) {
  const auto key = partner_dead_key(partner_);
  std::vector<redis::command> questions;
  questions.emplace_back("ZCARD", key);
  questions.emplace_back("ZRANGE", key, skip, skip + limit - 1, "WITHSCORES");
  const auto replies = co_await redis_.exec_all(std::move(questions));
  for (const auto& reply : replies) {
    if (!reply) co_return pass(reply);
  }
  dead_letter_page page;
  page.total = replies[0]->integer();
  const auto& listed = *replies[1];
  if (limit == 0 || listed.size() == 0) co_return page;
  std::vector<redis::command> gets;
  for (std::size_t i = 0; i + 1 < listed.size(); i += 2) {
    dead_letter one;
    one.id = id_of(listed.at(i).string());
    one.since = from_unix_ms(whole_number(listed.at(i + 1).string()));
    gets.emplace_back("HGET", partner_out_key(partner_, one.id.ticket_no),
                      fmt::format("m:{}", one.id.version));
    page.letters.push_back(std::move(one));
  }
  const auto values = co_await redis_.exec_all(std::move(gets));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) co_return pass(values[i]);
    auto& one = page.letters[i];
    if (values[i]->is_nil()) continue;  // settled between the two questions
    const auto opened = vault_.open(place(one.id), values[i]->string(), one.message);
    if (!opened) co_return pass(opened);
  }
  co_return page;
}

awaitable<result<bool>> exchange_queue::resend(message_id id, std::optional<v1::OutMessage> edited,
                                               instant now) {
  auto command = function("out_resend", now, id);
  command.add(edited ? seal(id, *edited) : std::string());
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return reply->integer() == 1;
}

awaitable<result<std::int64_t>> exchange_queue::backlog() {
  const auto reply = co_await redis_.exec(redis::command("ZCARD", partner_sending_key(partner_)));
  if (!reply) co_return pass(reply);
  co_return reply->integer();
}

}  // namespace hotline::store
