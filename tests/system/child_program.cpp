#include "tests/system/child_program.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace hotline::test {

namespace chr = std::chrono;

child_program::child_program(std::vector<std::string> arguments) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe failed");
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(ends[1]);
  pipe_ = ends[0];
}

child_program::~child_program() {
  if (pid_ > 0 && !exit_code_) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (pipe_ >= 0) close(pipe_);
}

child_program::child_program(child_program&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pipe_(std::exchange(other.pipe_, -1)),
      output_(std::move(other.output_)),
      exit_code_(other.exit_code_) {}

/// False at the end of the output or of the time.
bool child_program::read_some(chr::steady_clock::time_point deadline) {
  const auto left = chr::ceil<chr::milliseconds>(deadline - chr::steady_clock::now()).count();
  pollfd watched{pipe_, POLLIN, 0};
  if (left <= 0 || poll(&watched, 1, static_cast<int>(left)) <= 0) return false;
  std::array<char, 4096> bytes;
  const auto count = read(pipe_, bytes.data(), bytes.size());
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
    if (!read_some(deadline)) {
      throw std::runtime_error("no '" + text + "' in the output:\n" + output_);
    }
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
      while (read_some(chr::steady_clock::now() + chr::milliseconds(50))) {
      }
      return *code;
    }
    read_some(std::min(deadline, chr::steady_clock::now() + chr::milliseconds(20)));
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
