#include "common/store/exchange_fetches.hpp"

#include <utility>

#include "common/store/digest.hpp"
#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"

namespace hotline::store {

using boost::asio::awaitable;

namespace {

// Values of an order in the flat answer of fetch_take.
constexpr std::size_t take_columns = 3;

}  // namespace

exchange_fetches::exchange_fetches(redis::client& redis, exchange_vault& vault, std::string partner,
                                   std::string data_set)
    : redis_(redis), vault_(vault), partner_(std::move(partner)), data_set_(std::move(data_set)) {}

std::string exchange_fetches::place(std::string_view what) const {
  return partner_prefix(partner_).append("fetch:").append(what);
}

redis::command exchange_fetches::function(std::string_view name, instant at) const {
  const std::vector<std::string> keys{partner_head_key(partner_)};
  auto command = function_call(name, keys);
  command.add(data_set_).add(to_unix_ms(at));
  return command;
}

awaitable<result<redis::reply>> exchange_fetches::call(redis::command command) {
  return call_function(redis_, std::move(command));
}

awaitable<result<bool>> exchange_fetches::put(v1::FetchOrder order, instant now) {
  const auto id = to_hex(vault_.print(order.ticket_no() + order.event().SerializeAsString()));
  order.set_made_at(to_unix_ms(now));
  auto command = function("fetch_put", now);
  command.add(id).add(vault_.seal(place(id), order));
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return reply->integer() == 1;
}

awaitable<result<bool>> exchange_fetches::again(std::string review_id, v1::FetchOrder order,
                                                instant now) {
  order.set_made_at(to_unix_ms(now));
  auto command = function("fetch_again", now);
  command.add(review_id).add(vault_.seal(place(review_id), order));
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return reply->integer() == 1;
}

awaitable<result<std::vector<taken_fetch>>> exchange_fetches::take(instant now, milliseconds lease,
                                                                   std::size_t most) {
  auto command = function("fetch_take", now);
  command.add(to_unix_ms(now + lease)).add(most);
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  std::vector<taken_fetch> taken;
  for (std::size_t i = 0; i + take_columns <= reply->size(); i += take_columns) {
    taken_fetch one{std::string(reply->at(i).string()), {}, reply->at(i + 2).integer(), {}};
    const auto opened = vault_.open(place(one.id), reply->at(i + 1).string(), one.order);
    if (!opened) one.damage = opened.error();
    taken.push_back(std::move(one));
  }
  co_return taken;
}

awaitable<result<bool>> exchange_fetches::settle(std::string id,
                                                 std::optional<v1::FeedReview> review,
                                                 instant now) {
  auto command = function("fetch_done", now);
  command.add(id);
  if (review) {
    // Sealed as exchange_feed reads reviews.
    command.add(id).add(vault_.seal(partner_prefix(partner_) + id, *review));
  } else {
    command.add("").add("");
  }
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return reply->integer() == 1;
}

awaitable<result<bool>> exchange_fetches::fail_try(std::string id, instant next) {
  auto command = function("fetch_failed", next);
  command.add(id);
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return reply->integer() > 0;
}

}  // namespace hotline::store
