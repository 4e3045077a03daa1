#include "tests/support/people.hpp"

#include <fmt/core.h>

#include "common/identity/hash_pool.hpp"
#include "common/store/keys.hpp"
#include "common/store/people.hpp"
#include "hotline/v1/identity.pb.h"
#include "tests/support/run_coro.hpp"

namespace hotline::test {
namespace {

constexpr std::string_view password = "Rt7-kelmno";

result<std::string> hash_of_password(boost::asio::io_context& context, hashing how) {
  identity::hash_options options;
  options.at_once = 1;
  if (how == hashing::cheap) {
    options.passes = 1;
    options.memory_bytes = 64 * 1024;
  }
  identity::hash_pool pool(options);
  return run_coro(context, pool.hash(std::string(password)));
}

v1::User user_of(const person& who, std::string hash) {
  v1::User user;
  user.set_id(who.user);
  user.set_name("测试用户");
  user.set_unit(who.unit);
  user.set_kind(v1::USER_KIND_PERSON);
  auto& post = *user.add_posts();
  v1::Role role{};
  if (!v1::Role_Parse(who.role, &role)) throw std::runtime_error("no role " + who.role);
  post.set_unit(who.unit);
  post.set_role(role);
  user.mutable_password()->set_hash(std::move(hash));
  // The users of a machine whose clock is right have just chosen it.
  user.mutable_password()->set_set_at(to_unix_ms(wall_clock().now()));
  user.set_version(1);
  return user;
}

}  // namespace

result<void> make_person(boost::asio::io_context& context, redis::client& redis, const person& who,
                         hashing how) {
  const auto id =
      run_coro(context, redis.exec(redis::command("HGET", store::data_set_key(), "id")));
  if (!id) return pass(id);
  store::commit_floor floor;
  store::people_store people(redis, floor, {.data_set = std::string(id->string())});
  const auto known = run_coro(context, people.load_user(who.user));
  if (!known) return pass(known);
  if (*known) return {};
  auto hash = hash_of_password(context, how);
  if (!hash) return pass(hash);
  v1::AuditRecord record;
  record.set_action("user.create");
  record.set_object(who.user);
  const auto put =
      run_coro(context, people.put_user(user_of(who, *std::move(hash)), {}, std::move(record)));
  if (!put) return pass(put);
  return {};
}

boost::asio::awaitable<result<net::field_list>> signing_in(net::http_client& http, person who) {
  v1::CreateSession order;
  order.set_user(who.user);
  order.set_password(std::string(password));
  const auto answer = co_await http.send(
      net::method::post, "/v1/sessions",
      {{"Content-Type", "application/x-protobuf"}, {"Accept", "application/x-protobuf"}},
      order.SerializeAsString(), std::chrono::milliseconds(10'000));
  if (!answer) co_return pass(answer);
  v1::SessionView session;
  if (answer->status != 201 || !session.ParseFromString(answer->body)) {
    co_return fail(errc::rejected, fmt::format("{} {}", answer->status, answer->body));
  }
  co_return net::field_list{{"Authorization", "Bearer " + session.token()},
                            {"X-Hotline-Post", who.unit + "/" + who.role}};
}

result<net::field_list> sign_in(boost::asio::io_context& context, net::http_client& http,
                                const person& who) {
  return run_coro(context, signing_in(http, who));
}

}  // namespace hotline::test
