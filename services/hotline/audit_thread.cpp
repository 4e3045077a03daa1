#include "services/hotline/audit_thread.hpp"

#include <utility>

#include "common/crypto/key_file.hpp"
#include "common/store/keys.hpp"

namespace hotline::program {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr milliseconds connect_limit{5'000};

template <class Target>
void set_if(std::int32_t given, Target& target) {
  if (given > 0) target = Target(given);
}

audit::sealer_options sealer_options_of(const audit_setup& setup) {
  audit::sealer_options options;
  options.data_set = setup.access.options.data_set;
  options.shards = setup.shards;
  options.shards.emplace_back(store::people_shard);
  if (setup.settings.hash() != v1::HASH_SUITE_UNSPECIFIED) options.hash = setup.settings.hash();
  set_if(setup.settings.seal_interval_ms(), options.interval);
  if (setup.settings.heads_interval_s() > 0)
    options.keep_interval = std::chrono::seconds(setup.settings.heads_interval_s());
  return options;
}

}  // namespace

fs::path audit_directory(const v1::AuditSettings& settings, const fs::path& data) {
  return settings.directory().empty() ? data / "audit" : fs::path(settings.directory());
}

fs::path heads_path(const v1::AuditSettings& settings, const fs::path& data) {
  if (!settings.heads_file().empty()) return settings.heads_file();
  return audit_directory(settings, data) / "heads.jsonl";
}

fs::path signing_key_path(const v1::AuditSettings& settings, const fs::path& data) {
  return settings.key_file().empty() ? data / "keys.textproto" : fs::path(settings.key_file());
}

result<std::unique_ptr<crypto::signing_key>> open_signing_key(const v1::AuditSettings& settings,
                                                              const fs::path& data) {
  const auto path = signing_key_path(settings, data);
  std::error_code failed;
  if (!fs::exists(path, failed) && !failed) {
    // Another process may be first; then its file is the one.
    const auto made = crypto::create_key_file(path);
    if (!made && !fs::exists(path, failed)) return pass(made);
  }
  const auto ring = crypto::read_key_file(path);
  if (!ring) return pass(ring);
  return std::make_unique<crypto::signing_key>((*ring)->signing_seed.bytes());
}

asio::awaitable<result<void>> run_audit(runtime::service_thread& self, const audit_setup& setup) {
  auto options = setup.access.client;
  options.who.client_name = "hotline-audit";
  redis::client redis(self.context().get_executor(), setup.access.where, std::move(options),
                      self.log().sub("redis"));
  redis.start();
  co_await redis.wait_connected(steady_now() + connect_limit);
  audit::keeper_options outside;
  outside.directory = audit_directory(setup.settings, setup.data);
  outside.heads_file = heads_path(setup.settings, setup.data);
  set_if(setup.settings.events_kept(), outside.events_kept);
  audit::record_keeper keeper(redis, std::move(outside), *setup.key, self.log());
  audit::sealer sealer(redis, keeper, setup.access.now, sealer_options_of(setup), setup.counters,
                       self.log());
  co_await sealer.run(self.stopping());
  redis.stop();
  co_return result<void>{};
}

}  // namespace hotline::program
