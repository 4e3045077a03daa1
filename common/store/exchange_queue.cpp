#include "common/store/exchange_queue.hpp"

#include <fmt/core.h>

#include <utility>

#include "common/domain/ticket_no.hpp"
#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"
#include "common/store/stored_number.hpp"
#include "common/store/waiting_page.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

// Values of a message in the flat answer of out_take.
constexpr std::size_t take_columns = 5;
// Behind the place of a message: the place of how it failed.
constexpr std::string_view failure_mark = ":failure";
// How a message ended that a person gave up.
constexpr std::string_view dismissed_word = "dismissed";

}  // namespace

std::string to_string(const message_id& id) {
  return fmt::format("{}:{}", id.ticket_no, id.version);
}

std::optional<message_id> parse_message_id(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  message_id id{std::string(text.substr(0, colon)), whole_number(text.substr(colon + 1))};
  // Spelt otherwise ("…:07") it would not be found again.
  if (id.version < first_refusal || id.version == 0 || !domain::is_ticket_no(id.ticket_no) ||
      to_string(id) != text)
    return std::nullopt;
  return id;
}

exchange_queue::exchange_queue(redis::client& redis, exchange_vault& vault, std::string partner,
                               std::string data_set, commit_floor* floor)
    : redis_(redis),
      vault_(vault),
      partner_(std::move(partner)),
      data_set_(std::move(data_set)),
      floor_(floor) {}

std::string exchange_queue::place(const message_id& id) const {
  return partner_prefix(partner_) + to_string(id);
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
  return call_function(redis_, std::move(command));
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
    one.external_no = reply->at(i + 4).string();
    const auto opened = vault_.open(place(one.id), reply->at(i + 2).string(), one.message);
    if (!opened) one.damage = opened.error();
    taken.push_back(std::move(one));
  }
  co_return taken;
}

awaitable<result<bool>> exchange_queue::settle(message_id id, std::string ended,
                                               std::string external_no, instant now,
                                               std::string told_no) {
  auto command = function("out_done", now, id);
  command.add(ended).add(external_no).add(told_no);
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return reply->at(0).integer() == 1;
}

awaitable<result<bool>> exchange_queue::fail_try(message_id id, std::optional<instant> next,
                                                 v1::SendFailure failure, instant now) {
  failure.set_at(to_unix_ms(now));
  auto command = function("out_failed", now, id);
  command.add(next ? std::to_string(to_unix_ms(*next)) : std::string());
  command.add(vault_.seal(place(id).append(failure_mark), failure));
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return reply->at(0).integer() == 1;
}

awaitable<result<bool>> exchange_queue::give_back(message_id id, instant when) {
  const auto reply = co_await call(function("out_back", when, id));
  if (!reply) co_return pass(reply);
  co_return reply->integer() == 1;
}

redis::command exchange_queue::question(const message_id& id) const {
  return redis::command("HMGET", partner_out_key(partner_, id.ticket_no),
                        fmt::format("m:{}", id.version), fmt::format("t:{}", id.version),
                        fmt::format("f:{}", id.version));
}

result<void> exchange_queue::open_letter(const redis::reply& values, dead_letter& letter) {
  if (values.at(0).is_nil()) return {};  // settled between the two questions
  const auto& message = values.at(0);
  const auto& tries = values.at(1);
  const auto& failed = values.at(2);
  // One that is damaged is shown as that: by what is known of how it failed.
  const auto opened = vault_.open(place(letter.id), message.string(), letter.message);
  if (!opened && opened.error().code != errc::corrupt_data) return opened;
  if (!tries.is_nil()) letter.tries = whole_number(tries.string());
  if (failed.is_nil()) return {};
  return vault_.open(place(letter.id).append(failure_mark), failed.string(), letter.failure);
}

awaitable<result<std::optional<dead_letter>>> exchange_queue::find_dead_letter(message_id id) {
  std::vector<redis::command> questions;
  questions.emplace_back("ZSCORE", partner_dead_key(partner_), to_string(id));
  questions.push_back(question(id));
  const auto replies = co_await redis_.exec_all(std::move(questions));
  for (const auto& reply : replies) {
    if (!reply) co_return pass(reply);
  }
  if (replies[0]->is_nil()) co_return std::nullopt;
  dead_letter letter;
  letter.id = std::move(id);
  letter.since = from_unix_ms(whole_number(replies[0]->string()));
  if (auto ok = open_letter(*replies[1], letter); !ok) co_return pass(ok);
  co_return letter;
}

awaitable<result<dead_letter_page>> exchange_queue::dead_letters(std::size_t skip,
                                                                 std::size_t limit) {
  const auto listed = co_await read_waiting(redis_, partner_dead_key(partner_), skip, limit);
  if (!listed) co_return pass(listed);
  dead_letter_page page;
  page.total = listed->total;
  if (listed->entries.empty()) co_return page;
  std::vector<redis::command> gets;
  for (const auto& entry : listed->entries) {
    dead_letter one;
    one.id = parse_message_id(entry.member).value_or(message_id());
    one.since = entry.since;
    gets.push_back(question(one.id));
    page.letters.push_back(std::move(one));
  }
  const auto values = co_await redis_.exec_all(std::move(gets));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) co_return pass(values[i]);
    if (auto ok = open_letter(*values[i], page.letters[i]); !ok) co_return pass(ok);
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

awaitable<result<bool>> exchange_queue::dismiss(message_id id, instant now) {
  auto command = function("out_drop", now, id);
  command.add(dismissed_word);
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
