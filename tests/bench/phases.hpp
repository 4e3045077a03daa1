// The parts of a run, in order. Each measures one thing and adds its figures to the report.
#pragma once

#include "report.hpp"
#include "world.hpp"

namespace hotline::bench {

struct sizes {
  std::size_t ceiling_commits = 200'000;
  std::size_t creates = 100'000;
  std::size_t open_few = 10'000;
  std::size_t open_many = 1'000'000;
  std::size_t cost_creates = 30'000;
  int rate = 500;
  int rate_seconds = 30;
  std::size_t timers = 20'000;
  int timers_seconds = 20;
  std::size_t storm = 20'000;
  std::size_t overdue = 100'000;
  int connections = 64;
  std::size_t boards = 1'000;
  std::size_t live_idle = 10'000;
  std::size_t live_busy = 1'000;
  std::size_t live_frozen = 1'000;
  int live_rate = 100;
  int live_seconds = 20;
  std::size_t exchange_items = 50'000;     ///< pushed by a partner, twice
  std::size_t exchange_backlog = 100'000;  ///< messages after an outage
  int live_fill_seconds = 15;              ///< until frozen clients have no room left
};

/// Stops the server, fills the store with dispatched tickets up to `total`, starts it again.
void fill_up_to(world& w, std::size_t total, std::size_t have, std::uint64_t seed);

/// Raw ceiling, creates/s and full pipeline/s, with few tickets in the store.
void measure_throughput(world& w, const sizes& s, report& out);
/// Latencies at a fixed rate.
void measure_latency(world& w, const sizes& s, report& out);
/// Sign-in beside creates, permission decisions, encryption of personal fields.
void measure_people(world& w, const sizes& s, report& out);
/// Fills up; cost per create before and after, memory per open ticket.
void measure_growth(world& w, const sizes& s, report& out);
/// Timer lateness with everything pending.
void measure_timers(world& w, const sizes& s, report& out);
/// Many deadlines at one instant.
void measure_storm(world& w, const sizes& s, report& out);
/// What became due in a day of downtime, with Redis renewed for it.
void measure_backlog(world& w, const sizes& s, report& out);
/// The board of the whole province with everything open.
void measure_board(world& w, const sizes& s, report& out);
/// `hotline verify` beside the running server, with everything open.
void measure_verify(world& w, report& out);
/// Push with many sockets, then with frozen ones among them.
void measure_live(world& w, const sizes& s, report& out);
/// What a partner pushes, and a backlog of what it is told, with Redis renewed for each.
void measure_exchange(world& w, const sizes& s, report& out);

}  // namespace hotline::bench
