#include "services/hotline/serve.hpp"

#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "common/base/rfc3339.hpp"
#include "common/domain/reaction.hpp"
#include "common/net/connection_budget.hpp"
#include "common/store/guard.hpp"
#include "common/store/lanes.hpp"
#include "common/store/people.hpp"
#include "common/store/stream_keeper.hpp"
#include "services/gateway/listen.hpp"
#include "services/gateway/live/settings.hpp"
#include "services/hotline/audit_thread.hpp"
#include "services/hotline/config_record.hpp"
#include "services/hotline/deployment.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/gateway_thread.hpp"
#include "services/hotline/key_keeper.hpp"
#include "services/hotline/log_setup.hpp"
#include "services/hotline/partner_watch.hpp"
#include "services/hotline/redis_host.hpp"
#include "services/hotline/store_access.hpp"
#include "services/hotline/transfer_thread.hpp"
#include "services/hotline/worker_thread.hpp"

namespace hotline::program {

namespace asio = boost::asio;

namespace {

constexpr auto connect_limit = std::chrono::seconds(30);
constexpr auto guard_interval = std::chrono::seconds(10);
constexpr auto floor_interval = std::chrono::seconds(2);
constexpr auto partners_interval = std::chrono::seconds(5);
constexpr auto poll_interval = milliseconds(5);

/// The main thread: owns everything, serves nothing. Redis, the guard, the clock of a rehearsal and
/// the other threads are looked after here.
class server_process {
 public:
  server_process(serve_options options, deployment ready, logger log)
      : options_(std::move(options)),
        deployment_(std::move(ready)),
        log_(std::move(log)),
        services_(options_.services.value_or(service_set::all())),
        stopping_(context_.get_executor()),
        tasks_(context_.get_executor(), counters_.tasks, log_),
        redis_(context_.get_executor(), deployment_.settings().redis(), options_.data,
               log_.sub("redis")),
        keys_(key_file_of(deployment_.settings().keys(), options_.data),
              deployment_.settings().keys().suite(), log_.sub("keys")),
        rehearsal_(log_.sub("clock")),
        partner_watch_(deployment_.partners) {}

  int run() {
    tasks_.spawn("signals", watch_signals());
    auto end = exit_failed;
    tasks_.spawn("main", main(end));
    context_.run();
    return end;
  }

 private:
  asio::awaitable<void> main(exit_code& end) {
    auto served = co_await serve();
    if (served && failed_) served = std::unexpected(*failed_);
    const bool stopped_early = !served && served.error().code == errc::cancelled;
    if (!served && !stopped_early) {
      fmt::print(stderr, "hotline: {}\n", served.error().detail);
      log_.error("ended reason=\"{}\"", to_string(served.error()));
    }
    end = served || stopped_early ? exit_ok : exit_failed;
    stopping_.raise();
    co_await stop();
    signals_.cancel();
  }

  asio::awaitable<result<void>> serve() {
    const auto owned = options_.services ? when_owned::join : when_owned::refuse;
    if (auto ok = co_await redis_.open(owned, stopping_); !ok) co_return ok;
    if (auto ok = co_await check_data(); !ok) co_return ok;
    if (auto ok = co_await keys_.open(*client_); !ok) co_return ok;
    if (auto ok = co_await open_clock(); !ok) co_return ok;
    if (auto ok = take_slots(); !ok) co_return ok;
    if (auto ok = co_await record_config(); !ok) co_return ok;
    make_access();
    // The threads only look their partner up.
    for (const auto& one : deployment_.partners.all())
      counters_.partners.try_emplace(std::string(one.name()));
    if (auto ok = start_audit(); !ok) co_return ok;
    start_workers();
    start_transfer();
    if (auto ok = co_await start_gateway(); !ok) co_return ok;
    tasks_.spawn("guard", keep_guarding());
    tasks_.spawn("floor", keep_floor());
    tasks_.spawn("keys", keys_.follow(*client_, guard_->data_set(), stopping_));
    if (options_.rehearsal) tasks_.spawn("clock", rehearsal_.follow(*client_, stopping_));
    print_where();
    co_await print_first_step();
    co_await stopping_.wait();
    co_return result<void>{};
  }

  redis::client_options client_options() const {
    redis::client_options made;
    made.who = redis_.who();
    const auto timeout = deployment_.settings().redis().command_timeout_ms();
    if (timeout > 0) made.command_timeout = milliseconds(timeout);
    return made;
  }

  redis::exec_function exec() {
    return [this](redis::command c) { return client_->exec(std::move(c)); };
  }

