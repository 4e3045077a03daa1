#include "services/hotline/identity_host.hpp"

namespace hotline::program {
namespace {

identity::hash_options pool_options(const identity::identity_options& options) {
  identity::hash_options made;
  made.at_once = options.hashes_at_once;
  made.waiting_max = options.hashes_waiting_max;
  return made;
}

}  // namespace

identity_host::identity_host(const v1::ServiceSettings& settings, const identity::secret_box& key)
    : options(identity::options_of(settings.identity())),
      pool(pool_options(options)),
      box(key),
      tls(settings.gateway().behind_tls()) {}

result<std::unique_ptr<identity_host>> identity_host::open(const v1::ServiceSettings& settings,
                                                           const std::filesystem::path& data) {
  const auto key = identity::secret_box::open_file(data / "identity.key");
  if (!key) return pass(key);
  return std::unique_ptr<identity_host>(new identity_host(settings, *key));
}

}  // namespace hotline::program
