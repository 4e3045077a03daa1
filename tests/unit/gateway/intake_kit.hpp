// A gateway with public channels, and a captcha service that says what the test wants.
#pragma once

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/http_server.hpp"
#include "services/gateway/intake/captcha.hpp"
#include "tests/unit/gateway/cast.hpp"

namespace hotline::gateway {

inline const sender web{"ROLE_CHANNEL", "370000", "web"};
inline const sender app{"ROLE_CHANNEL", "370000", "app"};
inline const sender bot{"ROLE_CHANNEL", "370800", "bot"};

/// A whole request: a wage complaint in 邹城.
inline std::string citizen_request(std::string_view more = {}, std::string_view number = phone,
                                   std::string_view address = "10.1.1.1") {
  return fmt::format(R"({{"citizen_address":"{}",
    "caller":{{"name":"赵师傅","phone":"{}"}},"employer":{{"name":"济宁某置业公司"}},
    "matter":{{"kind":"KIND_COMPLAINT","category":"wages.arrears","region":"370883",
               "content":"拖欠三个月工资"}}{}}})",
                     address, number, more);
}

inline std::string claim_of(std::string_view no, std::string_view number = phone,
                            std::string_view address = "10.1.1.1") {
  return fmt::format(R"("claim":{{"ticket_no":"{}","phone":"{}","citizen_address":"{}"}})", no,
                     number, address);
}

/// Channels: a web form without captcha, an App, a chatbot of 济宁.
class intake_fixture : public gateway_fixture {
 public:
  intake_fixture() {
    add_channel("web", {v1::SOURCE_WEB});
    add_channel("app", {v1::SOURCE_QLGH, v1::SOURCE_SOCIAL_MEDIA});
    add_channel("bot", {v1::SOURCE_CHATBOT, v1::SOURCE_KIOSK});
  }

  v1::IntakeSettings& settings() { return intake->settings; }

  void add_channel(const char* user, const std::vector<v1::Source>& sources) {
    auto& channel = *settings().add_channels();
    channel.set_user(user);
    for (const auto source : sources) channel.add_sources(source);
  }

  /// The number of a request that must be taken in.
  std::string taken(const sender& who, std::string_view body) {
    const auto answer = post(who, "/v1/intake/requests", body);
    REQUIRE_MESSAGE(answer.status == 201, answer.body);
    return text_at(answer, "ticket_no");
  }

  net::response ask(const std::string& claim, const sender& who = web) {
    return post(who, "/v1/intake/progress", "{" + claim + "}");
  }

  /// Moves the clock, which stands still otherwise.
  void pass(milliseconds time) { clock.set(clock.now() + time, 0); }

  v1::Ticket stored(const std::string& no) {
    const auto loaded = redis.run(tickets().load(no));
    REQUIRE(loaded.has_value());
    REQUIRE(loaded->has_value());
    return **loaded;
  }
};

}  // namespace hotline::gateway
