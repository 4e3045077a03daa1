// Claiming from a queue: every ticket once, in the right order, whoever races.
#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <set>

#include "common/domain/derive.hpp"
#include "common/store/queues.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using boost::asio::awaitable;

struct queue_fixture : store_fixture {
  store::index_reader index{*redis.client, test_shards};
  store::queues queues{index, *tickets, *runner, clock};
};

v1::Actor officer(const std::string& unit, const std::string& user = "u1") {
  v1::Actor actor;
  actor.set_user(user);
  actor.set_unit(unit);
  actor.set_role(v1::ROLE_OFFICER);
  return actor;
}

TEST_CASE("the first of the queue is claimed, then the next, then nothing") {
  queue_fixture f;
  ticket_shape late;
  late.no = "3700-20261123-00001";
  late.due = monday + std::chrono::days(3);
  ticket_shape early;
  early.no = "3708-20261123-00001";
  early.due = monday + std::chrono::days(2);
  f.commit(nullptr, new_ticket(late));
  f.commit(nullptr, new_ticket(early));
  const auto size = f.run(f.queues.size("370883"));
  CHECK(size->total == 2);
  CHECK(size->claimable == 2);
  CHECK(f.run(f.queues.page("370883", {}, 10))->members.front().no == early.no);

  const auto first = f.run(f.queues.claim("370883", officer("370883")));
  REQUIRE(first);
  REQUIRE(*first);
  CHECK((*first)->answer.ticket_no() == early.no);
  CHECK((*first)->answer.state() == v1::STATE_HANDLING);
  CHECK(f.run(f.queues.size("370883"))->claimable == 1);
  CHECK(f.run(f.queues.claim("370883", officer("370883")))->value().answer.ticket_no() == late.no);
  const auto none = f.run(f.queues.claim("370883", officer("370883")));
  REQUIRE(none);
  CHECK_FALSE(none->has_value());
}

TEST_CASE("a ticket whose return is being decided is passed over, not in the way") {
  queue_fixture f;
  ticket_shape first;
  first.no = "3708-20261123-00001";
  first.due = monday + std::chrono::days(2);
  ticket_shape second;
  second.no = "3708-20261123-00002";
  second.due = monday + std::chrono::days(3);
  f.commit(nullptr, new_ticket(first));
  f.commit(nullptr, new_ticket(second));
  auto back = command_of(first.no, v1::ROLE_LEAD, "370883");
  back.mutable_return_ticket()->set_reason(v1::RETURN_REASON_NOT_OUR_DUTY);
  back.mutable_return_ticket()->set_basis("职责清单");
  REQUIRE(f.run(f.runner->run(std::move(back))));
  CHECK(f.run(f.queues.size("370883"))->claimable == 1);

  SUBCASE("by its place in the queue") {}
  SUBCASE("even where an old score is met") {
    f.exec("ZADD", "{3708}:queue:370883", "1", first.no);
  }
  const auto claimed = f.run(f.queues.claim("370883", officer("370883")));
  REQUIRE(claimed);
  REQUIRE(*claimed);
  CHECK((*claimed)->answer.ticket_no() == second.no);
}

TEST_CASE("the range of claimable scores is the domain's") {
  queue_fixture f;
  for (const double score : {-1e13, -1.0, 0.0, 1.0, 4e13 - 1, 4e13, 8e13}) {
    CAPTURE(score);
    f.exec("DEL", "{3708}:queue:370883");
    f.exec("ZADD", "{3708}:queue:370883", std::to_string(static_cast<std::int64_t>(score)),
           "3708-20261123-00001");
    CHECK((f.run(f.queues.size("370883"))->claimable == 1) == domain::is_claimable(score));
  }
}

TEST_CASE("whoever may not sign at all is told so at once") {
  queue_fixture f;
  f.fill("3708", 40, "370883");
  f.exec("CONFIG", "RESETSTAT");
  const auto refused = f.run(f.queues.claim("370883", officer("370800")));
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().rejection);
  CHECK(refused.error().rejection->code() == v1::REJECT_CODE_UNIT_NOT_ALLOWED);
  // Two tickets were looked at, not forty.
  CHECK(f.exec("INFO", "commandstats").string().find("cmdstat_get:calls=2,") !=
        std::string_view::npos);
}

TEST_CASE("a repeated claim gives the same ticket, not one more") {
  queue_fixture f;
  f.fill("3708", 3, "370883");
  f.fill("3700", 3, "370883");
  const auto first = f.run(f.queues.claim("370883", officer("370883"), "claim-1", "body"));
  const auto again = f.run(f.queues.claim("370883", officer("370883"), "claim-1", "body"));
  REQUIRE(first);
  REQUIRE(again);
  CHECK((*again)->replayed);
  CHECK((*again)->answer.SerializeAsString() == (*first)->answer.SerializeAsString());
  CHECK(f.run(f.queues.size("370883"))->claimable == 5);
  const auto other = f.run(f.queues.claim("370883", officer("370883"), "claim-1", "other"));
  REQUIRE_FALSE(other);
  CHECK(other.error().why.code == errc::key_reused);
}

TEST_CASE("eight claimers empty a queue of a thousand, each ticket won once") {
  queue_fixture f;
  f.fill("3708", 400, "370883");
  f.fill("3701", 300, "370883");
  f.fill("3700", 300, "370883");
  // Each claimer is an instance of its own, with its own connection.
  struct claimer {
    std::unique_ptr<redis::client> client;
    std::unique_ptr<store::ticket_store> tickets;
    std::unique_ptr<store::command_runner> runner;
    std::unique_ptr<store::index_reader> index;
    std::unique_ptr<store::queues> queues;
  };
  std::vector<claimer> claimers(8);
  std::multiset<std::string> won;
  int failures = 0;
  int running = static_cast<int>(claimers.size());
  auto empty_it = [&](store::queues& queues, std::string user) -> awaitable<void> {
    while (true) {
      auto claimed = co_await queues.claim("370883", officer("370883", user));
      if (!claimed && claimed.error().why.code == errc::conflict) continue;
      if (!claimed) ++failures;
      if (!claimed || !*claimed) break;
      won.insert((*claimed)->answer.ticket_no());
    }
    --running;
  };
  for (std::size_t i = 0; i < claimers.size(); ++i) {
    auto& c = claimers[i];
    c.client = f.redis.make_client();
    c.tickets = std::make_unique<store::ticket_store>(*c.client, f.floor, f.options());
    c.runner = std::make_unique<store::command_runner>(*c.tickets, *f.numbers, f.clock,
                                                       f.province(), f.vault);
    c.index = std::make_unique<store::index_reader>(*c.client, test_shards);
    c.queues = std::make_unique<store::queues>(*c.index, *c.tickets, *c.runner, f.clock);
    boost::asio::co_spawn(f.redis.context, empty_it(*c.queues, "u" + std::to_string(i)),
                          boost::asio::detached);
  }
  run_until(f.redis.context, [&] { return running == 0; }, std::chrono::minutes(2));
  CHECK(failures == 0);
  CHECK(won.size() == 1000);
  CHECK(std::set<std::string>(won.begin(), won.end()).size() == 1000);
  CHECK(f.run(f.queues.size("370883"))->claimable == 0);
  CHECK(f.run(f.queues.size("370883"))->total == 1000);
}

}  // namespace
}  // namespace hotline::test
