// The key file of a running program: found or made at the start, read again when it changes.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/crypto/key_ring.hpp"
#include "common/redis/client.hpp"
#include "common/runtime/stop_signal.hpp"
#include "common/store/personal_vault.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/config.pb.h"

namespace hotline::program {

/// Where the key file of a data directory is.
std::filesystem::path key_file_of(const v1::KeySettings& settings,
                                  const std::filesystem::path& data);

/// Shared by all threads.
class key_keeper {
 public:
  key_keeper(std::filesystem::path file, v1::CipherSuite suite, logger log);

  /// Reads the key file, or makes one if the data set has never had any. misconfigured when the
  /// file is gone, broken, or belongs to another data set: personal data would become unreadable,
  /// and callers would no longer be found.
  boost::asio::awaitable<result<void>> open(redis::client& redis);

  /// Looks at the file every two seconds, and `source` at once when it is asked for a key that is
  /// not held: a rotation needs no restart. A file that does not check
  /// out is reported, and the keys that are held go on. Puts on record what nobody else has: also
  /// what was changed while no server ran.
  boost::asio::awaitable<void> follow(redis::client& redis, std::string data_set,
                                      runtime::stop_signal& stopping);

  /// Whether there are other keys now.
  bool read_again();
  /// Puts on record that `by` changed the keys, if these are not the ones noted last.
  boost::asio::awaitable<result<void>> record_change(redis::client& redis, std::string data_set,
                                                     v1::Actor by);

  /// For all threads; the keeper outlives it.
  store::key_source source();

 private:
  using keys = std::shared_ptr<const crypto::key_ring>;

  result<keys> read_or_make(bool may_make);

  std::filesystem::path file_;
  v1::CipherSuite suite_;
  logger log_;
  /// Looks at the file for a key that is not held; not more than once a second for the same one.
  bool look_for(unsigned id);
  bool holds(unsigned id) const;
  /// The file's keys in the place of those held, if they check out.
  bool take(std::filesystem::file_time_type written);

  std::mutex reading_;  ///< over what follows
  std::filesystem::file_time_type seen_{};
  std::unordered_map<unsigned, std::chrono::steady_clock::time_point> looked_;  // by key
  std::atomic<bool> unrecorded_ = true;  ///< whether other keys are held than are on record
  std::atomic<keys> keys_;
};

}  // namespace hotline::program
