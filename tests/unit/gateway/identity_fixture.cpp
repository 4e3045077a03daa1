#include "tests/unit/gateway/identity_fixture.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>
#include <sstream>

#include "common/identity/standing.hpp"
#include "common/store/keys.hpp"
#include "common/store/people_records.hpp"

namespace hotline::gateway {

identity::hash_options cheap_hashes() {
  identity::hash_options options;
  options.passes = 1;
  options.memory_bytes = 64 * 1024;
  return options;
}

identity_world::identity_world(gateway_fixture& f)
    : people(*f.redis.client, f.floor, {.data_set = f.data_set()}),
      desk(
          people, pool, [&f] { return f.land; }, options, real),
      who(people, options, real, false, test::quiet_log()),
      parts{.people = people,
            .pool = pool,
            .desk = desk,
            .options = options,
            .box = box,
            .real = real,
            .sessions = who.sessions(),
            .tls = false} {}

identity_fixture::identity_fixture() : world(base) {
  gateway_parts parts = base.parts(mode::live);
  // The same parts with real sign-in.
  door = std::make_unique<gateway>(gateway_parts{.runner = parts.runner,
                                                 .tickets = parts.tickets,
                                                 .queues = parts.queues,
                                                 .index = parts.index,
                                                 .board = parts.board,
                                                 .province = parts.province,
                                                 .who = world.who,
                                                 .identity = &world.parts,
                                                 .now = parts.now,
                                                 .vault = parts.vault,
                                                 .counts = parts.counts,
                                                 .log = parts.log,
                                                 .ready = parts.ready});
  server_ = std::make_unique<net::http_server>(
      base.redis.context, net::server_options(),
      [this](net::request r) { return door->handle(std::move(r)); }, test::quiet_log());
  REQUIRE(server_->listen().has_value());
  server_->start();
  client_ = std::make_unique<net::http_client>(base.redis.context, "127.0.0.1", server_->port());
  poll();
}

identity_fixture::~identity_fixture() {
  client_->close();
  base.stop_feed();
}

void identity_fixture::add(const std::string& id, const std::string& posts,
                           const std::string& unit) {
  v1::CreateUser order;
  order.set_id(id);
  order.set_name("王芳");
  order.set_unit(unit);
  std::istringstream in(posts);
  for (std::string text; in >> text;) *order.add_posts() = *identity::read_post(text);
  identity::manager console;
  console.at_console = true;
  const auto made = run(world.desk.create(console, order, std::string(good_password)));
  REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().en));
}

net::response identity_fixture::send(net::method verb, std::string target, net::field_list headers,
                                     std::string body) {
  auto answer = run(client_->send(verb, std::move(target), std::move(headers), std::move(body),
                                  std::chrono::seconds(10)));
  REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : to_string(answer.error())));
  return std::move(*answer);
}

net::response identity_fixture::sign_in_as(const std::string& user, std::string_view password,
                                           const std::string& code) {
  return send(net::method::post, "/v1/sessions", {{"Content-Type", "application/json"}},
              fmt::format(R"({{"user":"{}","password":"{}","code":"{}"}})", user, password, code));
}

std::string identity_fixture::token_of(const std::string& user, const std::string& code) {
  const auto answer = sign_in_as(user, good_password, code);
  REQUIRE_MESSAGE(answer.status == 201, answer.body);
  return text_at(answer, "token");
}

net::response identity_fixture::get(const std::string& token, std::string target,
                                    net::field_list more) {
  more.emplace_back("Authorization", "Bearer " + token);
  return send(net::method::get, std::move(target), std::move(more));
}

net::response identity_fixture::post(const std::string& token, std::string target, std::string body,
                                     net::field_list more) {
  more.emplace_back("Authorization", "Bearer " + token);
  more.emplace_back("Content-Type", "application/json");
  more.emplace_back("Idempotency-Key", fmt::format("key-{}", ++keys));
  return send(net::method::post, std::move(target), std::move(more), std::move(body));
}

net::response identity_fixture::post_with_key(const std::string& token, std::string target,
                                              std::string body, const std::string& key) {
  return send(net::method::post, std::move(target),
              {{"Authorization", "Bearer " + token},
               {"Content-Type", "application/json"},
               {"Idempotency-Key", key}},
              std::move(body));
}

std::vector<net::response> identity_fixture::post_at_once(const std::string& token,
                                                          const std::string& target,
                                                          const std::string& body,
                                                          const std::string& key,
                                                          std::size_t times) {
  std::vector<std::unique_ptr<net::http_client>> clients;
  std::vector<net::response> answers;
  for (std::size_t i = 0; i < times; ++i) {
    clients.push_back(
        std::make_unique<net::http_client>(base.redis.context, "127.0.0.1", server_->port()));
    boost::asio::co_spawn(base.redis.context,
                          clients.back()->send(net::method::post, target,
                                               {{"Authorization", "Bearer " + token},
                                                {"Content-Type", "application/json"},
                                                {"Idempotency-Key", key}},
                                               body, std::chrono::seconds(10)),
                          [&answers](const std::exception_ptr&, result<net::response> answer) {
                            if (answer) answers.push_back(std::move(*answer));
                          });
  }
  test::run_until(base.redis.context, [&] { return answers.size() == times; });
  for (const auto& client : clients) client->close();
  return answers;
}

std::string identity_fixture::verdict(const net::response& answer) {
  const std::string status = std::to_string(answer.status);
  return answer.status < 400 ? status : status + " " + text_at(answer, "code");
}

void identity_fixture::poll() { run(world.who.sessions().poll()); }

std::string identity_fixture::audit() {
  std::string actions;
  const auto entries = base.redis.exec("XRANGE", store::audit_key(), "-", "+");
  REQUIRE(entries);
  for (const auto& entry : entries->array()) {
    const auto record = store::decode_audit(entry.at(1).at(1).string());
    REQUIRE(record);
    actions += (actions.empty() ? "" : " ") + record->action() + (record->done() ? "" : "!");
  }
  return actions;
}

std::string identity_fixture::last_reason() {
  const auto entries = base.redis.exec("XREVRANGE", store::audit_key(), "+", "-", "COUNT", 1);
  REQUIRE(entries);
  REQUIRE(entries->size() == 1);
  const auto record = store::decode_audit(entries->at(0).at(1).at(1).string());
  REQUIRE(record);
  return record->reason();
}

v1::User identity_fixture::user(const std::string& id) {
  const auto loaded = run(world.people.load_user(id));
  REQUIRE(loaded);
  REQUIRE(*loaded);
  return **loaded;
}

}  // namespace hotline::gateway
