// The steps of a check of the exchange with partners. Private to this room.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/redis/reply.hpp"
#include "common/store/exchange_check.hpp"
#include "common/store/keys.hpp"

namespace hotline::store {

class exchange_checker {
 public:
  exchange_checker(redis::client& redis, exchange_vault& vault, exchange_check_options options)
      : redis_(redis), vault_(vault), options_(std::move(options)) {}

  boost::asio::awaitable<result<exchange_report>> run();

 private:
  using step = boost::asio::awaitable<result<void>>;

  /// A key of a partner, with views into it.
  struct place {
    std::string key;
    std::string partner;
    std::string family;
    std::string name;
  };
  step check(place at);
  step check_head(place at);
  step check_ticket(place at);
  step check_waiting(place at);
  step check_messages(place at);
  step check_order(place at);
  /// Every member of a sorted set is derived from something; `what`: as partner_mend says.
  step check_members(place at, std::string_view what);
  step check_reviews(place at);
  step check_fetches(place at);
  using field_look =
      std::function<void(const place& at, std::string_view field, std::string_view value)>;
  /// Every field of a hash.
  step check_fields(place at, field_look look);

  /// The entries derived from one thing are to be looked at, and repaired if that is wanted.
  void note(const place& at, std::string_view what, std::string name);
  step mend_noted();
  step check_number(place at, std::string no);
  /// Whether what waits for a ticket of theirs makes it.
  bool is_to_be_made(const place& at, const redis::reply& waiting);

  /// Nothing, and a problem on record, where the key holds another type.
  boost::asio::awaitable<result<std::optional<redis::reply>>> read(const place& at,
                                                                   redis::command question);
  bool opens(const place& at, std::string_view where, std::string_view sealed,
             google::protobuf::MessageLite& message);
  void report(exchange_damage kind, std::string key, std::string text, bool repaired = false);

  struct derivation {
    std::string partner;
    std::string what;  ///< as partner_mend says
    std::string name;
    std::string key;  ///< where it was noticed
  };

  redis::client& redis_;
  exchange_vault& vault_;
  exchange_check_options options_;
  exchange_report report_;
  std::vector<derivation> noted_;
  /// What is wrong is noticed in several places, and reported once.
  std::set<std::string> wrong_;
};

}  // namespace hotline::store
