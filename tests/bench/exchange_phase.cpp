// The exchange with partners: what a partner pushes, and a backlog after a day of outage.
#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <vector>

#include "common/crypto/key_file.hpp"
#include "common/domain/civil.hpp"
#include "common/domain/ticket_no.hpp"
#include "common/net/http_client.hpp"
#include "common/runtime/config_loader.hpp"
#include "common/store/exchange_feed.hpp"
#include "common/store/exchange_queue.hpp"
#include "common/store/keys.hpp"
#include "create_connection.hpp"
#include "fast_partner.hpp"
#include "http_load.hpp"
#include "phases.hpp"
#include "tests/partner/partner_tongue.hpp"

namespace hotline::bench {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::use_awaitable;
using time_point = std::chrono::steady_clock::time_point;

constexpr std::string_view partner_name = "jining-12345";
constexpr std::string_view secret = "a secret of the bench and its partner";
constexpr int items_per_document = 50;
constexpr std::chrono::seconds limit{600};

double seconds_since(time_point begin) {
  return std::chrono::duration<double>(steady_now() - begin).count();
}

/// The shipped city platform, active, at `port`.
v1::Partner partner_at(std::uint16_t port) {
  const auto config = runtime::load_config(HOTLINE_CONFIG_DIR);
  if (!config) throw std::runtime_error(to_string(config.error()));
  const auto found =
      std::ranges::find(config->partners(), std::string(partner_name), &v1::Partner::name);
  v1::Partner partner = *found;
  partner.clear_inactive();
  partner.clear_reconciliation();
  partner.set_internal(true);
  partner.mutable_outbound()->set_url(fmt::format("http://127.0.0.1:{}/feedback", port));
  return partner;
}

/// Waits until it is so, looking every few milliseconds.
template <class F>
awaitable<void> until(const char* what, F so) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  const auto end = steady_now() + limit;
  while (!co_await so()) {
    if (steady_now() > end) throw std::runtime_error(fmt::format("not in time: {}", what));
    timer.expires_after(std::chrono::milliseconds(5));
    co_await timer.async_wait(use_awaitable);
  }
}

/// Runs `one(i)` for 0 to count - 1 in so many coroutines and waits for all of them.
template <class F>
awaitable<void> in_parallel(int lines, std::size_t count, F line) {
  auto executor = co_await asio::this_coro::executor;
  std::size_t next = 0;
  int running = lines;
  std::exception_ptr failed;
  for (int i = 0; i < lines; ++i) {
    asio::co_spawn(executor, line(next, count), [&](std::exception_ptr e) {
      if (e) failed = e;
      --running;
    });
  }
  asio::steady_timer timer(executor);
  while (running > 0) {
    timer.expires_after(std::chrono::milliseconds(1));
    co_await timer.async_wait(use_awaitable);
  }
  if (failed) std::rethrow_exception(failed);
}

/// Documents of a partner, signed beforehand: the partner's machine is not what is measured.
class signed_documents {
 public:
  signed_documents(const world& w, const v1::Partner& partner, std::string_view run)
      : tongue_(partner, w.land(), [](std::string_view) { return std::string(secret); }),
        target_(fmt::format("/v1/feeds/{}/events", partner.name())),
        run_(run) {}

  const std::string& target() const { return target_; }

  void make(std::size_t documents, int items) {
    std::vector<v1::PartnerEvent> events;
    for (std::size_t i = 0; i < documents; ++i) {
      events.clear();
      for (int n = 0; n < items; ++n) events.push_back(next());
      auto& one = all_.emplace_back();
      one.body = tongue_.write(events);
      for (const auto& [name, value] :
           tongue_.signed_headers(target_, one.body, wall_clock().now(),
                                  fmt::format("bench-{}-{:08}", run_, all_.size())))
        if (name != "Content-Type") one.fields += fmt::format("{}: {}\r\n", name, value);
    }
  }

  /// Pushes everything; the seconds it took until the last was acknowledged.
  double push(world& w, int connections) {
    const auto begin = steady_now();
    const auto line = [&](std::size_t& sent, std::size_t count) -> awaitable<void> {
      create_connection http(w.context(), w.port(), {}, target_);
      while (sent < count) {
        const auto& one = all_[sent++];
        const int status = co_await http.post_with(one.fields, one.body);
        if (status != 200 || http.answer().find("10000") == std::string::npos)
          throw std::runtime_error("a push was answered " + http.answer());
      }
    };
    w.run(in_parallel(connections, all_.size(), line));
    return seconds_since(begin);
  }

