#include "phases.hpp"

#include <fmt/core.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <cmath>
#include <set>
#include <unordered_map>

#include "ceiling.hpp"
#include "commit_watch.hpp"
#include "events_watch.hpp"
#include "fill.hpp"
#include "http_load.hpp"

namespace hotline::bench {
namespace {

using namespace boost::asio::experimental::awaitable_operators;
using time_point = std::chrono::steady_clock::time_point;

/// Counts the tickets that have become visible in a county's queue.
struct arrivals {
  std::size_t seen = 0;
  time_point last{};
  std::unordered_map<std::string, time_point> at;

  events_watch::sink sink() {
    return [this](const v1::Event& e, time_point t) {
      if (e.kind() != v1::EVENT_KIND_DISPATCHED) return;
      ++seen;
      last = t;
      at.emplace(e.ticket_no(), t);
    };
  }
};

boost::asio::awaitable<load_result> watched(boost::asio::awaitable<load_result> load,
                                            events_watch& watch, const arrivals& in_queue,
                                            std::size_t count) {
  constexpr auto limit = std::chrono::seconds(300);
  auto [made, all] =
      co_await (std::move(load) && watch.run([&] { return in_queue.seen >= count; }, limit));
  if (!all) {
    throw std::runtime_error(fmt::format("{} of {} creates ({} failed) arrived in a county's queue",
                                         in_queue.seen, count, made.failed));
  }
  co_return std::move(made);
}

/// Drives the load and watches the outbox meanwhile (it is trimmed behind its readers), until all
/// are visible in a county's queue.
load_result run_watched(world& w, boost::asio::awaitable<load_result> load, events_watch& watch,
                        const arrivals& in_queue, std::size_t count) {
  return w.run(watched(std::move(load), watch, in_queue, count));
}

boost::asio::awaitable<std::pair<load_result, time_point>> with_end(
    boost::asio::awaitable<load_result> load, boost::asio::awaitable<time_point> end) {
  auto [made, last] = co_await (std::move(load) && std::move(end));
  co_return std::pair(std::move(made), last);
}

/// Microseconds of CPU, server and Redis together, for one create.
double cost_per_create(world& w, const sizes& s, std::uint64_t seed) {
  arrivals in_queue;
  events_watch watch(w, in_queue.sink());
  http_load load(w, seed);
  w.redis().settle();
  const auto before = cpu_seconds(w.server().pid()) + cpu_seconds(w.redis().pid());
  const auto made = run_watched(w, load.full_speed(s.cost_creates, s.connections), watch, in_queue,
                                s.cost_creates);
  const auto used = cpu_seconds(w.server().pid()) + cpu_seconds(w.redis().pid()) - before;
  return used / static_cast<double>(made.created) * 1e6;
}

}  // namespace

void fill_up_to(world& w, std::size_t total, std::size_t have, std::uint64_t seed) {
  if (have >= total) return;
  w.stop_server();
  filler fill(w, seed);
  const auto now = wall_clock().now();
  // In slices, so that the outbox never holds more than one of them.
  constexpr std::size_t slice = 100'000;
  for (std::size_t left = total - have; left > 0;) {
    const auto count = std::min(left, slice);
    fill.commit(count, [&] { return fill.dispatched(now); });
    w.forget_outbox();
    left -= count;
    fmt::print("\r  filled {} of {}", total - left, total);
    std::fflush(stdout);
  }
  fmt::print("\n");
  w.redis().settle();
  w.start_server();
}

void measure_throughput(world& w, const sizes& s, report& out) {
  out.say("Raw ceiling: redis-benchmark, FCALL commit with a create's payload, fsync always");
  w.redis().settle();
  const auto top = measure_ceiling(w, s.ceiling_commits);
  out.add({"raw_ceiling",
           "commits/s, the best of pipelines 1, 16, 64; 50 connections",
           top.commits_per_second,
           "/s",
           {},
           {}});
  out.add({"raw_ceiling_p1", "pipeline 1", top.by_pipeline[0], "/s", {}, {}});
  out.add({"raw_ceiling_p16", "pipeline 16", top.by_pipeline[1], "/s", {}, {}});
  out.add({"raw_ceiling_p64", "pipeline 64", top.by_pipeline[2], "/s", {}, {}});
  out.add({"redis_us_per_commit",
           "time inside the commit function",
           top.redis_us_per_commit,
           "us",
           {},
           {}});
  out.add({"payload_bytes",
           "ticket and event of one create",
           static_cast<double>(top.payload_bytes),
           "B",
           {},
           {}});

  out.say("Creates over HTTP JSON: the gateway alone, then with all services");
  w.start_server("gateway");
  http_load load(w, 2);
  w.run(load.full_speed(2'000, s.connections));  // warm
  auto alone = w.run(load.full_speed(s.creates, s.connections));
  const auto rate = static_cast<double>(alone.created) / alone.seconds;
  out.add(
      {"creates_per_second", "HTTP JSON, 64 connections, the gateway alone", rate, "/s", {}, {}});
  out.add({"creates_to_ceiling", "ratio", rate / top.commits_per_second, "x", 0.45, {}});
  out.add({"create_p99_full_speed", "at full speed", alone.latency.percentile(0.99), "ms", {}, {}});
  w.stop_server();
  w.forget_outbox();

  w.start_server();
  w.run(load.full_speed(2'000, s.connections));  // warm
  commit_watch watch(w);
  const auto start = steady_now();
  const auto count = static_cast<std::int64_t>(s.creates);
  // A create and a dispatch each.
  const auto [made, last] =
      w.run(with_end(load.full_speed(s.creates, s.connections), watch.run(2 * count, count)));
  if (made.failed + alone.failed > 0) throw std::runtime_error("creates failed");
  const auto pipeline =
      static_cast<double>(made.created) / std::chrono::duration<double>(last - start).count();
  out.add({"creates_with_all_services",
           "creates while the dispatch service keeps up",
           static_cast<double>(made.created) / made.seconds,
           "/s",
           {},
           {}});
  out.add(
      {"pipeline_per_second", "created and visible in the county's queue", pipeline, "/s", {}, {}});
  out.add({"pipeline_to_ceiling", "ratio", pipeline / top.commits_per_second, "x", 0.25, {}});
}

void measure_latency(world& w, const sizes& s, report& out) {
  out.say(fmt::format("Latency at {} creates a second", s.rate));
  w.redis().settle();
  http_load load(w, 3);
  arrivals in_queue;
  events_watch watch(w, in_queue.sink());
  std::unordered_map<std::string, time_point> meant;
  const auto count = static_cast<std::size_t>(s.rate) * static_cast<std::size_t>(s.rate_seconds);
  auto made = run_watched(
      w,
      load.fixed_rate(s.rate, s.rate_seconds, s.connections,
                      [&](const std::string& no, time_point t) { meant.emplace(no, t); }),
      watch, in_queue, count);
  histogram visible;
  for (const auto& [no, t] : meant) {
    const auto found = in_queue.at.find(no);
    if (found == in_queue.at.end()) continue;
    visible.add(std::chrono::duration<double, std::milli>(found->second - t).count());
  }
  out.add({"create_p50", "at the fixed rate", made.latency.percentile(0.5), "ms", {}, {}});
  out.add({"create_p99", "at the fixed rate", made.latency.percentile(0.99), "ms", {}, 5});
  out.add({"create_p999", "at the fixed rate", made.latency.percentile(0.999), "ms", {}, {}});
  out.add({"in_queue_p50",
           "created to visible in the county's queue",
           visible.percentile(0.5),
           "ms",
           {},
           {}});
  out.add({"in_queue_p99",
           "created to visible in the county's queue",
           visible.percentile(0.99),
           "ms",
           {},
           15});
  out.add({"create_failed", "requests without a 201", static_cast<double>(made.failed), "", {}, 0});
}

void measure_growth(world& w, const sizes& s, report& out) {
  out.say(fmt::format("Cost per create with {} and with {} open tickets", s.open_few, s.open_many));
  w.stop_server();
  w.renew_redis();
  // The first start of a data set looks at every ticket's clocks once: before there are any.
  w.start_server();
  w.stop_server();
  const auto empty = w.redis().info("memory", "used_memory");
  fill_up_to(w, s.open_few, 0, 10);
  const auto few = cost_per_create(w, s, 20);
  fill_up_to(w, s.open_many, s.open_few + s.cost_creates, 11);
  const auto full = w.redis().info("memory", "used_memory");
  const auto many = cost_per_create(w, s, 21);
  out.add({"cost_per_create_few",
           "CPU of server and Redis, up to the county's queue",
           few,
           "us",
           {},
           {}});
  out.add({"cost_per_create_many", "the same with all open tickets", many, "us", {}, {}});
  out.add({"cost_growth", "ratio", many / few, "x", {}, 1.1});
  out.add({"memory_per_ticket",
           "Redis bytes per open ticket, everything included",
           static_cast<double>(full - empty) / static_cast<double>(s.open_many),
           "B",
           {},
           4096});
  out.add({"server_rss",
           "resident memory of the server",
           static_cast<double>(resident_bytes(w.server().pid())) / 1048576.0,
           "MiB",
           {},
           {}});
}

void measure_timers(world& w, const sizes& s, report& out) {
  out.say(fmt::format("Timer lateness: {} fire within {} s, everything else pending", s.timers,
                      s.timers_seconds));
  filler fill(w, 12);
  const auto now = wall_clock().now();
  const auto first = now + std::chrono::seconds(25);
  std::size_t made = 0;
  const auto step = milliseconds(1000LL * s.timers_seconds / static_cast<long long>(s.timers));
  const auto numbers = fill.commit(
      s.timers, [&] { return fill.sign_due(first + step * static_cast<long long>(made++), now); });
  if (wall_clock().now() > first) throw std::runtime_error("filling took too long for this phase");
  const std::set<std::string> expected(numbers.begin(), numbers.end());
  std::unordered_map<std::string, int> fired;
  histogram late;
  std::size_t early = 0;
  events_watch watch(w, [&](const v1::Event& e, time_point) {
    const bool ours = e.rung().clock() == v1::CLOCK_KIND_SIGN && e.rung().rung() == v1::RUNG_DUE;
    if (!ours || !expected.contains(e.ticket_no())) return;
    ++fired[e.ticket_no()];
    const auto lateness = e.at() - e.rung().scheduled_at();
    if (lateness < 0) ++early;
    late.add(static_cast<double>(lateness));
  });
  w.run(watch.run([&] { return fired.size() >= s.timers; },
                  std::chrono::seconds(s.timers_seconds + 60)));
  std::size_t twice = 0;
  for (const auto& [no, times] : fired) twice += times > 1 ? 1 : 0;
  out.add({"timer_late_p50",
           "from due to the decision of the tick",
           late.percentile(0.5),
           "ms",
           {},
           {}});
  out.add({"timer_late_p99", "", late.percentile(0.99), "ms", {}, 50});
  out.add({"timer_late_max", "", late.max(), "ms", {}, {}});
  out.add({"timers_early", "", static_cast<double>(early), "", {}, 0});
  out.add({"timers_lost", "", static_cast<double>(s.timers - fired.size()), "", {}, 0});
  out.add({"timers_twice", "", static_cast<double>(twice), "", {}, 0});
}

void measure_storm(world& w, const sizes& s, report& out) {
  out.say(fmt::format("Storm: {} deadlines at one instant, until all are in the city's queue",
                      s.storm));
  filler fill(w, 13);
  const auto now = wall_clock().now();
  const auto due = now + std::chrono::seconds(30);
  const auto numbers = fill.commit(s.storm, [&] { return fill.contact_due(due, now); });
  if (wall_clock().now() > due) throw std::runtime_error("filling took too long for this phase");
  const std::set<std::string> expected(numbers.begin(), numbers.end());
  std::set<std::string> fired;
  std::set<std::string> escalated;
  std::size_t early = 0;
  instant last{};
  instant last_fired{};
  const wall_clock clock;
  const auto on_event = [&](const v1::Event& e, time_point) {
    if (!expected.contains(e.ticket_no())) return;
    if (e.rung().clock() == v1::CLOCK_KIND_CONTACT && e.rung().rung() == v1::RUNG_DUE) {
      fired.insert(e.ticket_no());
      last_fired = clock.now();
      if (e.at() < to_unix_ms(due)) ++early;
    }
    if (e.kind() == v1::EVENT_KIND_ESCALATED) {
      escalated.insert(e.ticket_no());
      last = clock.now();
    }
  };
  events_watch watch(w, on_event, milliseconds(20));
  w.run(watch.run([&] { return escalated.size() >= s.storm; }, std::chrono::seconds(120)));
  const auto took = std::chrono::duration<double>(last - due).count();
  out.add({"storm_fired_seconds",
           "all fired",
           std::chrono::duration<double>(last_fired - due).count(),
           "s",
           {},
           {}});
  out.add({"storm_seconds", "all fired, escalated and in the city's queue", took, "s", {}, 3});
  out.add({"storm_lost", "", static_cast<double>(s.storm - escalated.size()), "", {}, 0});
  out.add({"storm_early", "", static_cast<double>(early), "", {}, 0});
}

}  // namespace hotline::bench
