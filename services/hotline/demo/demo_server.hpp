// The server of the demo: this same program, as a child.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "common/base/error.hpp"

namespace hotline::program {

class demo_server {
 public:
  /// Starts `serve --rehearsal` on a port the system chooses and waits until it says where it
  /// listens. io_error or unavailable with what it said last.
  static result<demo_server> start(const std::filesystem::path& config, const std::string& data);
  demo_server(demo_server&& other) noexcept;
  demo_server& operator=(demo_server&&) = delete;
  /// Ends it.
  ~demo_server();

  std::uint16_t port() const { return port_; }
  /// From here on a signal to end waits for wait(), so that what has to be cleaned up is.
  static void hold_signals();
  /// Until it ends: Ctrl-C reaches both, SIGTERM is handed on. After hold_signals().
  void wait();

 private:
  demo_server(pid_t pid, std::uint16_t port) : pid_(pid), port_(port) {}

  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace hotline::program
