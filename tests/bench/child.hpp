// A child process: started, watched, ended.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace hotline::bench {

class child {
 public:
  /// Starts a program; its output goes to `log_file`. It dies with us.
  child(std::vector<std::string> command, std::string log_file);
  ~child();
  child(const child&) = delete;

  pid_t pid() const { return pid_; }
  /// Waits until the log holds the text; gives the rest of that line. Nothing in time: no value.
  std::optional<std::string> wait_for(const std::string& text, std::chrono::seconds limit) const;
  /// SIGTERM, then SIGKILL after ten seconds.
  void stop();

 private:
  bool running() const;

  pid_t pid_ = -1;
  std::string log_file_;
};

struct finished_program {
  std::string out;  ///< standard output
  double seconds = 0;
  long long resident_bytes_max = 0;
};

/// Runs a program to its end; nothing when it fails.
std::optional<finished_program> run_program(const std::vector<std::string>& command);

/// CPU seconds (user and system) a process has used.
double cpu_seconds(pid_t pid);
/// Resident set, bytes.
long long resident_bytes(pid_t pid);

}  // namespace hotline::bench
