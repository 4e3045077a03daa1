// A day of downtime: everything that became due meanwhile fires after the start, oldest first, and
// people can work beside it.
#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>
#include <unordered_map>

#include "common/store/timers.hpp"
#include "events_watch.hpp"
#include "fill.hpp"
#include "http_load.hpp"
#include "phases.hpp"

namespace hotline::bench {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using time_point = std::chrono::steady_clock::time_point;

constexpr std::chrono::hours downtime{24};
constexpr std::chrono::hours due_within{2};
constexpr std::chrono::seconds drain_limit{600};

double seconds_since(time_point begin) {
  return std::chrono::duration<double>(steady_now() - begin).count();
}

/// What is seen of the overdue tickets: each first step, and whether anything happens again.
class overdue {
 public:
  explicit overdue(const std::vector<std::string>& numbers)
      : expected_(numbers.begin(), numbers.end()) {}

  events_watch::sink sink() {
    return [this](const v1::Event& e, time_point) {
      if (!e.has_rung() || !expected_.contains(e.ticket_no())) return;
      const auto& rung = e.rung();
      if (!seen_
               .emplace(e.ticket_no(), rung.clock(), rung.assignment(), rung.rung(),
                        rung.scheduled_at())
               .second)
        ++twice_;
      auto& first =
          firsts_.try_emplace(e.ticket_no(), step{e.at(), rung.scheduled_at()}).first->second;
      // Those of one Tick share its instant.
      if (first.at == e.at()) first.scheduled = std::min(first.scheduled, rung.scheduled_at());
    };
  }

  std::size_t fired() const { return firsts_.size(); }
  std::size_t twice() const { return twice_; }

  /// Tickets that were due before one that fired in an earlier round.
  std::size_t out_of_order() const {
    std::map<std::int64_t, std::vector<std::int64_t>> rounds;
    for (const auto& [no, first] : firsts_) rounds[first.at].push_back(first.scheduled);
    std::size_t wrong = 0;
    std::int64_t newest = 0;
    for (const auto& [at, scheduled] : rounds) {
      for (const auto one : scheduled) wrong += one < newest ? 1 : 0;
      newest = std::max(newest, *std::ranges::max_element(scheduled));
    }
    return wrong;
  }

 private:
  struct step {
    std::int64_t at;
    std::int64_t scheduled;
  };
  std::set<std::string> expected_;
  std::set<std::tuple<std::string, int, int, int, std::int64_t>> seen_;
  std::unordered_map<std::string, step> firsts_;
  std::size_t twice_ = 0;
};

/// Until nothing is due any more: the steps behind the first ones have happened, too.
awaitable<void> nothing_due(world& w) {
  const auto shards = w.land().org.shards();
  store::timers timers(w.redis().client(),
                       [&] { return std::vector<std::string>(shards.begin(), shards.end()); });
  asio::steady_timer pause(w.context());
  while (true) {
    const auto next = co_await timers.next();
    if (!next) throw std::runtime_error("timers cannot be read: " + to_string(next.error()));
    if (!*next || **next > wall_clock().now()) co_return;
    pause.expires_after(milliseconds(100));
    co_await pause.async_wait(asio::use_awaitable);
  }
}

struct drain_times {
  double fired = 0;
  double all = 0;
};

awaitable<drain_times> drain(world& w, events_watch& watch, const overdue& seen, std::size_t count,
                             time_point begin, bool& over) {
  drain_times took;
  const bool all = co_await watch.run([&] { return seen.fired() >= count; }, drain_limit);
  took.fired = seconds_since(begin);
  if (all) co_await nothing_due(w);
  took.all = seconds_since(begin);
  over = true;
  co_return took;
}

/// People beside the drain, until it is over.
awaitable<load_result> work_beside(world& w, const bool& over) {
  constexpr int rate = 100;
  constexpr int seconds = 2;
  load_result all;
  http_load load(w, 71);
  while (!over) {
    auto made = co_await load.fixed_rate(rate, seconds, 16);
    all.created += made.created;
    all.failed += made.failed;
    all.latency.add(made.latency);
  }
  co_return all;
}

/// As the last server left them when it went down a day ago.
std::vector<std::string> fill_overdue(world& w, std::size_t count) {
  filler fill(w, 70);
  const auto down_at = wall_clock().now() - downtime;
  const auto step = milliseconds(due_within) / static_cast<long long>(count + 1);
  std::size_t made = 0;
  auto numbers = fill.commit(count, [&] {
    return fill.sign_due(down_at + step * static_cast<long long>(++made), down_at);
  });
  w.forget_outbox();
  w.redis().settle();
  return numbers;
}

}  // namespace

void measure_backlog(world& w, const sizes& s, report& out) {
  using namespace asio::experimental::awaitable_operators;
  out.say(fmt::format("A day of downtime: {} tickets overdue at the start", s.overdue));
  w.stop_server();
  w.renew_redis();
  // The first start of a data set looks at every ticket's clocks once: before there are any.
  w.start_server();
  w.stop_server();
  const auto numbers = fill_overdue(w, s.overdue);
  overdue seen(numbers);
  events_watch watch(w, seen.sink(), milliseconds(20));
  const auto begin = steady_now();
  w.start_server();
  const auto start = seconds_since(begin);
  bool over = false;
  auto run = [&]() -> awaitable<std::pair<drain_times, load_result>> {
    auto [took, made] =
        co_await (drain(w, watch, seen, numbers.size(), begin, over) && work_beside(w, over));
    co_return std::pair(took, std::move(made));
  };
  auto [took, made] = w.run(run());
  out.add({"backlog_start_seconds", "until the server answers", start, "s", {}, {}});
  out.add({"backlog_fired_seconds",
           "from the start until every ticket has fired",
           took.fired,
           "s",
           {},
           60});
  out.add({"backlog_drain_seconds", "until nothing is due any more", took.all, "s", {}, {}});
  out.add(
      {"backlog_p99", "creates at 100/s beside it", made.latency.percentile(0.99), "ms", {}, 100});
  out.add(
      {"backlog_failed", "requests without a 201", static_cast<double>(made.failed), "", {}, 0});
  out.add({"backlog_lost", "", static_cast<double>(numbers.size() - seen.fired()), "", {}, 0});
  out.add({"backlog_twice", "", static_cast<double>(seen.twice()), "", {}, 0});
  out.add({"backlog_out_of_order",
           "tickets behind a younger one",
           static_cast<double>(seen.out_of_order()),
           "",
           {},
           0});
  w.stop_server();
}

}  // namespace hotline::bench
