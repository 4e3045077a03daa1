// Redis CPU per commit, memory per ticket, commits a second. Not a test: prints numbers.
#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <charconv>
#include <cstdlib>

#include "common/store/verify.hpp"
#include "tests/store/store_fixture.hpp"

namespace {

using namespace hotline;
using boost::asio::awaitable;

double info_number(std::string_view text, std::string_view name) {
  const auto at = text.find(name);
  if (at == std::string_view::npos) return 0;
  double value = 0;
  const char* first = text.data() + at + name.size();
  std::from_chars(first, text.data() + text.size(), value);
  return value;
}

double used_memory(test::store_fixture& f) {
  return info_number(f.exec("INFO", "memory").string(), "used_memory:");
}

/// One worker: creates tickets and takes each through `steps` more commits.
awaitable<void> work(test::store_fixture& f, int worker, int count, int steps, int& running) {
  for (int i = 1; i <= count; ++i) {
    test::ticket_shape shape;
    shape.no = fmt::format("3708-20261123-{:05}", worker * 100'000 + i);
    shape.phone = fmt::format("138{:08}", worker * 100'000 + i);
    shape.unit = fmt::format("3708{:02}", i % 12);
    shape.due = test::monday + std::chrono::seconds(i);
    shape.content_bytes = 450;
    auto step = test::new_ticket(shape);
    std::optional<v1::Ticket> before;
    for (int s = 0; s <= steps; ++s) {
      const store::idempotency request{
          fmt::format("6f9619ff-8b86-d011-b42d-{:04}{:08}", s, worker * 100'000 + i), "body"};
      const auto answer = store::make_answer(step.ticket, step.events);
      const auto done = co_await f.tickets->commit(before ? &*before : nullptr, step.ticket,
                                                   step.events, request, answer, f.clock.now());
      if (!done || !std::holds_alternative<store::committed>(*done)) std::abort();
      before = step.ticket;
      step = test::moved(*before, test::monday + std::chrono::hours(s + 1));
    }
  }
  --running;
}

double run_workers(test::store_fixture& f, int first_worker, int workers, int count, int steps) {
  int running = workers;
  const auto begin = steady_now();
  for (int w = first_worker; w < first_worker + workers; ++w) {
    boost::asio::co_spawn(f.redis.context, work(f, w, count, steps, running),
                          boost::asio::detached);
  }
  test::run_until(f.redis.context, [&] { return running == 0; }, std::chrono::minutes(10));
  return std::chrono::duration<double>(steady_now() - begin).count();
}

double cpu_per_call(test::store_fixture& f) {
  const auto stats = f.exec("INFO", "commandstats");
  return info_number(stats.string().substr(stats.string().find("cmdstat_fcall:")),
                     "usec_per_call=");
}

void measure(bool durable, int workers, int count, int steps) {
  test::store_fixture f({}, durable);
  const auto memory_before = used_memory(f);
  f.exec("CONFIG", "RESETSTAT");
  const auto seconds = run_workers(f, 0, workers, count, steps);
  const double commits = workers * count * (steps + 1.0);
  const auto cpu = cpu_per_call(f);
  const auto per_ticket = (used_memory(f) - memory_before) / (workers * count);
  f.exec("DEL", "{3708}:events");
  const auto without_outbox = (used_memory(f) - memory_before) / (workers * count);
  test::ticket_shape shape;
  shape.content_bytes = 450;
  fmt::print(
      "durable={} workers={} tickets={} commits/ticket={} ticket_bytes={}: {:.0f} commits/s, "
      "{:.1f} us Redis CPU per commit, {:.0f} bytes per ticket ({:.0f} without the outbox)\n",
      durable, workers, workers * count, steps + 1, test::new_ticket(shape).ticket.ByteSizeLong(),
      commits / seconds, cpu, per_ticket, without_outbox);
}

/// The same on memory Redis already has: fresh pages are expensive on virtual machines.
void measure_warm(int workers, int count, int steps) {
  test::store_fixture f;
  run_workers(f, 0, workers, count, 4);
  for (const auto& key : f.exec("KEYS", "*").array()) {
    if (key.string().ends_with(":head") || key.string().starts_with("{meta}")) continue;
    f.exec("DEL", key.string());
  }
  f.exec("CONFIG", "RESETSTAT");
  run_workers(f, workers, workers, count, steps);
  fmt::print("warm: commits/ticket={}: {:.1f} us Redis CPU per commit\n", steps + 1,
             cpu_per_call(f));
}

void measure_verify(int workers, int count) {
  test::store_fixture f;
  run_workers(f, 0, workers, count, 4);
  const auto begin = steady_now();
  const auto report = f.run(store::verify(*f.redis.client, {}));
  const std::chrono::duration<double> took = steady_now() - begin;
  if (!report || !report->clean()) std::abort();
  fmt::print("verify: {} tickets, {} events, {} entries: {:.0f} tickets/s\n", report->tickets,
             report->events, report->entries, static_cast<double>(report->tickets) / took.count());
}

}  // namespace

int main() {
  measure_verify(32, 600);
  measure_warm(32, 300, 0);
  measure_warm(32, 300, 4);
  measure(false, 1, 5000, 0);
  measure(false, 32, 600, 0);
  measure(false, 32, 600, 4);
  measure(true, 1, 3000, 0);
  measure(true, 32, 600, 4);
  measure(true, 200, 100, 4);
}
