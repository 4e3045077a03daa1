// The place of this process among those that run the same service on one data directory.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "common/base/error.hpp"
#include "common/runtime/file_lock.hpp"

namespace hotline::runtime {

/// The lowest free number, held until the process ends. A consumer named by it has the same name
/// after a restart, so a killed worker's successor takes up its unfinished events at once instead
/// of after claim_idle, and no trail of dead consumers is left in Redis as process ids would.
class instance_slot {
 public:
  /// overloaded: slots_max processes run this service here already.
  static result<instance_slot> take(const std::filesystem::path& directory,
                                    std::string_view service);

  /// "<host>-<hash of the directory>-<number>": differs for all that live at the same time, also on
  /// other hosts and for other data directories that share a Redis.
  const std::string& consumer() const { return consumer_; }

  static constexpr int slots_max = 64;

 private:
  instance_slot(file_lock lock, std::string consumer)
      : lock_(std::move(lock)), consumer_(std::move(consumer)) {}

  file_lock lock_;
  std::string consumer_;
};

}  // namespace hotline::runtime
