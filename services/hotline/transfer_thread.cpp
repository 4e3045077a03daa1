#include "services/hotline/transfer_thread.hpp"

#include <deque>
#include <fstream>
#include <memory>
#include <optional>

#include "common/store/attachment_store.hpp"
#include "services/hotline/service_set.hpp"
#include "services/transfer/attachment_fetcher.hpp"
#include "services/transfer/feed_worker.hpp"
#include "services/transfer/partner_link.hpp"
#include "services/transfer/puller.hpp"
#include "services/transfer/reconcilers.hpp"
#include "services/transfer/telling_service.hpp"

namespace hotline::program {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr milliseconds connect_limit{5'000};
constexpr milliseconds retry_start{1'000};
constexpr std::size_t own_tasks = 1;  // the body itself

/// What partners tell us is applied, each partner's by itself.
class feed_workers {
 public:
  feed_workers(transfer::partner_links& links, runtime::store_kit& kit, const transfer_setup& setup,
               runtime::service_thread& self) {
    const auto options = transfer::feed_worker_options_of(setup.settings.transfer());
    for (const auto& link : links.all()) {
      if (!link->partner.config().has_inbound()) continue;
      workers_.emplace_back(*link, kit, setup.access.province, setup.access.now, options,
                            self.tasks(), self.context().get_executor(), self.log());
    }
  }
  void start(runtime::service_thread& self) {
    for (auto& one : workers_) self.spawn("feed", one.run(self.stopping()));
  }

 private:
  std::deque<transfer::feed_worker> workers_;
};

/// Partners that are asked for what is new.
class pullers {
 public:
  pullers(transfer::partner_links& links, runtime::store_kit& kit, const transfer_setup& setup,
          runtime::service_thread& self) {
    for (const auto& link : links.all()) {
      if (!link->partner.config().inbound().has_pull()) continue;
      runtime::feed_intake intake(link->partner, link->feed, kit.numbers, setup.access.province);
      pullers_.emplace_back(self.context(), *link, std::move(intake), setup.secrets,
                            setup.access.now, transfer::puller_options(), self.log().sub("pull"));
    }
  }
  void start(runtime::service_thread& self) {
    for (auto& one : pullers_) self.spawn("pull", one.run(self.stopping()));
  }

 private:
  std::deque<transfer::puller> pullers_;
};

/// The reader of the events partners are told of.
runtime::reactor_options reader_options(const transfer_setup& setup) {
  runtime::reactor_options options;
  options.group = transfer_group;
  options.consumer = setup.slot.consumer();
  options.shards = setup.shards;
  options.where = setup.access.where;
  options.who = setup.access.client.who;
  options.who.client_name = "hotline-transfer";
  return options;
}

transfer::telling_parts telling_parts_of(runtime::service_thread& self, const transfer_setup& setup,
                                         transfer::partner_links& links, runtime::store_kit& kit,
                                         const store::attachment_store& files) {
  return {.context = self.context(),
          .partners = links,
          .kit = kit,
          .access = setup.access,
          .secrets = setup.secrets,
          .files = files,
          .poll = milliseconds(setup.settings.transfer().poll_ms()),
          .reader = reader_options(setup),
          .reader_counters = setup.counters.transfer_reader,
          .tasks = setup.counters.tasks,
          .log = self.log().sub("telling")};
}

using fetchers = std::vector<std::unique_ptr<transfer::attachment_fetcher>>;

fetchers make_fetchers(runtime::service_thread& self, const transfer_setup& setup,
                       transfer::partner_links& links, runtime::store_kit& kit,
                       const store::attachment_store& files) {
  fetchers made;
  for (const auto& link : links.all()) {
    if (!link->partner.config().has_inbound()) continue;
    made.push_back(std::make_unique<transfer::attachment_fetcher>(
        self.context(), *link, kit, files, setup.secrets, setup.access.now,
        transfer::fetcher_options{}, setup.counters.tasks, self.log().sub("files")));
  }
  return made;
}

}  // namespace

asio::awaitable<bool> adopt_partners(transfer::partner_links& links,
                                     runtime::service_thread& self) {
  while (!self.stopping().raised()) {
    const auto adopted = co_await links.adopt();
    if (adopted) co_return true;
    self.log().warn("cannot begin reason=\"{}\"", to_string(adopted.error()));
    co_await self.stopping().sleep_for(retry_start);
  }
  co_return false;
}

fs::path attachments_directory(const v1::TransferSettings& settings, const fs::path& data) {
  return settings.attachments_directory().empty() ? data / "attachments"
                                                  : fs::path(settings.attachments_directory());
}

exchange::secret_source partner_secrets(const v1::TransferSettings& settings,
                                        const fs::path& data) {
  auto directory = settings.secrets_directory().empty() ? data / "secrets"
                                                        : fs::path(settings.secrets_directory());
  return [directory = std::move(directory)](std::string_view file) -> std::optional<std::string> {
    std::ifstream from(directory / file);
    std::string secret;
    if (!std::getline(from, secret) || secret.empty()) return std::nullopt;
    return secret;
  };
}

asio::awaitable<result<void>> run_transfer(runtime::service_thread& self,
                                           const transfer_setup& setup) {
  runtime::store_kit kit(self.context().get_executor(), setup.access, "hotline-" + self.name(),
                         self.log());
  transfer::partner_links links(setup.partners, kit, setup.access, setup.counters.partners);
  const store::attachment_store files(attachments_directory(setup.settings.transfer(), setup.data));
  transfer::telling_service telling(telling_parts_of(self, setup, links, kit, files));
  const auto fetching = make_fetchers(self, setup, links, kit, files);
  transfer::reconcilers comparing({.context = self.context(),
                                   .links = links,
                                   .kit = kit,
                                   .access = setup.access,
                                   .secrets = setup.secrets,
                                   .log = self.log().sub("reconcile")});
  co_await kit.redis.wait_connected(steady_now() + connect_limit);
  feed_workers feeds(links, kit, setup, self);
  pullers pulled(links, kit, setup, self);
  if (co_await adopt_partners(links, self)) {
    telling.start(self.tasks(), self.stopping());
    feeds.start(self);
    pulled.start(self);
    comparing.start(self.tasks(), self.stopping());
    for (const auto& one : fetching) self.spawn("files", one->run(self.stopping()));
    co_await self.stopping().wait();
  }
  while (self.tasks().running() > own_tasks) co_await self.tasks().wait_idle(milliseconds(10));
  kit.redis.stop();
  co_return result<void>{};
}

}  // namespace hotline::program
