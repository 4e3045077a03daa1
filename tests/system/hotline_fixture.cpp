#include "tests/system/hotline_fixture.hpp"

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "tests/support/run_coro.hpp"

namespace hotline::test {

namespace json = boost::json;

std::string answer::text(std::string_view member) const {
  const auto* object = body.if_object();
  const auto* value = object ? object->if_contains(member) : nullptr;
  if (!value) return {};
  if (const auto* string = value->if_string()) return std::string(*string);
  return json::serialize(*value);
}

hotline_fixture::hotline_fixture() : data_(directory_.path() + "/data") {
  ::signal(SIGPIPE, SIG_IGN);
}

child_program hotline_fixture::start(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(),
                   {HOTLINE_PROGRAM, "serve", "--config", config_, "--data", data_});
  return child_program(std::move(arguments));
}

child_program hotline_fixture::serve(std::vector<std::string> more) {
  std::vector<std::string> arguments{"--rehearsal", "--port", "0"};
  if (access((data_ + "/data_set.state").c_str(), F_OK) != 0) {
    arguments.insert(arguments.end(), {"--start-at", "2026-11-25T09:00:00+08:00", "--rate", "0"});
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  return start(std::move(arguments));
}

child_program hotline_fixture::serve_live(std::vector<std::string> more) {
  more.insert(more.begin(), {"--port", "0"});
  return start(std::move(more));
}

void hotline_fixture::use(child_program& gateway) {
  const auto line = gateway.wait_for("http://", start_limit);
  const auto port = line.substr(line.rfind(':') + 1);
  port_ = static_cast<std::uint16_t>(std::stoi(port));
  client_ = std::make_unique<net::http_client>(context_, "127.0.0.1", port_);
}

result<void> hotline_fixture::with_redis(const std::function<void(redis::client&)>& use) {
  std::ifstream published(data_ + "/redis.endpoint");
  std::string socket;
  if (!std::getline(published, socket)) return fail(errc::unavailable, "no Redis yet");
  redis::client redis(context_.get_executor(), redis::endpoint::unix_socket(socket), {},
                      quiet_log());
  redis.start();
  const auto connected = run_coro(context_, redis.wait_connected(steady_now() + run_limit / 4));
  if (!connected) return pass(connected);
  use(redis);
  redis.stop();
  return {};
}

result<net::field_list> hotline_fixture::headers_of(const actor& who) {
  if (const auto known = signed_in_.find(who.user); known != signed_in_.end()) {
    return known->second;
  }
  result<void> made;
  const auto asked =
      with_redis([&](redis::client& redis) { made = make_person(context_, redis, who); });
  if (!asked) return pass(asked);
  if (!made) return pass(made);
  auto headers = sign_in(context_, *client_, who);
  if (headers) signed_in_.emplace(who.user, *headers);
  return headers;
}

answer hotline_fixture::call(net::method verb, const std::string& target, const actor& who,
                             const std::string& body, const std::string& key) {
  auto headers = headers_of(who);
  if (!headers) return {};
  if (!key.empty()) headers->emplace_back("Idempotency-Key", key);
  return send(verb, target, *std::move(headers), body);
}

answer hotline_fixture::send(net::method verb, const std::string& target, net::field_list headers,
                             const std::string& body) {
  if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
  const auto sent = run_coro(
      context_, client_->send(verb, target, headers, body, std::chrono::milliseconds(10'000)));
  if (!sent) return {};
  boost::system::error_code bad;
  return {sent->status, json::parse(sent->body, bad)};
}

answer hotline_fixture::get(const std::string& target, const actor& who) {
  return call(net::method::get, target, who);
}

answer hotline_fixture::post(const std::string& target, const actor& who, const std::string& body) {
  const auto key = fmt::format("test-{}", ++keys_);
  answer got;
  try {
    eventually("an answer to " + target, [&] {
      got = call(net::method::post, target, who, body, key);
      return got.status != 0 && got.status != 503;
    });
  } catch (const std::exception& e) {
    throw std::runtime_error(
        fmt::format("{}; last: {} {}", e.what(), got.status, json::serialize(got.body)));
  }
  return got;
}

std::string hotline_fixture::create(const std::string& content, const std::string& more) {
  const auto made = post("/v1/tickets", operator_of_province,
                         fmt::format(R"({{"intake":{{"title":"欠薪","source":"SOURCE_PHONE",
      "caller":{{"name":"王师傅","phone":"13800001234"}},
      "matter":{{"kind":"KIND_COMPLAINT","category":"wages.arrears","content":"{}",
                 "region":"370883"}}{}}}}})",
                                     content, more));
  if (made.status != 201) {
    throw std::runtime_error(fmt::format("create: {} {}", made.status, json::serialize(made.body)));
  }
  return made.text("ticket_no");
}