 private:
  struct document {
    std::string fields;
    std::string body;
  };

  v1::PartnerEvent next() {
    v1::PartnerEvent event;
    event.set_kind(v1::PARTNER_EVENT_KIND_CREATE);
    event.set_external_no(fmt::format("{}-{:07}", run_, ++made_));
    event.set_serial("1");
    event.set_sequence(1);
    event.set_occurred_at(to_unix_ms(wall_clock().now()));
    auto& intake = *event.mutable_intake();
    intake.set_title("工地拖欠工资");
    intake.set_urgency(v1::URGENCY_NORMAL);
    intake.mutable_caller()->set_name("张师傅");
    intake.mutable_caller()->set_phone(fmt::format("138{:08}", made_));
    intake.mutable_employer()->set_name("济宁某建筑劳务有限公司");
    auto& matter = *intake.mutable_matter();
    matter.set_kind(v1::KIND_COMPLAINT);
    matter.set_category("wages.arrears");
    matter.set_region("370883");
    matter.set_content(fmt::format("瓦工在某小区项目干活，包工头拖欠三个月工资，第{}件", made_));
    matter.set_people(1);
    matter.set_amount_claimed_fen(1'860'000);
    return event;
  }

  test::partner_tongue tongue_;
  std::string target_;
  std::string run_;
  std::size_t made_ = 0;
  std::vector<document> all_;
};

/// Until nothing that was pushed waits any more.
void wait_applied(world& w) {
  const auto due = store::partner_due_key(partner_name);
  w.run(until("what was pushed is applied", [&]() -> awaitable<bool> {
    const auto left = co_await w.redis().client().exec(redis::command("ZCARD", due));
    if (!left) throw std::runtime_error(to_string(left.error()));
    co_return left->integer() == 0;
  }));
}

void measure_inbound(world& w, const sizes& s, report& out) {
  out.say("What a partner pushes: signed items, acknowledged when they are on the disk");
  fast_partner partner;
  w.stop_server();
  w.renew_redis();
  w.set_partner(partner_at(partner.port()), secret);
  w.start_server();
  w.redis().settle();
  const auto config = partner_at(partner.port());

  signed_documents singles(w, config, "S");
  singles.make(s.exchange_items, 1);
  const auto begin = steady_now();
  const double single = singles.push(w, s.connections);
  out.add({"exchange_in_single",
           "items/s, one in each request, 64 connections, all services running",
           static_cast<double>(s.exchange_items) / single,
           "/s",
           5'000,
           {}});
  wait_applied(w);
  out.add({"exchange_applied",
           "items/s until they are tickets in a county's queue",
           static_cast<double>(s.exchange_items) / seconds_since(begin),
           "/s",
           {},
           {}});

  signed_documents documents(w, config, "D");
  documents.make(s.exchange_items / items_per_document, items_per_document);
  const double together = documents.push(w, s.connections / 4);
  out.add({"exchange_in_documents",
           "items/s, 50 in each request, 16 connections",
           static_cast<double>(s.exchange_items) / together,
           "/s",
           5'000,
           {}});
  wait_applied(w);
  w.stop_server();
}

