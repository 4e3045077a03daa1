// 文件交换 (转入): documents of a partner that appear as files in a directory.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/exchange/partner.hpp"
#include "common/runtime/feed_intake.hpp"
#include "common/runtime/stop_signal.hpp"

namespace hotline::transfer {

/// One per partner and thread. A file is taken in first and moved then: after a crash between the
/// two it is taken in again, which has no second effect. Everything given outlives it.
class file_inlet {
 public:
  file_inlet(exchange::partner from, runtime::feed_intake& intake, const clock& now, logger log);

  /// Until the signal is raised.
  boost::asio::awaitable<void> run(runtime::stop_signal& stopping);

  /// Takes in every file that is whole, oldest name first, and moves it to "done", or to "failed"
  /// where it could not be read: then it waits for a person in the review queue as well. Of one
  /// that is larger than a document may be the review has name, size, digest and where it lies.
  /// Gives how many; io_error: some files stay for the next round; whatever Redis says: the rest
  /// does.
  boost::asio::awaitable<result<std::size_t>> look();

 private:
  boost::asio::awaitable<result<void>> take(const std::filesystem::path& file);
  boost::asio::awaitable<result<void>> put_aside(const std::filesystem::path& file,
                                                 std::optional<std::string> bytes);
  result<std::filesystem::path> place_below(const char* below,
                                            const std::filesystem::path& file) const;
  result<void> move_to(const char* below, const std::filesystem::path& file) const;

  exchange::partner from_;
  runtime::feed_intake& intake_;
  const clock& now_;
  logger log_;
  std::filesystem::path directory_;
};

}  // namespace hotline::transfer
