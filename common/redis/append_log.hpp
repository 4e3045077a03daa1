// The append-only file as it lies on disk after a crash. Private to this room.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/error.hpp"

namespace hotline::redis {

/// What a scan of one append file found.
struct append_scan {
  std::uint64_t size = 0;
  /// Bytes up to the end of the last whole command outside a transaction.
  std::uint64_t whole = 0;
  /// What stands behind `whole` is the beginning of a command or of a transaction: a write that the
  /// end of the process cut short. Otherwise it is something else, which no crash writes.
  bool torn = false;
  /// A transaction begins inside another one: see cut_torn_tail.
  bool nested = false;
};

/// Reads a file of commands (RESP, with annotations) from its begin. io_error when it cannot.
result<append_scan> scan_append_file(const std::string& path);

/// Cuts an unfinished command or transaction off the newest append file under `directory`
/// (`appenddirname`), and syncs it. Gives how many bytes were cut: 0 when nothing was torn, when
/// there is no append file yet, or when its end is no torn write, which Redis refuses to load by
/// itself.
///
/// Redis 7.0 cuts a tail that ends within a command of a MULTI only back to the command before, and
/// then writes the next transactions behind the open MULTI: the second start executes half of a
/// commit that was never acknowledged, beside the repetition of it that was. So this happens before
/// every start, and Redis itself must not cut (aof-load-truncated no).
///
/// corrupt_data when that has happened already; the detail names the place.
result<std::uint64_t> cut_torn_tail(const std::string& directory);

}  // namespace hotline::redis
