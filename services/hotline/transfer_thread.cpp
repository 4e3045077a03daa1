#include "services/hotline/transfer_thread.hpp"

#include <deque>
#include <fstream>
#include <optional>

#include "services/transfer/feed_worker.hpp"

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
  co_await kit.redis.wait_connected(steady_now() + connect_limit);
  feed_workers feeds(links, kit, setup, self);
  if (co_await adopt_partners(links, self)) {
    feeds.start(self);
    co_await self.stopping().wait();
  }
  while (self.tasks().running() > own_tasks) co_await self.tasks().wait_idle(milliseconds(10));
  kit.redis.stop();
  co_return result<void>{};
}

}  // namespace hotline::program
