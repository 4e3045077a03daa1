// Push: from the acknowledged commit to the arrival at the client, with thousands of sockets.
#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <unordered_map>

#include "common/net/http_client.hpp"
#include "common/net/ws_client.hpp"
#include "fill.hpp"
#include "histogram.hpp"
#include "phases.hpp"

namespace hotline::bench {
namespace {

namespace asio = boost::asio;
using time_point = std::chrono::steady_clock::time_point;

/// What the listeners see, measured against what was committed.
struct scoreboard {
  std::unordered_map<std::string, std::optional<time_point>> committed;
  histogram latency;
  std::size_t arrivals = 0;
  std::size_t resyncs = 0;
  bool measuring = false;

  void take(std::string_view text) {
    const auto now = steady_now();
    if (text.find("\"resync\"") != text.npos) ++resyncs;
    constexpr std::string_view mark = R"("no":")";
    for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
      const auto first = at + mark.size();
      const std::string no(text.substr(first, text.find('"', first) - first));
      const auto found = committed.find(no);
      if (found == committed.end()) continue;
      ++arrivals;
      // Seen before the commit was acknowledged to us: no time at all.
      const auto since = found->second ? now - *found->second : time_point::duration::zero();
      if (measuring) latency.add(std::chrono::duration<double, std::milli>(since).count());
    }
  }
};

struct page {
  std::string user;
  std::string unit;
  std::string topics;  ///< JSON list
};

class audience {
 public:
  audience(world& w, scoreboard& seen) : world_(w), seen_(seen) {}

  /// Connects them, a hundred at a time, and waits until all have subscribed.
  void add(const std::vector<page>& pages) {
    const auto first = clients_.size();
    const auto wanted = subscribed_ + pages.size();
    // One user a unit: how many people share a session does not matter here.
    for (const auto& one : pages) {
      auto& headers = headers_[one.unit];
      if (headers.empty()) headers = world_.headers_of(one.unit, "ROLE_SUPERVISOR");
    }
    world_.run(connect(pages, first));
    test::run_until(
        world_.context(), [&] { return subscribed_ >= wanted; }, std::chrono::seconds(60));
  }
  void freeze(std::size_t from) {
    for (std::size_t i = from; i < clients_.size(); ++i) clients_[i]->freeze(true);
  }
  std::size_t size() const { return clients_.size(); }
  std::size_t closed() const { return closed_; }

 private:
  asio::awaitable<void> connect(std::vector<page> pages, std::size_t first) {
    constexpr std::size_t at_once = 100;
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    std::size_t running = 0;
    std::exception_ptr failed;
    for (std::size_t i = 0; i < pages.size(); ++i) {
      while (running >= at_once) {
        timer.expires_after(std::chrono::milliseconds(1));
        co_await timer.async_wait(asio::use_awaitable);
      }
      ++running;
      asio::co_spawn(executor, connect_one(pages[i], first + i), [&](std::exception_ptr e) {
        if (e) failed = e;
        --running;
      });
    }
    while (running > 0) {
      timer.expires_after(std::chrono::milliseconds(1));
      co_await timer.async_wait(asio::use_awaitable);
    }
    if (failed) std::rethrow_exception(failed);
  }

  asio::awaitable<void> connect_one(page who, std::size_t number) {
    net::ws_client_options options;
    // Many machines: the server allows 200 connections of one address.
    options.from = fmt::format("127.0.{}.{}", 1 + number / 150 / 200, 1 + number / 150 % 200);
    auto made = std::make_unique<net::ws_client>(
        world_.context(),
        [this](std::string_view text) {
          if (text.find("\"subscribed\"") != text.npos) ++subscribed_;
          seen_.take(text);
        },
        [this](int) { ++closed_; }, options);
    const auto connected = co_await made->connect("127.0.0.1", world_.port(), "/v1/stream",
                                                  headers_.at(who.unit), std::chrono::seconds(30));
    if (!connected) throw std::runtime_error("no WebSocket: " + connected.error().detail);
    made->send(fmt::format(R"({{"subscribe":{{"topics":{}}}}})", who.topics));
    clients_.push_back(std::move(made));
  }

  world& world_;
  scoreboard& seen_;
  std::vector<std::unique_ptr<net::ws_client>> clients_;
  std::map<std::string, net::field_list> headers_;  // by unit
  std::size_t subscribed_ = 0;
  std::size_t closed_ = 0;
};

std::vector<page> idle_pages(const world& w, std::size_t count) {
  std::vector<page> pages;
  const auto units = w.land().org.units();
  for (std::size_t i = 0; i < count; ++i) {
    pages.push_back({fmt::format("idle{}", i), units[i % units.size()].code(), R"(["mine"])"});
  }
  return pages;
}

/// Half of them look at a county, half at a city, every twentieth at the board of the province.
std::vector<page> busy_pages(const world& w, std::size_t count) {
  std::vector<std::string> counties;
  std::vector<std::string> cities;
  for (const auto& unit : w.land().org.units()) {
    if (unit.level() == v1::Unit::COUNTY) counties.push_back(unit.code());
    if (unit.level() == v1::Unit::CITY) cities.push_back(unit.code());
  }
  std::vector<page> pages;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& list = i % 2 == 0 ? counties : cities;
    const auto& unit = list[i / 2 % list.size()];
    page one{fmt::format("busy{}", i), unit, fmt::format(R"(["unit:{}","queue:{}"])", unit, unit)};
    if (i % 20 == 0) one = {one.user, "370000", R"(["board:370000"])"};
    pages.push_back(std::move(one));
  }
  return pages;
}

std::vector<page> frozen_pages(std::size_t count) {
  std::vector<page> pages;
  for (std::size_t i = 0; i < count; ++i) {
    pages.push_back({fmt::format("frozen{}", i), "370000", R"(["unit:370000"])"});
  }
  return pages;
}