  /// The start-up guard, and the groups of all readers: before the first event can be trimmed.
  asio::awaitable<result<void>> check_data() {
    auto options = client_options();
    options.who.client_name = "hotline-main";
    client_ = std::make_unique<redis::client>(context_.get_executor(), redis_.where(), options,
                                              log_.sub("redis"));
    client_->start();
    stopping_.on_raise([this] {
      if (!guard_started_) client_->stop();
    });
    if (auto ok = co_await client_->wait_connected(steady_now() + connect_limit); !ok) co_return ok;
    store::guard_options wanted;
    wanted.state_file = (options_.data / "data_set.state").string();
    wanted.mode = options_.rehearsal ? store::data_set_mode::rehearsal : store::data_set_mode::live;
    wanted.shards = deployment_.shards();
    wanted.replicas_min = deployment_.settings().redis().replicas_min();
    guard_ = std::make_unique<store::guard>(std::move(wanted), floor_, log_.sub("guard"));
    if (auto ok = co_await guard_->start(exec()); !ok) co_return ok;
    guard_started_ = true;
    if (auto ok = co_await prepare_lanes(); !ok) co_return ok;
    if (deployment_.partners.all().empty()) co_return co_await leave_transfer_group();
    for (const auto& shard : deployment_.shards()) {
      const auto made = co_await store::ensure_group(*client_, shard, transfer_group);
      if (!made) co_return made;
    }
    counters_.streams.groups[transfer_group];
    co_return result<void>{};
  }

  asio::awaitable<result<void>> prepare_lanes() {
    for (const auto& shard : deployment_.shards()) {
      for (const auto name : domain::reaction_lanes) {
        const std::string lane(name);
        const auto made = co_await store::open_lane(*client_, shard, lane);
        if (!made) co_return pass(made);
        if (*made > 0) {
          log_.info("unread events moved to a lane shard={} lane={} count={}", shard, lane, *made);
        }
      }
    }
    co_return result<void>{};
  }

  /// The last partner was taken out of service: what it was not told of is not told to anybody.
  asio::awaitable<result<void>> leave_transfer_group() {
    for (const auto& shard : deployment_.shards()) {
      const auto left = co_await store::drop_group(*client_, shard, transfer_group);
      if (!left) co_return pass(left);
      if (*left) log_.warn("no partner is active: reader group removed shard={}", shard);
    }
    co_return result<void>{};
  }

  asio::awaitable<result<void>> open_clock() {
    if (!options_.rehearsal) co_return result<void>{};
    co_return co_await rehearsal_.open(*client_, options_.start_at, options_.rate);
  }

  result<void> take_slots() {
    const std::array wanted{
        std::pair{"dispatch", services_.dispatch}, std::pair{"escalation", services_.escalation},
        std::pair{"sla", services_.sla}, std::pair{"transfer", services_.transfer}};
    for (const auto& [name, runs] : wanted) {
      if (!runs) continue;
      auto slot = runtime::instance_slot::take(options_.data, name);
      if (!slot) return pass(slot);
      slots_.emplace(name, *std::move(slot));
    }
    return {};
  }

  const clock& now() {
    if (options_.rehearsal) return rehearsal_.now();
    return wall_clock_;
  }

  void make_access() {
    access_ = make_store_access(redis_.where(), client_options(), *guard_, floor_, deployment_,
                                now(), keys_.source());
  }

  /// Before anything is served by it.
  asio::awaitable<result<void>> record_config() {
    co_return co_await record_configuration(*client_, guard_->data_set(), options_.config,
                                            deployment_.files, now());
  }

  result<void> start_audit() {
    if (!services_.audit) return {};
    auto key = open_signing_key(deployment_.settings().audit(), options_.data);
    if (!key) return pass(key);
    audit_setup_.reset(new audit_setup{*access_, deployment_.settings().audit(), options_.data,
                                       deployment_.shards(), *std::move(key), counters_.audit});
    start_thread(auditors_, "audit",
                 [this](runtime::service_thread& self) { return run_audit(self, *audit_setup_); });
    return {};
  }

  void start_workers() {
    if (!services_.any_worker()) return;
    worker_setup_.reset(new worker_setup{*access_, deployment_.settings(), deployment_.shards(),
                                         slots_, counters_, options_.rehearsal,
                                         sla::terms_of_time(deployment_.config)});
    if (options_.worker_threads <= 1) return start_worker("worker", services_);
    if (services_.dispatch) start_worker("dispatch", {.dispatch = true});
    if (services_.escalation) start_worker("escalation", {.escalation = true});
    if (services_.sla) start_worker("sla", {.sla = true});
  }

  void start_worker(const char* name, service_set services) {
    start_thread(workers_, name, [this, services](runtime::service_thread& self) {
      return run_workers(self, *worker_setup_, services);
    });
  }

