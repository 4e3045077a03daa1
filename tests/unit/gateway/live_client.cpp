#include "tests/unit/gateway/live_client.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "services/gateway/live/frames.hpp"

namespace hotline::gateway {

namespace {

constexpr std::chrono::seconds patience{10};

std::string list_of(const std::vector<std::string>& topics) {
  std::string out;
  for (const auto& topic : topics) out += (out.empty() ? "\"" : ",\"") + topic + "\"";
  return "[" + out + "]";
}

}  // namespace

std::string subscribe_to(const std::vector<std::string>& topics, const std::string& id) {
  return fmt::format(R"({{"id":"{}","subscribe":{{"topics":{}}}}})", id, list_of(topics));
}

std::string resume_to(const std::vector<std::string>& topics, const std::string& position) {
  return fmt::format(R"({{"id":"r","resume":{{"topics":{},"position":"{}"}}}})", list_of(topics),
                     position);
}

live_client::live_client(gateway_fixture& f, const sender& who)
    : f_(f), codec_(live::make_live_codec()) {
  socket_ = std::make_unique<net::ws_client>(
      f.redis.context, [this](std::string_view text) { take(text); },
      [this](int code) { code_ = code; });
  const auto connected =
      f.redis.run(socket_->connect("127.0.0.1", f.port(), "/v1/stream", headers_of(who), patience));
  REQUIRE_MESSAGE(connected.has_value(), (connected ? "" : connected.error().detail));
  wait([](const v1::LiveMessage& m) { return m.has_welcome(); });
}

void live_client::take(std::string_view text) {
  v1::LiveMessage message;
  const auto read = codec_.read(text, message);
  REQUIRE_MESSAGE(read.has_value(), text);
  told_.push_back(std::move(message));
}

void live_client::watch(const std::vector<std::string>& topics) {
  ask(subscribe_to(topics));
  const auto& answer =
      wait([](const v1::LiveMessage& m) { return m.has_subscribed() || m.has_problem(); });
  REQUIRE_MESSAGE(answer.has_subscribed(), answer.ShortDebugString());
}

void live_client::resume(const std::vector<std::string>& topics, const std::string& position) {
  ask(resume_to(topics, position));
  const auto& answer =
      wait([](const v1::LiveMessage& m) { return m.has_subscribed() || m.has_problem(); });
  REQUIRE_MESSAGE(answer.has_subscribed(), answer.ShortDebugString());
}

const v1::LiveMessage& live_client::wait(const std::function<bool(const v1::LiveMessage&)>& like) {
  const v1::LiveMessage* found = nullptr;
  test::run_until(f_.redis.context, [&] {
    while (found == nullptr && seen_ < told_.size()) {
      if (like(told_[seen_++])) found = &told_[seen_ - 1];
    }
    return found != nullptr;
  });
  return *found;
}

v1::LiveChange live_client::change_of(const std::string& no) {
  v1::LiveChange found;
  wait([&](const v1::LiveMessage& m) {
    for (const auto& change : m.changes()) {
      if (change.ticket().no() != no) continue;
      found = change;
      return true;
    }
    return false;
  });
  return found;
}

int live_client::wait_closed() {
  test::run_until(f_.redis.context, [&] { return code_.has_value(); });
  return *code_;
}

std::string live_client::position() const {
  for (auto m = told_.rbegin(); m != told_.rend(); ++m) {
    if (!m->position().empty()) return m->position();
  }
  return {};
}

std::string refused_handshake(gateway_fixture& f, const sender& who, net::field_list more) {
  net::ws_client socket(f.redis.context, [](std::string_view) {}, [](int) {});
  auto headers = headers_of(who);
  headers.insert(headers.end(), more.begin(), more.end());
  const auto connected = f.redis.run(
      socket.connect("127.0.0.1", f.port(), "/v1/stream", std::move(headers), patience));
  return connected ? "connected" : connected.error().detail;
}

}  // namespace hotline::gateway
