// The steps of a verification. Private to this room.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/store/derived_changes.hpp"
#include "common/store/verify.hpp"

namespace hotline::store {

class verifier {
 public:
  verifier(redis::client& redis, verify_options options);

  boost::asio::awaitable<result<verify_report>> run();

 private:
  using step = boost::asio::awaitable<result<void>>;

  step check_keys(std::vector<std::string> keys);
  step check_tickets(std::vector<std::string> numbers);
  step check_ticket_again(std::string no);
  step check_histories(std::vector<std::string> numbers);

  /// The sets whose size was counted along the way, and those that need a closer look.
  step check_counted_sets();
  /// Every member of these derived sets; many small ones at once.
  step check_sets(std::vector<std::string> keys);
  /// Every member of a set of any size.
  step check_large_set(std::string key);

  /// Where a ticket is found.
  struct membership {
    std::string key;
    std::string no;
  };
  step check_members(std::vector<membership> members);
  boost::asio::awaitable<result<std::vector<membership>>> look_at_members(
      std::vector<membership> members, bool last);

  /// Who belongs to whom (并单), as both tickets say.
  void note_merges(const v1::Ticket& ticket);
  step check_merges();
  step check_merge(std::string child, std::string main);

  step check_shard(std::string shard);
  step check_outbox(std::string shard);

  step repair(std::string no, std::int64_t version, std::vector<derived_change> changes,
              problem found);
  void report(problem found);

  struct merged_pair {
    std::string child;
    std::string main;
    auto operator<=>(const merged_pair&) const = default;
  };
  struct merge_words {
    bool says_child = false;
    bool says_main = false;
  };

  redis::client& redis_;
  verify_options options_;
  verify_report report_;
  std::set<std::string, std::less<>> shards_;
  /// Derived sets, and how many of their members belong there. A set that has no more members than
  /// these has nothing extra. Sets of callers are not counted: there are as many as callers.
  std::map<std::string, std::int64_t, std::less<>> counted_;
  std::map<merged_pair, merge_words> merges_;
};

}  // namespace hotline::store