  /// Without partners there is nobody to exchange anything with.
  void start_transfer() {
    if (!services_.transfer || deployment_.partners.all().empty()) return;
    const auto& settings = deployment_.settings();
    transfer_setup_.reset(new transfer_setup{*access_, settings, deployment_.partners,
                                             partner_secrets(settings.transfer(), options_.data),
                                             options_.data, deployment_.shards(),
                                             slots_.at("transfer"), counters_});
    start_thread(workers_, "transfer", [this](runtime::service_thread& self) {
      return run_transfer(self, *transfer_setup_);
    });
  }

  using threads = std::vector<std::unique_ptr<runtime::service_thread>>;

  void start_thread(threads& list, const char* name, runtime::service_thread::thread_body body) {
    auto& made = *list.emplace_back(
        std::make_unique<runtime::service_thread>(name, counters_.tasks, log_.sub(name)));
    made.start(std::move(body), [this](result<void> end) {
      asio::post(context_, [this, end] {
        if (!end && !failed_) failed_ = end.error();
        // A thread that ends before it is asked to takes the program with it: better restarted as
        // a whole than half alive.
        stopping_.raise();
      });
    });
  }

  asio::awaitable<result<void>> start_gateway() {
    if (!services_.gateway) co_return result<void>{};
    auto settings = deployment_.settings().gateway();
    if (options_.port) settings.set_port(*options_.port);
    auto listening = gateway::listen_options(settings);
    if (!listening) co_return pass(listening);
    const int count = std::max(settings.threads(), 1);
    listening->reuse_port = count > 1;
    listening->budget = std::make_shared<net::connection_budget>(
        listening->connections_max, listening->connections_per_peer_max);
    address_ = listening->address;
    add_metrics(metrics_, counters_,
                [this] { return static_cast<double>(redis_restarts_.load()); });
    partner_watch_.show_in(metrics_);
    if (!deployment_.partners.all().empty()) tasks_.spawn("partners", watch_partners());
    const auto& live = deployment_.settings().live();
    if (live.frozen_ms() > 0) listening->sockets.write_deadline = milliseconds(live.frozen_ms());
    const live_setup pushed{live, counters_.live,
                            std::make_shared<net::connection_budget>(
                                listening->connections_max, gateway::live::sockets_per_user(live))};
    const auto limits = gateway::upload_limits_of(settings);
    if (!limits) co_return pass(limits);
    const upload_setup files{limits->file_bytes_max, std::make_shared<net::connection_budget>(
                                                         limits->at_once, limits->of_one_user)};
    auto people = identity_host::open(deployment_.settings(), options_.data);
    if (!people) co_return pass(people);
    identity_ = *std::move(people);
    gateway_setup_.reset(
        new gateway_setup{*access_, metrics_, pushed, deployment_.settings().refusals(),
                          options_.rehearsal ? &rehearsal_ : nullptr, *identity_,
                          partners_of_gateway(), deployment_.settings().intake(), files});
    for (int i = 0; i < count; ++i) {
      start_thread(gateways_, "gateway", [this, options = *listening](auto& self) {
        return run_gateway(self, *gateway_setup_, options,
                           [this](std::uint16_t port) { port_ = port; });
      });
      // The first one finds the port the others share.
      while (port_ == 0 && !stopping_.raised()) co_await stopping_.sleep_for(poll_interval);
      listening->port = port_;
    }
    co_return result<void>{};
  }

  partner_setup partners_of_gateway() {
    return {deployment_.partners, partner_secrets(deployment_.settings().transfer(), options_.data),
            counters_.partners, counters_.feeds,
            attachments_directory(deployment_.settings().transfer(), options_.data)};
  }

  asio::awaitable<void> watch_partners() {
    do {
      const auto seen = co_await partner_watch_.look(*client_, guard_->data_set(), now());
      if (!seen) log_.warn("partners not looked at reason=\"{}\"", to_string(seen.error()));
    } while (co_await stopping_.sleep_for(partners_interval));
  }

  asio::awaitable<void> keep_guarding() {
    while (co_await stopping_.sleep_for(guard_interval)) {
      const auto good = co_await guard_->check(exec());
      if (!good) log_.error("the guard objects reason=\"{}\"", to_string(good.error()));
      if (redis_.embedded()) redis_restarts_ = redis_.embedded()->restarts();
    }
  }

  asio::awaitable<void> keep_floor() {
    while (co_await stopping_.sleep_for(floor_interval)) save_floor();
  }

  void save_floor() {
    const auto saved = guard_->save_floor();
    if (!saved) log_.error("commit numbers not saved reason=\"{}\"", to_string(saved.error()));
  }

