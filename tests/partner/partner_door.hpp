// What a partner answers the hotline: to what it is told, to a pull, to a question for its list, to
// a question for a file. Badly where mischief says so.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/net/http_message.hpp"
#include "hotline/v1/partner.pb.h"
#include "tests/partner/ledger.hpp"
#include "tests/partner/mischief.hpp"
#include "tests/partner/partner_tongue.hpp"

namespace hotline::test {

/// What the door works on; everything outlives it.
struct door_parts {
  const v1::Partner& config;
  const partner_tongue& tongue;
  const mischief_source& mischief;
  ledger& books;
  std::vector<v1::PartnerEvent>& pages;  ///< what a pull gives, in order
  std::function<instant()> now;
  std::function<bool()> outage;
  /// Something was told for the first time.
  std::function<void(const v1::PartnerEvent& told, const std::string& external_no)> heard;
  std::function<bool(const v1::PartnerEvent& told)> declines;  ///< may be empty
  std::chrono::milliseconds late;
};

class partner_door {
 public:
  explicit partner_door(door_parts parts) : parts_(std::move(parts)) {}

  boost::asio::awaitable<net::response> answer(net::request request);

  /// How far the hotline has pulled.
  std::size_t pulled() const { return pulled_; }
  std::int64_t pages_given() const { return pages_given_; }
  /// How often each mischief happened.
  const std::array<std::int64_t, mischief_kinds>& mistreated() const { return mistreated_; }

 private:
  /// Counts how often this was asked and says how to treat it.
  mischief treat(const std::string& name);
  boost::asio::awaitable<net::response> spoilt(net::response good, mischief how);

  net::response hear(const std::string& message_id, const net::request& request);
  net::response page(const std::string& cursor, const std::string& limit);
  net::response list(const std::string& day);
  net::response file(std::string_view name);

  door_parts parts_;
  std::map<std::string, int> attempts_;
  std::size_t pulled_ = 0;
  std::int64_t pages_given_ = 0;
  std::array<std::int64_t, mischief_kinds> mistreated_{};
};

/// The path of a URL of the configuration, without its query: "/exchange".
std::string path_of_url(std::string_view url);
/// The same URL at another place.
std::string moved_url(std::string_view url, std::uint16_t port);
/// A file every stand-in has: its first bytes are those of its type, told by the end of its name.
std::string file_content(std::string_view name);

}  // namespace hotline::test
