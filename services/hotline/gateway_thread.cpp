#include "services/hotline/gateway_thread.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "common/net/http_url.hpp"
#include "common/store/attachment_store.hpp"
#include "services/gateway/gateway.hpp"
#include "services/gateway/intake/captcha.hpp"
#include "services/gateway/intake/channel_rules.hpp"
#include "services/gateway/live/settings.hpp"
#include "services/gateway/sign_in.hpp"
#include "services/hotline/partner_health_kit.hpp"
#include "services/hotline/transfer_thread.hpp"

namespace hotline::program {

namespace asio = boost::asio;

namespace {

constexpr milliseconds finish_limit{5'000};
constexpr milliseconds connect_limit{5'000};
constexpr milliseconds captcha_patience{3'000};
constexpr milliseconds sweep_interval{60'000};
constexpr std::size_t swept_at_once = 500;
constexpr std::size_t own_tasks = 1;  // the body itself

/// Who is who, for one thread; made in the order in which they need each other.
struct identity_kit {
  identity_kit(runtime::store_kit& kit, const gateway_setup& setup, const logger& log)
      : host(setup.identity),
        people(kit.redis, setup.access.floor, setup.access.options),
        desk(people, host.pool, setup.access.province, host.options, host.real),
        who(people, host.options, host.real, host.tls, log),
        parts{.people = people,
              .pool = host.pool,
              .desk = desk,
              .options = host.options,
              .box = host.box,
              .real = host.real,
              .sessions = who.sessions(),
              .tls = host.tls} {}

  identity_host& host;
  store::people_store people;
  identity::user_desk desk;
  gateway::sign_in who;
  gateway::identity_parts parts;
};

/// The public channels of one thread.
struct intake_kit {
  intake_kit(boost::asio::io_context& context, runtime::store_kit& kit, const gateway_setup& setup)
      : limits(kit.redis, setup.access.options.data_set),
        parts{.settings = setup.intake, .limits = limits} {
    const auto service = net::parse_http_url(setup.intake.captcha_url());
    if (!service) return;
    const int patience = setup.intake.captcha_timeout_ms();
    check.emplace(context, *service,
                  patience > 0 ? std::chrono::milliseconds(patience) : captcha_patience);
    parts.check = &*check;
  }

  store::intake_limits limits;
  std::optional<gateway::captcha> check;
  gateway::intake_parts parts;
};

/// A right that was withdrawn is noticed here.
asio::awaitable<void> watch_rights(gateway::session_cache& sessions,
                                   runtime::stop_signal& stopping) {
  do {
    co_await sessions.poll();
  } while (co_await stopping.sleep_for(gateway::session_cache::poll_interval));
}

asio::awaitable<void> sweep_sessions(identity_kit& who, runtime::stop_signal& stopping,
                                     logger log) {
  while (co_await stopping.sleep_for(sweep_interval)) {
    const auto swept = co_await who.people.sweep_sessions(who.host.real.now(), swept_at_once);
    if (!swept) log.warn("ended sessions not swept reason=\"{}\"", to_string(swept.error()));
  }
}

gateway::live::feed_parts feed_parts_of(runtime::store_kit& kit, const gateway_setup& setup,
                                        std::shared_ptr<const gateway::cursor_seal> seal,
                                        const logger& log) {
  return {.redis = kit.redis,
          .tickets = kit.tickets,
          .board = kit.board,
          .index = kit.index,
          .province = setup.access.province,
          .seal = std::move(seal),
          .now = setup.access.now,
          .counts = setup.live.counts,
          .log = log.sub("live")};
}

/// A subscription that was refused, like a request that was.
asio::awaitable<void> note_refusal(gateway::refusals& refused, v1::Actor actor, net::problem p) {
  gateway::refused_request what{std::move(actor), {}, {}, "subscribe"};
  co_await refused.judge(std::move(what), std::move(p));
}

gateway::live_parts live_parts_of(gateway::live::feed& feed, const live_setup& setup) {
  gateway::live_parts parts;
  parts.feed = &feed;
  parts.per_user = setup.per_user;
  parts.origins.assign(setup.settings.origins().begin(), setup.settings.origins().end());
  return parts;
}

gateway::gateway_parts parts_of(runtime::store_kit& kit, identity_kit& who,
                                const gateway_setup& setup, gateway::live::feed& feed,
                                std::shared_ptr<const gateway::cursor_seal> seal,
                                const logger& log) {
  gateway::gateway_parts parts{.runner = kit.runner,
                               .tickets = kit.tickets,
                               .queues = kit.queues,
                               .index = kit.index,
                               .board = kit.board,
                               .province = setup.access.province,
                               .who = who.who,
                               .identity = &who.parts,
                               .now = setup.access.now,
                               .vault = kit.vault,
                               .counts = setup.counts,
                               .log = log,
                               .ready = [&kit] { return kit.redis.connected(); },
                               .live = live_parts_of(feed, setup.live)};
  parts.cursors = std::move(seal);
  if (auto* rehearsal = setup.rehearsal) {
    parts.rehearsal_clock = &rehearsal->now();
    parts.share_clock = [rehearsal, &kit](instant then, double rate) {
      return rehearsal->share(kit.redis, then, rate);
    };
  }
  return parts;
}

/// Until then nothing is taken from partners, and nothing compared.
asio::awaitable<void> take_up(transfer::partner_links& links, runtime::service_thread& self) {
  co_await adopt_partners(links, self);
}

gateway::partner_parts partner_parts_of(const transfer::partner_links& links,
                                        runtime::store_kit& kit, const gateway_setup& setup) {
  gateway::partner_parts parts{{}, setup.partners.secrets, setup.partners.taken_in};
  for (const auto& link : links.all()) {
    parts.desks.push_back(
        {link->feed,
         link->fetches,
         {link->partner, link->feed, kit.tickets, kit.numbers, setup.access.province}});
  }
  return parts;
}

}  // namespace

asio::awaitable<result<void>> run_gateway(runtime::service_thread& self, const gateway_setup& setup,
                                          net::server_options options,
                                          std::function<void(std::uint16_t)> listening) {
  runtime::store_kit kit(self.context().get_executor(), setup.access, "hotline-" + self.name(),
                         self.log());
  identity_kit who(kit, setup, self.log());
  store::audit_log audit(kit.redis, setup.access.options.data_set);
  gateway::refusals refused(audit, who.host.real, self.log(),
                            gateway::refusal_limits_of(setup.refusals));
  const auto seal = std::make_shared<const gateway::cursor_seal>(setup.access.options.data_set);
  auto feed_parts = feed_parts_of(kit, setup, seal, self.log());
  feed_parts.on_refused = [&self, &refused](const v1::Actor& actor, const net::problem& p) {
    if (gateway::is_about_rights(p)) self.spawn("refused", note_refusal(refused, actor, p));
  };
  gateway::live::feed feed(
      self.context().get_executor(), std::move(feed_parts),
      gateway::live::feed_options_of(setup.live.settings, setup.rehearsal != nullptr));
  auto parts = parts_of(kit, who, setup, feed, seal, self.log());
  parts.audit = &audit;
  parts.refused = &refused;
  parts.trusted_proxies = options.trusted_proxies;
  transfer::partner_links links(setup.partners.book, kit, setup.access, setup.partners.counters);
  auto partners = partner_parts_of(links, kit, setup);
  if (!partners.desks.empty()) parts.partners = &partners;
  partner_health_kit comparing({.context = self.context(),
                                .links = links,
                                .kit = kit,
                                .access = setup.access,
                                .secrets = setup.partners.secrets,
                                .log = self.log().sub("reconcile")});
  parts.partner_health = comparing.parts();
  intake_kit intake(self.context(), kit, setup);
  parts.intake = &intake.parts;
  for (const auto& link : links.all()) {
    parts.letters.push_back(
        {std::string(link->partner.name()), std::string(link->partner.unit()), link->queue});
  }
  const store::attachment_store files(setup.partners.attachments);
  parts.files = &files;
  const store::file_links file_links(setup.access.keys);
  parts.links = &file_links;
  const store::file_receipts receipts(setup.access.keys);
  const gateway::upload_parts uploads{.receipts = receipts,
                                      .file_bytes_max = setup.uploads.file_bytes_max,
                                      .room = setup.uploads.room};
  parts.uploads = &uploads;
  gateway::gateway door(std::move(parts));
  options.route_body_limit = [&door, others_max = options.body_bytes_max](net::method verb,
                                                                          std::string_view path) {
    return door.body_rule(verb, path, others_max);
  };
  options.gate = [&door](net::request head) { return door.admit_body(std::move(head)); };
  net::http_server server(
      self.context(), std::move(options),
      [&door](net::request request) { return door.handle(std::move(request)); }, self.log());
  if (const auto bound = server.listen(); !bound) co_return bound;
  // So that the first request is not answered 503; without Redis /readyz says so.
  co_await kit.redis.wait_connected(steady_now() + connect_limit);
  self.spawn("partners", take_up(links, self));
  self.spawn("rights", watch_rights(who.who.sessions(), self.stopping()));
  self.spawn("sessions", sweep_sessions(who, self.stopping(), self.log()));
  listening(server.port());
  server.start();
  self.spawn("live", feed.follow());
  self.spawn("live watch", feed.watch());
  co_await self.stopping().wait();
  feed.stop();
  comparing.stop();
  co_await server.stop(finish_limit);
  kit.redis.stop();
  // They work with locals of ours.
  while (self.tasks().running() > own_tasks) co_await self.tasks().wait_idle(milliseconds(10));
  co_return result<void>{};
}

}  // namespace hotline::program