answer hotline_fixture::command(const std::string& no, const std::string& verb, const actor& who,
                                const std::string& body) {
  auto got = post("/v1/tickets/" + no + ":" + verb, who, body);
  if (got.status != 200) {
    throw std::runtime_error(
        fmt::format("{} {}: {} {}", verb, no, got.status, json::serialize(got.body)));
  }
  return got;
}

json::object hotline_fixture::ticket(const std::string& no) {
  const auto got = get("/v1/tickets/" + no);
  if (got.status != 200) throw std::runtime_error(fmt::format("get {}: {}", no, got.status));
  return got.body.as_object().at("ticket").as_object();
}

std::vector<json::object> hotline_fixture::history(const std::string& no) {
  const auto got = get("/v1/tickets/" + no + "/history?limit=200");
  if (got.status != 200) throw std::runtime_error(fmt::format("history {}: {}", no, got.status));
  std::vector<json::object> events;
  for (const auto& event : got.body.as_object().at("events").as_array()) {
    events.push_back(event.as_object());
  }
  return events;
}

std::vector<std::string> hotline_fixture::story(const std::string& no) {
  constexpr std::string_view prefix = "EVENT_KIND_";
  std::vector<std::string> kinds;
  for (const auto& event : history(no)) {
    kinds.emplace_back(std::string_view(event.at("kind").as_string()).substr(prefix.size()));
  }
  return kinds;
}

int hotline_fixture::count_in_story(const std::string& no, const std::string& kind) {
  int count = 0;
  for (const auto& one : story(no)) count += one == kind ? 1 : 0;
  return count;
}

double hotline_fixture::metric(const std::string& name) {
  net::http_client client(context_, "127.0.0.1", port_);
  const auto got =
      run_coro(context_, client.send(net::method::get, "/metrics", {}, {}, milliseconds(10'000)));
  if (!got) throw std::runtime_error(to_string(got.error()));
  const auto at = got->body.find("\n" + name + " ");
  if (at == std::string::npos) throw std::runtime_error("no metric " + name);
  return std::stod(got->body.substr(at + name.size() + 2));
}

void hotline_fixture::set_clock(const std::string& civil) {
  const auto got = call(net::method::put, "/v1/clock", administrator,
                        fmt::format(R"({{"now":"{0}","rate":0}})", civil));
  if (got.status == 200) return;
  throw std::runtime_error(fmt::format("clock: {} {}", got.status, json::serialize(got.body)));
}

void hotline_fixture::eventually(const std::string& what, const std::function<bool()>& so,
                                 std::chrono::seconds limit) {
  const auto deadline = steady_now() + limit;
  while (!so()) {
    if (steady_now() >= deadline) throw std::runtime_error("not in time: " + what);
    // Nothing to wait on: what is asked for happens in another process.
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void hotline_fixture::eventually_state(const std::string& no, const std::string& state) {
  eventually(no + " is " + state, [&] {
    const auto got = get("/v1/tickets/" + no);
    return got.status == 200 &&
           got.body.as_object().at("ticket").as_object().at("state").as_string() ==
               "STATE_" + state;
  });
}

finished hotline_fixture::tool(std::vector<std::string> words) {
  words.insert(words.begin(), HOTLINE_PROGRAM);
  words.insert(words.end(), {"--config", config_, "--data", data_});
  return run_program(std::move(words));
}

void hotline_fixture::verify() {
  const auto verified = tool({"verify"});
  if (verified.code != 0) throw std::runtime_error("verify:\n" + verified.output);
}

}  // namespace hotline::test
