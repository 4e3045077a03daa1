#include "services/hotline/worker_thread.hpp"

#include <memory>
#include <utility>

#include "common/domain/reaction.hpp"
#include "common/runtime/request_housekeeping.hpp"
#include "common/store/timers.hpp"
#include "services/dispatch/dispatcher.hpp"
#include "services/dispatch/merge_keeper.hpp"
#include "services/escalation/escalator.hpp"
#include "services/sla/recalculator.hpp"
#include "services/sla/sla_service.hpp"

namespace hotline::program {

namespace asio = boost::asio;

namespace {

constexpr milliseconds housekeeping_interval{5'000};
constexpr milliseconds requests_interval{3'600'000};
constexpr int requests_hours = 48;
// Per shard, for open pages that lost their connection.
constexpr std::size_t events_kept = 2'000;
constexpr milliseconds retry_start{1'000};
constexpr milliseconds end_limit{20'000};
constexpr milliseconds connect_limit{5'000};
// Deadlines fire together, and so do their escalations: read together they cost less. A breach that
// waits a moment longer is still far ahead of anybody who acts on it.
constexpr milliseconds escalation_gather{100};
// Tickets that wait for their escalation while many deadlines fire at once: some 4 KB each.
constexpr std::size_t recent_max = 8192;

std::size_t or_default(std::int32_t set, std::size_t otherwise) {
  return set > 0 ? static_cast<std::size_t>(set) : otherwise;
}

runtime::reactor_options reactor_options_of(const worker_setup& setup, const std::string& service,
                                            const v1::WorkerSettings& settings) {
  runtime::reactor_options options;
  options.group = service;
  options.consumer = setup.slots.at(service).consumer();
  options.shards = setup.shards;
  options.where = setup.access.where;
  options.who = setup.access.client.who;
  options.who.client_name = "hotline-" + service;
  options.batch_max = or_default(settings.batch_max(), options.batch_max);
  if (settings.claim_idle_ms() > 0) options.claim_idle = milliseconds(settings.claim_idle_ms());
  if (settings.deliveries_max() > 0) options.deliveries_max = settings.deliveries_max();
  if (service == "escalation") options.gather = escalation_gather;
  return options;
}

/// Runs a reactor until the end; it cannot begin while Redis is away.
asio::awaitable<void> keep_reacting(runtime::reactor& reactor, runtime::stop_signal& stopping,
                                    const logger& log) {
  while (!stopping.raised()) {
    const auto end = co_await reactor.run(stopping);
    if (end) co_return;
    log.warn("cannot begin to read events reason=\"{}\"", to_string(end.error()));
    co_await stopping.sleep_for(retry_start);
  }
}

/// What one worker thread is made of, in the order in which the parts need each other.
class worker {
 public:
  worker(runtime::service_thread& self, const worker_setup& setup)
      : self_(self),
        setup_(setup),
        kit_(self.context().get_executor(), setup.access, "hotline-" + self.name(), self.log()),
        round_(setup.access.now.now()),
        round_runner_(kit_.tickets, kit_.numbers, round_, setup.access.province, kit_.vault,
                      &recent_),
        chain_runner_(kit_.tickets, kit_.numbers, setup.access.now, setup.access.province,
                      kit_.vault, &recent_),
        timers_(kit_.redis, runtime::shards_of(setup.access.province)),
        index_(kit_.redis, runtime::shards_of(setup.access.province)) {}

  void start_dispatch() {
    const auto log = self_.log().sub("dispatch");
    dispatcher_ =
        std::make_unique<dispatch::dispatcher>(kit_.tickets, kit_.runner, setup_.access.province,
                                               setup_.access.now, setup_.counters.dispatch, log);
    merges_ = std::make_unique<dispatch::merge_keeper>(kit_.tickets, kit_.runner,
                                                       setup_.counters.merges, log);
    react(
        domain::dispatch_lane, setup_.settings.dispatch(),
        [this](const v1::Event& event) { return dispatch_or_keep(event); },
        setup_.counters.dispatch_reader, log);
  }

  void start_escalation() {
    const auto log = self_.log().sub("escalation");
    escalator_ =
        std::make_unique<escalation::escalator>(chain_runner_, setup_.counters.escalation, log);
    react(
        domain::escalation_lane, setup_.settings.escalation(),
        [this](const v1::Event& event) { return escalator_->handle(event); },
        setup_.counters.escalation_reader, log);
  }

  void start_sla() {
    sla::sla_options options;
    options.batch_max = or_default(setup_.settings.sla().batch_max(), options.batch_max);
    options.rehearsal = setup_.rehearsal;
    sla_ = std::make_unique<sla::sla_service>(
        timers_, kit_.tickets, round_runner_, setup_.access.now, round_, options,
        setup_.counters.sla, setup_.counters.tasks, self_.log().sub("sla"));
    self_.spawn("sla", sla_->run(self_.stopping()));
    sla::recalculator_options terms;
    terms.terms = setup_.terms_of_time;
    terms.consumer = setup_.slots.at("sla").consumer();
    recalculator_ = std::make_unique<sla::recalculator>(
        kit_.redis, index_, kit_.runner, std::move(terms), setup_.counters.recalculation,
        self_.log().sub("recalculation"));
    self_.spawn("recalculation", recalculator_->run(self_.stopping()));
  }

  void start_housekeeping() {
    const auto kept =
        static_cast<std::int64_t>(or_default(setup_.settings.live().keep_events(), events_kept));
    self_.spawn("housekeeping",
                runtime::keep_streams(kit_.redis, setup_.access.options.data_set, setup_.shards,
                                      housekeeping_interval, kept, setup_.counters.streams,
                                      self_.stopping(), self_.log().sub("streams")));
    const auto set = setup_.settings.idempotency_hours();
    self_.spawn("requests", runtime::keep_requests(
                                kit_.redis, std::chrono::hours(set > 0 ? set : requests_hours),
                                requests_interval, setup_.access.now, self_.stopping(),
                                self_.log().sub("requests")));
  }

  redis::client& redis() { return kit_.redis; }

 private:
  /// A ticket that was parted from its main one is both: taken off a list, and to be dispatched.
  asio::awaitable<runtime::handled> dispatch_or_keep(const v1::Event& event) {
    if (domain::calls_for_merge_care(event)) {
      const auto kept = co_await merges_->handle(event);
      if (kept != runtime::handled::done) co_return kept;
    }
    if (!domain::calls_for_dispatch(event)) co_return runtime::handled::done;
    co_return co_await dispatcher_->handle(event);
  }

  void react(std::string_view lane, const v1::WorkerSettings& settings,
             runtime::reactor::handler handle, runtime::reactor_counters& counters,
             const logger& log) {
    auto options = reactor_options_of(setup_, std::string(lane), settings);
    options.lane = lane;
    auto wants = [lane](const v1::Event& event) { return domain::concerns(lane, event); };
    auto& made = *reactors_.emplace_back(std::make_unique<runtime::reactor>(
        self_.context().get_executor(), kit_.redis, std::move(options), std::move(wants),
        std::move(handle), counters, setup_.counters.tasks, log));
    self_.spawn("reactor", keep_reacting(made, self_.stopping(), self_.log()));
  }

  runtime::service_thread& self_;
  const worker_setup& setup_;
  runtime::store_kit kit_;
  sla::round_clock round_;
  store::recent_tickets recent_{recent_max};
  store::command_runner round_runner_;  // of the deadlines that fire together
  store::command_runner chain_runner_;  // of what follows from them
  store::timers timers_;
  store::index_reader index_;
  std::unique_ptr<dispatch::dispatcher> dispatcher_;
  std::unique_ptr<dispatch::merge_keeper> merges_;
  std::unique_ptr<escalation::escalator> escalator_;
  std::unique_ptr<sla::sla_service> sla_;
  std::unique_ptr<sla::recalculator> recalculator_;
  std::vector<std::unique_ptr<runtime::reactor>> reactors_;
};

}  // namespace

asio::awaitable<result<void>> run_workers(runtime::service_thread& self, const worker_setup& setup,
                                          service_set services) {
  worker all(self, setup);
  // Everything below bears a Redis that is away; this only spares the log its complaints at start.
  co_await all.redis().wait_connected(steady_now() + connect_limit);
  if (services.dispatch) all.start_dispatch();
  if (services.escalation) all.start_escalation();
  if (services.sla) all.start_sla();
  if (services.dispatch || services.escalation) all.start_housekeeping();
  co_await self.stopping().wait();
  // The body itself is one of the tasks.
  const auto deadline = steady_now() + end_limit;
  while (self.tasks().running() > 1 && steady_now() < deadline) {
    co_await self.tasks().wait_idle(milliseconds(20));
  }
  if (self.tasks().running() > 1) {
    self.log().error("tasks still run at the end; ending Redis under them");
  }
  all.redis().stop();
  while (self.tasks().running() > 1) co_await self.tasks().wait_idle(milliseconds(20));
  co_return result<void>{};
}

}  // namespace hotline::program