  void print_where() {
    if (services_.gateway) {
      const bool v6 = address_.find(':') != std::string::npos;
      fmt::print("12351 热线已启动 http://{}:{}\n", v6 ? fmt::format("[{}]", address_) : address_,
                 port_.load());
    } else {
      fmt::print("12351 热线已启动（本进程不含网关）\n");
    }
    fmt::print("  服务 {}\n  数据 {}{}\n  配置 {}\n", to_string(services_),
               std::filesystem::absolute(options_.data).string(),
               redis_.owns() ? "" : "（加入已有进程）",
               std::filesystem::absolute(options_.config).string());
    if (options_.rehearsal) {
      std::string at;
      append_rfc3339(at, rehearsal_.now().now());
      fmt::print("  【演练】时间 {}，倍率 {}：本数据目录只用于演练\n", at, rehearsal_.now().rate());
    }
    for (const auto& warning : exchange::partner_warnings(deployment_.config)) {
      log_.warn("partner warning=\"{}\"", warning);
      fmt::print("  【注意】{}\n", warning);
    }
    std::fflush(stdout);
  }

  /// A fresh installation has nobody who could sign in, and no password that was there before.
  asio::awaitable<void> print_first_step() {
    if (!services_.gateway) co_return;
    store::people_store people(*client_, floor_, access_->options);
    const auto count = co_await people.count_users();
    if (!count || *count > 0) co_return;
    fmt::print(
        "  还没有用户：用 hotline user add 用户名 --name 姓名 --first-administrator "
        "建立安全管理员\n");
    std::fflush(stdout);
  }

  asio::awaitable<void> watch_signals() {
    const auto [bad, number] = co_await signals_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (bad) co_return;
    log_.info("stopping signal={}", number);
    stopping_.raise();
    const auto [cancelled, again] =
        co_await signals_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (cancelled) co_return;
    log_.warn("ended at once by a second signal={}", again);
    // What was acknowledged is on disk; the rest is what a crash leaves, and that is prepared for.
    std::_Exit(exit_forced);
  }

  /// First the door, then those who work behind it, then Redis.
  asio::awaitable<void> stop() {
    co_await end_threads(gateways_);
    co_await end_threads(workers_);
    co_await end_threads(auditors_);  // seals what the others did last
    while (tasks_.running() > own_tasks) co_await tasks_.wait_idle(poll_interval);
    if (guard_started_) save_floor();
    if (client_) client_->stop();
    co_await redis_.close();
    log_.info("stopped");
  }

  /// Waits without blocking this thread, so that a second signal is heard.
  asio::awaitable<void> end_threads(threads& list) {
    for (auto& one : list) one->stop();
    asio::steady_timer pause(context_);
    while (std::ranges::any_of(list, [](const auto& one) { return !one->ended(); })) {
      pause.expires_after(poll_interval);
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    list.clear();
  }

  static constexpr std::size_t own_tasks = 2;  // main and signals

  serve_options options_;
  deployment deployment_;
  logger log_;
  service_set services_;
  asio::io_context context_{1};
  asio::signal_set signals_{context_, SIGINT, SIGTERM};
  runtime::stop_signal stopping_;
  service_counters counters_;
  runtime::task_group tasks_;
  store::commit_floor floor_;
  redis_host redis_;
  std::unique_ptr<redis::client> client_;
  std::unique_ptr<store::guard> guard_;
  bool guard_started_ = false;
  key_keeper keys_;
  wall_clock wall_clock_;
  rehearsal_clock rehearsal_;
  std::map<std::string, runtime::instance_slot> slots_;
  partner_watch partner_watch_;
  gateway::metrics metrics_;
  std::atomic<std::uint64_t> redis_restarts_{0};
  std::unique_ptr<runtime::store_access> access_;
  std::unique_ptr<worker_setup> worker_setup_;
  std::unique_ptr<identity_host> identity_;
  std::unique_ptr<audit_setup> audit_setup_;
  std::unique_ptr<transfer_setup> transfer_setup_;
  std::unique_ptr<gateway_setup> gateway_setup_;
  std::string address_;
  std::atomic<std::uint16_t> port_{0};
  std::optional<failure> failed_;
  threads auditors_;
  threads workers_;
  threads gateways_;
};

}  // namespace

int serve(const serve_options& options) {
  auto ready = load_deployment(options.config);
  if (!ready) return exit_found;
  const auto level = options.log_level.empty() ? ready->settings().log_level() : options.log_level;
  const logger log(make_log(level), "hotline");
  server_process process(options, *std::move(ready), log);
  return process.run();
}

}  // namespace hotline::program