/// Commits new tickets at a fixed rate.
asio::awaitable<void> commit_at_rate(filler& fill, scoreboard& seen, int rate, int seconds) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  const auto begun = steady_now();
  int running = 0;
  std::exception_ptr failed;
  for (int i = 0; i < rate * seconds; ++i) {
    timer.expires_at(begun + std::chrono::microseconds(1'000'000LL * i / rate));
    co_await timer.async_wait(asio::use_awaitable);
    auto life = fill.dispatched(wall_clock().now());
    const auto no = life.ticket.no();
    seen.committed[no] = std::nullopt;
    ++running;
    asio::co_spawn(executor, fill.commit_one(std::move(life)), [&, no](std::exception_ptr e) {
      seen.committed[no] = steady_now();
      if (e) failed = e;
      --running;
    });
  }
  while (running > 0) {
    timer.expires_after(std::chrono::milliseconds(1));
    co_await timer.async_wait(asio::use_awaitable);
  }
  // The last round's messages.
  timer.expires_after(std::chrono::seconds(1));
  co_await timer.async_wait(asio::use_awaitable);
  if (failed) std::rethrow_exception(failed);
}

/// A number of the server's /metrics.
double metric(world& w, const std::string& name) {
  net::http_client client(w.context(), "127.0.0.1", w.port());
  const auto answer =
      w.run(client.send(net::method::get, "/metrics", {}, "", std::chrono::seconds(10)));
  const auto at = answer ? answer->body.find("\n" + name + " ") : std::string::npos;
  if (at == std::string::npos) return -1;
  return std::stod(answer->body.substr(at + name.size() + 2));
}

struct taken {
  double p50;
  double p99;
  double arrivals_per_second;
  double server_cpu;
};

taken measure(world& w, filler& fill, scoreboard& seen, const sizes& s) {
  seen.committed.clear();
  seen.latency = {};
  seen.arrivals = 0;
  seen.measuring = true;
  const auto cpu = cpu_seconds(w.server().pid());
  w.run(commit_at_rate(fill, seen, s.live_rate, s.live_seconds));
  seen.measuring = false;
  const auto used = cpu_seconds(w.server().pid()) - cpu;
  return {seen.latency.percentile(0.5), seen.latency.percentile(0.99),
          static_cast<double>(seen.arrivals) / s.live_seconds, used / (s.live_seconds + 1)};
}

}  // namespace

void measure_live(world& w, const sizes& s, report& out) {
  out.say(fmt::format("Push: {} idle and {} busy sockets, {} commits a second", s.live_idle,
                      s.live_busy, s.live_rate));
  w.stop_server();
  w.forget_outbox();
  // The gateway alone: what other services would do with the tickets is not measured here.
  w.start_server("gateway");
  filler fill(w, 40);
  scoreboard seen;
  audience all(w, seen);
  const auto empty = resident_bytes(w.server().pid());
  all.add(idle_pages(w, s.live_idle));
  const auto full = resident_bytes(w.server().pid());
  const auto resting = cpu_seconds(w.server().pid());
  asio::steady_timer timer(w.context());
  const auto rest = [&](int seconds) {
    timer.expires_after(std::chrono::seconds(seconds));
    bool done = false;
    timer.async_wait([&](boost::system::error_code) { done = true; });
    test::run_until(w.context(), [&] { return done; }, std::chrono::seconds(seconds + 10));
  };
  constexpr int rest_seconds = 5;
  rest(rest_seconds);
  out.add({"live_idle_cpu",
           "share of a core for the idle sockets",
           (cpu_seconds(w.server().pid()) - resting) / rest_seconds,
           "",
           {},
           {}});
  out.add({"live_socket_bytes",
           "resident memory of the server per idle socket",
           static_cast<double>(full - empty) / static_cast<double>(s.live_idle),
           "B",
           {},
           {}});

  all.add(busy_pages(w, s.live_busy));
  const auto calm = measure(w, fill, seen, s);
  out.add({"live_p50", "acknowledged commit to arrival", calm.p50, "ms", {}, {}});
  out.add({"live_p99", "acknowledged commit to arrival", calm.p99, "ms", {}, 500});
  out.add({"live_arrivals", "tickets told a second", calm.arrivals_per_second, "/s", {}, {}});
  out.add({"live_cpu", "share of a core, the gateway", calm.server_cpu, "", {}, {}});

  const auto first_frozen = all.size();
  all.add(frozen_pages(s.live_frozen));
  all.freeze(first_frozen);
  // Until their buffers are full and they have been cut short.
  w.run(commit_at_rate(fill, seen, s.live_rate, s.live_fill_seconds));
  const auto frozen = measure(w, fill, seen, s);
  out.add({"live_frozen_p99", "with frozen clients", frozen.p99, "ms", {}, {}});
  out.add({"live_frozen_ratio",
           "p99 with and without frozen clients",
           frozen.p99 / calm.p99,
           "x",
           {},
           1.1});
  out.add({"live_frozen_cut_short",
           "times a full queue was dropped",
           metric(w, "hotline_live_slow_total"),
           "",
           static_cast<double>(s.live_frozen),
           {}});
  out.add({"live_frozen_cpu", "share of a core, the gateway", frozen.server_cpu, "", {}, {}});
  out.add(
      {"live_resyncs", "of clients that do read", static_cast<double>(seen.resyncs), "", {}, 0});
  out.add({"live_server_rss",
           "resident memory of the server with all of them",
           static_cast<double>(resident_bytes(w.server().pid())) / 1048576.0,
           "MiB",
           {},
           {}});
}

}  // namespace hotline::bench
