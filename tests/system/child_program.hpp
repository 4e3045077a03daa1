// A program started by a test: its output, its end, never left behind.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace hotline::test {

class child_program {
 public:
  /// Starts the program with its output (both streams) in a file of ours; it dies with the test.
  explicit child_program(std::vector<std::string> arguments);
  ~child_program();
  child_program(child_program&& other) noexcept;
  child_program& operator=(child_program&&) = delete;

  /// Reads until a line holds `text` and returns that line; throws with the output when the program
  /// ends or the limit passes before.
  std::string wait_for(const std::string& text, std::chrono::seconds limit);
  /// Everything until the program ends, and its exit code (128 + signal).
  int wait_exit(std::chrono::seconds limit);

  void send_signal(int number);
  pid_t pid() const { return pid_; }
  bool running();
  /// What it has written so far.
  const std::string& output() const { return output_; }

 private:
  bool read_some();
  std::optional<int> try_exit();

  pid_t pid_ = -1;
  int file_ = -1;
  std::string output_;
  std::optional<int> exit_code_;
};

struct finished {
  int code;
  std::string output;
};

/// Runs a program to its end.
finished run_program(std::vector<std::string> arguments,
                     std::chrono::seconds limit = std::chrono::seconds(60));

}  // namespace hotline::test