/// Messages of tickets, as the teller would have put them.
void fill_queue(world& w, std::size_t messages) {
  constexpr int per_ticket = 5;
  const auto keys = crypto::read_key_file(w.data_directory() / "keys.textproto");
  if (!keys) throw std::runtime_error(to_string(keys.error()));
  store::exchange_vault vault([ring = *keys] { return ring; });
  store::exchange_feed feed(w.redis().client(), vault, std::string(partner_name),
                            w.redis().data_set());
  store::exchange_queue queue(w.redis().client(), vault, std::string(partner_name),
                              w.redis().data_set());
  const auto now = wall_clock().now();
  const auto line = [&](std::size_t& next, std::size_t count) -> awaitable<void> {
    while (next < count) {
      const auto i = next++;
      const auto no = fmt::format("3708-20261123-{:05}", 10'000 + i / per_ticket);
      const auto version = static_cast<std::int64_t>(1 + i % per_ticket);
      v1::OutMessage message;
      auto& event = *message.mutable_event();
      event.set_partner(std::string(partner_name));
      event.set_kind(v1::PARTNER_EVENT_KIND_PROGRESS);
      event.set_external_no(fmt::format("JN{:08}", i / per_ticket));
      event.set_ticket_no(no);
      event.set_serial(fmt::format("{}:{}", no, version));
      event.set_sequence(version);
      event.set_occurred_at(to_unix_ms(now));
      event.set_text("已与用人单位负责人面谈，约定本周五前付清拖欠的工资");
      event.set_state("1");
      event.set_handler_unit("370883");
      event.set_handler_name("邹城市总工会");
      message.set_made_at(to_unix_ms(now));
      const auto put = co_await queue.put({no, version}, std::move(message), now);
      if (!put) throw std::runtime_error(to_string(put.error()));
    }
  };
  if (const auto adopted = w.run(feed.adopt()); !adopted)
    throw std::runtime_error(to_string(adopted.error()));
  w.run(in_parallel(256, messages, line));
}

/// The clock of the rehearsal, moved by an administrator.
class virtual_day {
 public:
  explicit virtual_day(world& w)
      : world_(w), headers_(w.headers_of("370000", "ROLE_ADMINISTRATOR")) {
    headers_.emplace_back("Content-Type", "application/json");
    now_ = wall_clock().now();
  }

  void advance(milliseconds by) {
    now_ += by;
    net::http_client http(world_.context(), "127.0.0.1", world_.port());
    const auto moved = world_.run(
        http.send(net::method::put, "/v1/clock", headers_,
                  fmt::format(R"({{"now":"{}","rate":1}})", domain::format_rfc3339(now_)),
                  std::chrono::seconds(10)));
    if (!moved || moved->status != 200) throw std::runtime_error("the clock cannot be moved");
  }

 private:
  world& world_;
  net::field_list headers_;
  instant now_;
};

/// Creates beside the drain, until it is over.
awaitable<histogram> work_beside(world& w, const bool& over) {
  constexpr int rate = 100;
  constexpr int seconds = 2;
  histogram took;
  http_load load(w, 61);
  while (!over) {
    auto made = co_await load.fixed_rate(rate, seconds, 16, [](const std::string&, auto) {});
    if (made.failed > 0) throw std::runtime_error("creates failed");
    took.add(made.latency);
  }
  co_return took;
}

awaitable<double> drained(fast_partner& partner, std::int64_t messages, time_point begin,
                          bool& over) {
  co_await until("the backlog is drained",
                 [&]() -> awaitable<bool> { co_return partner.heard() >= messages; });
  over = true;
  co_return seconds_since(begin);
}

void measure_drain(world& w, const sizes& s, report& out) {
  using namespace asio::experimental::awaitable_operators;
  out.say(
      fmt::format("{} messages to a partner that was out of order for a day", s.exchange_backlog));
  fast_partner partner;
  partner.set_outage(true);
  w.stop_server();
  w.renew_redis(store::data_set_mode::rehearsal);
  w.set_partner(partner_at(partner.port()), secret);
  w.start_server();  // makes the keys
  w.stop_server();
  fill_queue(w, s.exchange_backlog);
  w.redis().settle();
  w.start_server();
  virtual_day day(w);
  for (int hour = 0; hour < 24; ++hour) {
    const auto before = partner.sent_away();
    day.advance(std::chrono::hours(1));
    w.run(until("the partner is asked again",
                [&]() -> awaitable<bool> { co_return partner.sent_away() > before; }));
  }
  out.add({"exchange_tries_in_outage",
           "requests that a partner out of order got in a day",
           static_cast<double>(partner.sent_away()),
           "",
           {},
           {}});

  partner.set_outage(false);
  bool over = false;
  // Behind the longest wait of a message that has failed.
  day.advance(std::chrono::hours(7));
  auto run = [&]() -> awaitable<std::pair<double, histogram>> {
    auto [seconds, took] = co_await (
        drained(partner, static_cast<std::int64_t>(s.exchange_backlog), steady_now(), over) &&
        work_beside(w, over));
    co_return std::pair(seconds, std::move(took));
  };
  auto [seconds, took] = w.run(run());
  out.add(
      {"exchange_drain_seconds", "until the partner has heard everything", seconds, "s", {}, 60});
  out.add({"exchange_drain_rate",
           "messages",
           static_cast<double>(s.exchange_backlog) / seconds,
           "/s",
           {},
           {}});
  out.add(
      {"exchange_drain_p99", "creates at 100/s beside it", took.percentile(0.99), "ms", {}, 50});
  out.add({"exchange_twice",
           "messages that came twice without need",
           static_cast<double>(partner.repeated()),
           "",
           {},
           0});
  out.add({"exchange_out_of_order", "", static_cast<double>(partner.out_of_order()), "", {}, 0});
  w.stop_server();
}

}  // namespace

void measure_exchange(world& w, const sizes& s, report& out) {
  measure_drain(w, s, out);
  measure_inbound(w, s, out);
}

}  // namespace hotline::bench
