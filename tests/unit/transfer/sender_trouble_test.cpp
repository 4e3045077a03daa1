// Telling partners that do not work, with a Redis that goes away: at least once, and no partner
// waits for another.
#include <doctest/doctest.h>

#include "tests/unit/transfer/sender_kit.hpp"

namespace hotline::test {

TEST_CASE("an unclear answer is tried again by the plan, then given up with its reason") {
  transfer_fixture f({changed([](v1::Outbound& out) { out.set_breaker_failures(100); })});
  f.partner().answer = in_turn({broken, broken, broken, broken, broken,
                                answer_of(500, R"({"code":"4","message":"系统错误"})")});
  const auto id = f.put(f.link(), 1);
  working w(f, {"small"});
  const std::vector<milliseconds> waits{minutes(1), minutes(5), minutes(30), hours(2), hours(6)};
  std::int64_t tries = 0;
  for (const auto wait : waits) {
    ++tries;
    run_until(f.redis.context, [&] { return standing(f, id).first == tries; });
    const auto next = standing(f, id).second;
    CHECK(next >= f.clock.now() + wait);
    CHECK(next <= f.clock.now() + wait + wait / 10);
    f.clock.set(next, 0);
  }
  run_until(f.redis.context, [&] { return f.counted().given_up == 1; });
  w.stop();
  CHECK(f.partner().asked.size() == 6);
  CHECK(ids_of(f.partner()) == std::vector<std::string>(6, to_string(id)));
  const auto letter = f.run(f.link().queue.find_dead_letter(id));
  REQUIRE(*letter);
  CHECK((**letter).failure.http_status() == 500);
  CHECK((**letter).failure.code() == "4");
  CHECK((**letter).failure.text() == "系统错误");
  CHECK((**letter).tries == 6);
}

TEST_CASE("a message that does not open is for a person, and keeps no other one waiting") {
  transfer_fixture f;
  const auto damaged = f.put(f.link(), 1);
  f.put(f.link(), 2);
  f.exec("HSET", "{p:small}:out:" + damaged.ticket_no, "m:1", "nonsense");
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().sent == 1 && letters(f) == 1; });
  w.stop();
  CHECK(f.counted().given_up == 1);
  const auto page = f.run(f.link().queue.dead_letters(0, 10));
  REQUIRE(page);
  REQUIRE(page->letters.size() == 1);
  CHECK(page->letters[0].id == damaged);
  CHECK(page->letters[0].failure.text() == "消息已损坏，无法打开");
}

TEST_CASE("a partner that does not work is left alone; its messages do not use up their tries") {
  transfer_fixture f({changed([](v1::Outbound& out) {
    out.set_breaker_failures(3);
    out.set_in_flight_max(1);
  })});
  f.partner().answer = in_turn({down});
  for (int serial = 1; serial <= 10; ++serial) f.put(f.link(), serial);
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().breaker_until_at != 0; });
  CHECK(f.partner().asked.size() == 3);
  for (std::size_t probes = 1; probes <= 20; ++probes) {
    f.clock.set(f.clock.now() + seconds(30), 0);
    run_until(f.redis.context, [&] {
      return f.partner().asked.size() == 3 + probes &&
             f.counted().breaker_until_at > to_unix_ms(f.clock.now());
    });
  }
  CHECK(letters(f) == 0);
  f.partner().answer = in_turn({yes});
  f.clock.set(f.clock.now() + seconds(30), 0);
  run_until(f.redis.context, [&] { return idle(f); });
  w.stop();
  CHECK(f.counted().sent == 10);
  CHECK(f.counted().breaker_until_at == 0);
  CHECK(f.counted().failures_in_row == 0);
}

TEST_CASE("a partner that does not answer delays no other") {
  auto silent = talkative_partner("silent", other_partner_unit);
  transfer_fixture f({talkative_partner(), silent});
  asio::steady_timer never(f.redis.context, hours(1));
  f.partner("silent").answer = [&](net::request) -> asio::awaitable<net::response> {
    co_await never.async_wait(asio::use_awaitable);
    co_return yes;
  };
  for (int serial = 1; serial <= 50; ++serial) {
    f.put(f.link("silent"), serial);
    f.put(f.link(), serial);
  }
  working w(f, {"small", "silent"});
  // As many as are asked at once, and no more while none is answered.
  run_until(f.redis.context,
            [&] { return f.counted().sent == 50 && f.partner("silent").asked.size() >= 8; });
  CHECK(f.counted("silent").sent == 0);
  CHECK(f.partner("silent").asked.size() == 8);
  never.cancel();
  f.partner("silent").answer = in_turn({yes});
}

TEST_CASE("Redis that goes away for a while: nothing is lost") {
  transfer_fixture f;
  f.put(f.link(), 1);
  f.partner().answer = [&](net::request) -> asio::awaitable<net::response> {
    f.kit.redis.stop();  // the answer cannot be recorded
    co_return yes;
  };
  {
    working w(f, {"small"});
    run_until(f.redis.context, [&] { return f.counted().sent == 1; });
  }
  CHECK(f.exec("ZCARD", "{p:small}:sending").integer() == 1);
  CHECK(f.exec("HEXISTS", "{p:small}:out:3708-20261123-00001", "m:1").integer() == 1);
}

TEST_CASE("at the end what is on its way is finished and what was not begun is given back") {
  transfer_fixture f({changed([](v1::Outbound& out) { out.set_in_flight_max(1); })});
  for (int serial = 1; serial <= 5; ++serial) f.put(f.link(), serial);
  asio::steady_timer slow(f.redis.context, hours(1));
  f.partner().answer = [&](net::request) -> asio::awaitable<net::response> {
    boost::system::error_code ignored;
    co_await slow.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    co_return yes;
  };
  {
    working w(f, {"small"});
    run_until(f.redis.context, [&] { return f.partner().asked.size() == 1; });
    asio::post(f.redis.context, [&] { slow.cancel(); });
  }
  CHECK(f.counted().sent == 1);
  CHECK(f.partner().asked.size() == 1);
  CHECK(f.run(f.link().queue.take(f.clock.now(), seconds(1), 10))->size() == 4);
}

}  // namespace hotline::test
