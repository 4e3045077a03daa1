// Which channels there are and how much each may ask (公众渠道的配置).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/problem.hpp"
#include "common/store/intake_limits.hpp"
#include "hotline/v1/config.pb.h"
#include "services/gateway/intake/captcha.hpp"

namespace hotline::gateway {

/// What /v1/intake works with.
struct intake_parts {
  v1::IntakeSettings settings;
  store::intake_limits& limits;
  captcha* check = nullptr;  ///< nullptr: no captcha service is configured
};

/// The channel this user is; nullptr: none.
const v1::IntakeChannel* find_channel(const v1::IntakeSettings& settings, std::string_view user);
std::vector<v1::Source> sources_of(const v1::IntakeChannel& channel);

/// The limits as set, or their defaults.
store::intake_count requests_of_channel(const v1::IntakeSettings& settings, std::string_view user);
store::intake_count tickets_of_phone(const v1::IntakeSettings& settings,
                                     std::string_view phone_index);
store::intake_count tickets_of_address(const v1::IntakeSettings& settings,
                                       std::string_view citizen_address);
/// Guesses of numbers and phones: from one citizen's address, and about one ticket.
std::vector<store::intake_count> failed_claims(const v1::IntakeSettings& settings,
                                               std::string_view citizen_address,
                                               std::string_view ticket_no);
/// 催办: a ticket once a day.
store::intake_count urges_of_ticket(std::string_view ticket_no);

/// Counts a request of a channel; the problem to send where it asks too often.
boost::asio::awaitable<std::optional<net::problem>> count_request(const intake_parts& intake,
                                                                  std::string user, instant now);

/// 429, to be tried again when the span is over.
net::problem limit_reached(store::intake_span span, instant now, std::string_view code,
                           std::string_view zh, std::string_view en);

}  // namespace hotline::gateway
