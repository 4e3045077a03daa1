// Fills the store with decided tickets, without the server: through the rules and the commit
// function, as if they had been created, dispatched and perhaps signed at an earlier instant.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bodies.hpp"
#include "common/store/personal_vault.hpp"
#include "tests/support/test_keys.hpp"
#include "world.hpp"

namespace hotline::bench {

/// A ticket and all events up to now.
struct past_life {
  v1::Ticket ticket;
  std::vector<v1::Event> events;
};

class filler {
 public:
  filler(world& w, std::uint64_t seed);

  /// An ordinary ticket, created and dispatched at `at`; nothing is due for a day.
  past_life dispatched(instant at);
  /// 紧急, unsigned: its sign limit (2 h) is due at `due`; warnings before it have happened.
  past_life sign_due(instant due, instant now);
  /// 特急, signed, first report made, worker not contacted: that is due at `due`, and escalates.
  past_life contact_due(instant due, instant now);

  /// Commits one life.
  boost::asio::awaitable<void> commit_one(past_life life);
  /// Commits `count` lives, many at a time; gives their numbers.
  std::vector<std::string> commit(std::size_t count, const std::function<past_life()>& make);

 private:
  void step(past_life& life, v1::Command command, instant at);
  past_life begin(instant at, v1::Urgency urgency);
  boost::asio::awaitable<void> work(std::size_t& left, const std::function<past_life()>& make,
                                    std::vector<std::string>& numbers);

  world& world_;
  body_maker bodies_;
  store::personal_vault vault_{test::keys_for_tests()};
  std::uint64_t serial_;
};

}  // namespace hotline::bench
