#include "services/hotline/transfer_thread.hpp"

#include <deque>
#include <fstream>
#include <optional>

#include "common/store/attachment_store.hpp"
#include "services/hotline/service_set.hpp"
#include "services/transfer/partner_link.hpp"
#include "services/transfer/reconcilers.hpp"
#include "services/transfer/taking_service.hpp"
#include "services/transfer/telling_service.hpp"

namespace hotline::program {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr milliseconds connect_limit{5'000};
constexpr milliseconds retry_start{1'000};
constexpr std::size_t own_tasks = 1;  // the body itself

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

transfer::taking_parts taking_parts_of(runtime::service_thread& self, const transfer_setup& setup,
                                       transfer::partner_links& links, runtime::store_kit& kit,
                                       const store::attachment_store& files) {
  return {.context = self.context(),
          .partners = links,
          .kit = kit,
          .access = setup.access,
          .secrets = setup.secrets,
          .files = files,
          .settings = setup.settings.transfer(),
          .tasks = setup.counters.tasks,
          .log = self.log().sub("taking")};
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
  transfer::taking_service taking(taking_parts_of(self, setup, links, kit, files));
  transfer::reconcilers comparing({.context = self.context(),
                                   .links = links,
                                   .kit = kit,
                                   .access = setup.access,
                                   .secrets = setup.secrets,
                                   .log = self.log().sub("reconcile")});
  co_await kit.redis.wait_connected(steady_now() + connect_limit);
  if (co_await adopt_partners(links, self)) {
    telling.start(self.tasks(), self.stopping());
    taking.start(self.tasks(), self.stopping());
    comparing.start(self.tasks(), self.stopping());
    co_await self.stopping().wait();
  }
  while (self.tasks().running() > own_tasks) co_await self.tasks().wait_idle(milliseconds(10));
  kit.redis.stop();
  co_return result<void>{};
}

}  // namespace hotline::program
