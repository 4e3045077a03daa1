// Redis is killed in the middle of the work: what was acknowledged is there afterwards.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <signal.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>

#include "common/store/verify.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using boost::asio::awaitable;

struct ledger {
  std::map<std::string, std::int64_t> acknowledged;  ///< ticket → highest version answered
  int repeated = 0;                                  ///< unknown outcomes that were settled
  int running = 0;
  bool stop = false;
};

/// Creates tickets and annotates them, each commit under a key of its own, repeated until there is
/// an answer: what a gateway's client does.
awaitable<void> client_at_work(store_fixture& f, int worker, ledger& book) {
  boost::asio::steady_timer pause(f.redis.context);
  for (int i = 1; !book.stop; ++i) {
    ticket_shape shape;
    shape.no = fmt::format("3708-20261123-{:05}", worker * 10'000 + i);
    shape.phone = fmt::format("138{:08}", worker * 10'000 + i);
    auto step = new_ticket(shape);
    std::optional<v1::Ticket> before;
    for (int version = 1; version <= 3; ++version) {
      const store::idempotency request{fmt::format("{}-{}", shape.no, version), "body"};
      const auto answer = store::make_answer(step.ticket, step.events);
      while (true) {
        const auto done = co_await f.tickets->commit(before ? &*before : nullptr, step.ticket,
                                                     step.events, request, answer, f.clock.now());
        if (done && std::holds_alternative<store::replayed>(*done)) ++book.repeated;
        if (done) {
          REQUIRE_FALSE(std::holds_alternative<store::conflict>(*done));
          REQUIRE_FALSE(std::holds_alternative<store::key_reused>(*done));
          book.acknowledged[shape.no] = version;
          break;
        }
        pause.expires_after(milliseconds(5));
        co_await pause.async_wait(boost::asio::use_awaitable);
      }
      before = step.ticket;
      step = annotated(*before);
    }
  }
  --book.running;
}

TEST_CASE("kill -9 of Redis under load loses nothing that was acknowledged, and repeats nothing") {
  store_fixture f({}, true);
  ledger book;
  constexpr int workers = 16;
  constexpr int kills = 4;
  book.running = workers;
  for (int w = 0; w < workers; ++w) {
    boost::asio::co_spawn(f.redis.context, client_at_work(f, w, book), boost::asio::detached);
  }
  for (int kill = 0; kill < kills; ++kill) {
    const auto enough = book.acknowledged.size() + 150;
    run_until(
        f.redis.context, [&] { return book.acknowledged.size() >= enough; },
        std::chrono::seconds(60));
    const auto restarts = f.redis.server.restarts();
    REQUIRE(::kill(f.redis.server.pid(), SIGKILL) == 0);
    run_until(
        f.redis.context, [&] { return f.redis.server.restarts() > restarts; },
        std::chrono::seconds(60));
  }
  book.stop = true;
  run_until(f.redis.context, [&] { return book.running == 0; }, std::chrono::seconds(60));

  REQUIRE(f.run(f.guard.check(exec_of(*f.redis.client))));
  for (const auto& [no, version] : book.acknowledged) {
    const auto ticket = f.run(f.tickets->load(no));
    REQUIRE(ticket);
    REQUIRE(ticket->has_value());
    CHECK((*ticket)->version() == version);
  }
  const auto report = f.run(store::verify(*f.redis.client, {}));
  REQUIRE(report);
  CHECK(report->clean());
  CHECK(report->tickets == static_cast<std::int64_t>(book.acknowledged.size()));
  MESSAGE(book.acknowledged.size() << " tickets, " << report->events << " events, " << book.repeated
                                   << " unknown outcomes settled by their key");
}

}  // namespace
}  // namespace hotline::test
