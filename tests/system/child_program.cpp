#include "tests/system/child_program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <thread>
#include <utility>

namespace hotline::test {

namespace chr = std::chrono;

child_program::child_program(std::vector<std::string> arguments) {
  // A file, not a pipe: a program must not stand still because a test does not read along.
  std::string name = "/tmp/hl-output-XXXXXX";
  file_ = mkostemp(name.data(), O_CLOEXEC | O_APPEND);
  if (file_ < 0) throw std::runtime_error("mkostemp failed");
  unlink(name.c_str());
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(file_, STDOUT_FILENO);
    dup2(file_, STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
}

child_program::~child_program() {
  if (pid_ > 0 && !exit_code_) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (file_ >= 0) close(file_);
}

child_program::child_program(child_program&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      file_(std::exchange(other.file_, -1)),
      output_(std::move(other.output_)),
      exit_code_(other.exit_code_) {}

/// False when there is nothing new.
bool child_program::read_some() {
  std::array<char, 4096> bytes;
  const auto count = pread(file_, bytes.data(), bytes.size(), static_cast<off_t>(output_.size()));
  if (count <= 0) return false;
  output_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

std::string child_program::wait_for(const std::string& text, chr::seconds limit) {
  const auto deadline = chr::steady_clock::now() + limit;
  for (;;) {
    const auto at = output_.find(text);
    const auto end = at == std::string::npos ? at : output_.find('\n', at);
    if (end != std::string::npos) {
      const auto begin = output_.rfind('\n', at);
      const auto from = begin == std::string::npos ? 0 : begin + 1;
      return output_.substr(from, end - from);
    }
    if (read_some()) continue;
    const bool ended = try_exit().has_value();
    if (ended ? !read_some() : chr::steady_clock::now() >= deadline) {
      throw std::runtime_error("no '" + text + "' in the output:\n" + output_);
    }
    // A file has nothing to wait on.
    std::this_thread::sleep_for(chr::milliseconds(2));
  }
}

std::optional<int> child_program::try_exit() {
  if (exit_code_) return exit_code_;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_code_;
}

bool child_program::running() { return !try_exit(); }

int child_program::wait_exit(chr::seconds limit) {
  const auto deadline = chr::steady_clock::now() + limit;
  while (chr::steady_clock::now() < deadline) {
    if (const auto code = try_exit()) {
      while (read_some()) {
      }
      return *code;
    }
    std::this_thread::sleep_for(chr::milliseconds(2));
  }
  throw std::runtime_error("the program does not end:\n" + output_);
}

void child_program::send_signal(int number) {
  if (running()) kill(pid_, number);
}

finished run_program(std::vector<std::string> arguments, chr::seconds limit) {
  child_program program(std::move(arguments));
  const int code = program.wait_exit(limit);
  return {code, program.output()};
}

}  // namespace hotline::test
