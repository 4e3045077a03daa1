#include "services/hotline/demo/demo_client.hpp"

#include <fmt/core.h>

#include "hotline/v1/identity.pb.h"

namespace hotline::program {

using boost::asio::awaitable;

namespace {

demo_person onlooker() { return {"370000", "ROLE_SUPERVISOR"}; }

template <class Message>
result<Message> parsed(const result<std::string>& bytes) {
  if (!bytes) return pass(bytes);
  Message message;
  if (!message.ParseFromString(*bytes)) return fail(errc::corrupt_data, "not the message expected");
  return message;
}

}  // namespace

awaitable<result<std::string>> demo_people::token(net::http_client& http, demo_person who) {
  const std::string id = demo_user_id(who);
  if (const auto known = tokens_.find(id); known != tokens_.end()) co_return known->second;
  auto password = co_await make_(who);
  if (!password) co_return pass(password);
  v1::CreateSession order;
  order.set_user(id);
  order.set_password(*password);
  auto answer = co_await http.send(
      net::method::post, "/v1/sessions",
      {{"Accept", "application/x-protobuf"}, {"Content-Type", "application/x-protobuf"}},
      order.SerializeAsString(), std::chrono::seconds(10));
  if (!answer) co_return pass(answer);
  if (answer->status != 201) {
    co_return fail(errc::rejected, fmt::format("sign-in of {}: {}", id, answer->body));
  }
  v1::SessionView session;
  if (!session.ParseFromString(answer->body)) co_return fail(errc::corrupt_data, "no session");
  co_return tokens_.emplace(id, session.token()).first->second;
}

demo_client::demo_client(boost::asio::io_context& context, std::uint16_t port,
                         demo_people::maker make)
    : http_(context, "127.0.0.1", port), people_(std::move(make)) {}

awaitable<result<std::string>> demo_client::send(net::method verb, std::string target,
                                                 demo_person who, std::string body) {
  const auto token = co_await people_.token(http_, who);
  if (!token) co_return pass(token);
  net::field_list headers = {{"Accept", "application/x-protobuf"},
                             {"Authorization", "Bearer " + *token},
                             {"X-Hotline-Post", who.unit + "/" + who.role}};
  if (verb != net::method::get) headers.emplace_back("Content-Type", "application/x-protobuf");
  if (verb == net::method::post) {
    headers.emplace_back("Idempotency-Key", fmt::format("demo-{}", next_key_++));
  }
  auto answer = co_await http_.send(verb, target, std::move(headers), std::move(body),
                                    std::chrono::seconds(10));
  if (!answer) co_return pass(answer);
  if (answer->status >= 300) {
    co_return fail(errc::rejected, fmt::format("{} {}: {}", target, answer->status, answer->body));
  }
  co_return std::move(answer->body);
}

awaitable<result<std::string>> demo_client::create(demo_person who, v1::CreateTicket order) {
  const auto bytes =
      co_await send(net::method::post, "/v1/tickets", std::move(who), order.SerializeAsString());
  const auto answer = parsed<v1::CommandAnswer>(bytes);
  if (!answer) co_return pass(answer);
  co_return answer->ticket_no();
}

awaitable<result<v1::CommandAnswer>> demo_client::act(demo_person who, std::string no,
                                                      std::string verb,
                                                      const google::protobuf::Message& body) {
  const auto bytes = co_await send(net::method::post, fmt::format("/v1/tickets/{}:{}", no, verb),
                                   std::move(who), body.SerializeAsString());
  co_return parsed<v1::CommandAnswer>(bytes);
}

awaitable<result<v1::TicketView>> demo_client::ticket(std::string no) {
  const auto bytes = co_await send(net::method::get, "/v1/tickets/" + no, onlooker(), {});
  co_return parsed<v1::TicketView>(bytes);
}

awaitable<result<v1::HistoryPage>> demo_client::history(std::string no) {
  const auto bytes =
      co_await send(net::method::get, "/v1/tickets/" + no + "/history", onlooker(), {});
  co_return parsed<v1::HistoryPage>(bytes);
}

awaitable<result<void>> demo_client::set_clock(instant now, double rate) {
  v1::SetClock order;
  order.set_now(to_unix_ms(now));
  order.set_rate(rate);
  const auto done = co_await send(net::method::put, "/v1/clock", {"370000", "ROLE_ADMINISTRATOR"},
                                  order.SerializeAsString());
  if (!done) co_return pass(done);
  co_return result<void>{};
}

}  // namespace hotline::program
