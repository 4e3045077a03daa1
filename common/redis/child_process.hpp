// A child process that ends with us and whose end can be awaited. Private to this room.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"

namespace hotline::redis {

/// A file descriptor with an owner.
class unique_fd {
 public:
  unique_fd() = default;
  explicit unique_fd(int fd) : fd_(fd) {}
  ~unique_fd();
  unique_fd(unique_fd&& other) noexcept;
  unique_fd& operator=(unique_fd&& other) noexcept;

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

class child_process {
 public:
  /// argv[0] is the path of the program. Its environment is ours and `settings` ("NAME=value")
  /// where ours does not name them. Standard output and error go to `output`; `inherited` stays
  /// open in the child, everything else is closed there. The kernel kills the child when the
  /// calling *thread* ends, so call it from one that lives as long as the program.
  static result<child_process> spawn(const std::vector<std::string>& argv,
                                     const std::vector<std::string>& settings, int output,
                                     int inherited);
  /// Kills it, if it still runs.
  ~child_process();
  child_process(child_process&& other) noexcept;
  child_process& operator=(child_process&&) = delete;

  pid_t pid() const { return pid_; }
  /// Becomes readable when the child has ended.
  int exit_descriptor() const { return pidfd_.get(); }

  void send_signal(int number) const;
  /// Looks, without waiting, whether it has ended; "exit status 1" or "signal 9" if so.
  std::optional<std::string> ended();
  /// The same, but waits up to `limit`, holding the thread.
  std::optional<std::string> wait_ended(milliseconds limit);

 private:
  child_process(pid_t pid, unique_fd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}

  pid_t pid_ = -1;
  unique_fd pidfd_;
  std::optional<std::string> end_;
};

/// The absolute path of an executable, looked up in PATH when `name` has no slash.
std::optional<std::string> find_program(const std::string& name);

}  // namespace hotline::redis
