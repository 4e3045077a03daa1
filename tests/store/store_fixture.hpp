// A store on a fresh redis-server, and tickets that are made by hand.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/domain/province.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/commit_floor.hpp"
#include "common/store/guard.hpp"
#include "common/store/number_source.hpp"
#include "common/store/ticket_store.hpp"
#include "tests/support/redis_fixture.hpp"
#include "tests/support/test_keys.hpp"

namespace hotline::test {

/// 2026-11-23 09:00, a Monday.
inline constexpr instant monday = from_unix_ms(1'795'395'600'000);

/// The province of the shipped configuration; built once per program.
std::shared_ptr<const domain::province> shipped_province();

/// A ticket after a step, and the events of that step.
struct ticket_step {
  v1::Ticket ticket;
  std::vector<v1::Event> events;
};

struct ticket_shape {
  std::string no = "3708-20261123-00001";
  std::string unit = "370883";
  std::string phone = "13800001234";
  instant due = monday + std::chrono::days(5);
  std::size_t content_bytes = 300;
};

/// One event that dispatches a new ticket to a unit: it has an entry in all, caller, open, queue
/// and timers.
ticket_step new_ticket(const ticket_shape& shape = {});

/// One more event: an annotation that changes no derived entry.
ticket_step annotated(const v1::Ticket& before);

/// One more event that moves the timer, the queue and the open entry to another instant.
ticket_step moved(const v1::Ticket& before, instant due);

/// One more event that closes it.
ticket_step closed(const v1::Ticket& before);

/// A complete create command of a wage complaint in 邹城.
v1::Command create_command(const std::string& id = {});
/// A command of this ticket by a user of the unit; the body is still to be set.
v1::Command command_of(const std::string& no, v1::Role role, const std::string& unit);

redis::exec_function exec_of(redis::client& client);

class store_fixture {
 public:
  explicit store_fixture(std::vector<std::string> extra_config = {}, bool durable = false);

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return redis.run(std::move(work), std::chrono::seconds(60));
  }
  template <class... Args>
  redis::reply exec(std::string_view verb, const Args&... args) {
    auto answer = redis.exec(verb, args...);
    if (!answer) throw std::runtime_error(to_string(answer.error()));
    return *std::move(answer);
  }

  /// Commits a step; throws unless it is committed.
  void commit(const v1::Ticket* before, const ticket_step& step);
  /// Creates `count` hand-made tickets of a shard, all of one unit; their numbers.
  std::vector<std::string> fill(const std::string& shard, int count, const std::string& unit,
                                instant due = monday + std::chrono::days(5));

  /// A hash over everything Redis holds.
  std::string digest();

  store::store_options options() const { return {guard.data_set(), 0, milliseconds(1000)}; }
  store::province_source province() const {
    return [] { return shipped_province(); };
  }

  redis_fixture redis;
  store::commit_floor floor;
  store::guard guard;
  std::unique_ptr<store::ticket_store> tickets;
  std::unique_ptr<store::number_source> numbers;
  virtual_clock clock{monday, 0};
  store::personal_vault vault{keys_for_tests()};
  std::unique_ptr<store::command_runner> runner;
};

/// The shards of the tests.
inline std::vector<std::string> test_shards() { return {"3700", "3701", "3708"}; }

}  // namespace hotline::test
