// What sign-in needs and the threads of the program share: settings, hashing, the key of second
// factors, real time.
#pragma once

#include <filesystem>
#include <memory>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/identity/hash_pool.hpp"
#include "common/identity/options.hpp"
#include "common/identity/secret_box.hpp"
#include "hotline/v1/config.pb.h"

namespace hotline::program {

class identity_host {
 public:
  /// Opens, or makes, the key file in the data directory.
  static result<std::unique_ptr<identity_host>> open(const v1::ServiceSettings& settings,
                                                     const std::filesystem::path& data);

  const identity::identity_options options;
  identity::hash_pool pool;
  const identity::secret_box box;
  /// People are real in a rehearsal, too: their sessions and locks follow this clock.
  const wall_clock real;
  const bool tls;

 private:
  identity_host(const v1::ServiceSettings& settings, const identity::secret_box& key);
};

}  // namespace hotline::program
