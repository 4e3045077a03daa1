#include "services/hotline/gateway_thread.hpp"

#include <utility>

#include "services/gateway/gateway.hpp"

namespace hotline::program {

namespace asio = boost::asio;

namespace {

constexpr milliseconds finish_limit{5'000};
constexpr milliseconds connect_limit{5'000};

gateway::gateway_parts parts_of(runtime::store_kit& kit, const gateway_setup& setup,
                                const logger& log) {
  gateway::gateway_parts parts{.runner = kit.runner,
                               .tickets = kit.tickets,
                               .queues = kit.queues,
                               .index = kit.index,
                               .province = setup.access.province,
                               .now = setup.access.now,
                               .counts = setup.counts,
                               .log = log,
                               .ready = [&kit] { return kit.redis.connected(); }};
  if (auto* rehearsal = setup.rehearsal) {
    parts.rehearsal_clock = &rehearsal->now();
    parts.share_clock = [rehearsal, &kit](instant then, double rate) {
      return rehearsal->share(kit.redis, then, rate);
    };
  }
  return parts;
}

}  // namespace

asio::awaitable<result<void>> run_gateway(runtime::service_thread& self, const gateway_setup& setup,
                                          net::server_options options,
                                          std::function<void(std::uint16_t)> listening) {
  runtime::store_kit kit(self.context().get_executor(), setup.access, "hotline-" + self.name(),
                         self.log());
  gateway::gateway door(parts_of(kit, setup, self.log()));
  net::http_server server(
      self.context(), std::move(options),
      [&door](net::request request) { return door.handle(std::move(request)); }, self.log());
  if (const auto bound = server.listen(); !bound) co_return bound;
  // So that the first request is not answered 503; without Redis /readyz says so.
  co_await kit.redis.wait_connected(steady_now() + connect_limit);
  listening(server.port());
  server.start();
  co_await self.stopping().wait();
  co_await server.stop(finish_limit);
  kit.redis.stop();
  co_return result<void>{};
}

}  // namespace hotline::program
