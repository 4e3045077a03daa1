#include "child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "common/base/clock.hpp"

namespace hotline::bench {
namespace {

std::vector<char*> arguments(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  return argv;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

child::child(std::vector<std::string> command, std::string log_file)
    : log_file_(std::move(log_file)) {
  auto argv = arguments(command);
  const int log = ::open(log_file_.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  if (log < 0) throw std::runtime_error("cannot write " + log_file_);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(log);
  if (pid_ < 0) throw std::runtime_error("cannot start " + command[0]);
}

child::~child() { stop(); }

bool child::running() const { return pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == 0; }

std::optional<std::string> child::wait_for(const std::string& text,
                                           std::chrono::seconds limit) const {
  const auto deadline = steady_now() + limit;
  while (steady_now() < deadline) {
    const auto log = read_file(log_file_);
    if (const auto at = log.find(text); at != std::string::npos) {
      const auto from = at + text.size();
      const auto end = log.find('\n', from);
      if (end != std::string::npos) return log.substr(from, end - from);
    }
    if (!running()) return std::nullopt;
    ::usleep(20'000);
  }
  return std::nullopt;
}

void child::stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  const auto deadline = steady_now() + std::chrono::seconds(10);
  while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (steady_now() > deadline) ::kill(pid_, SIGKILL);
    ::usleep(10'000);
  }
  pid_ = -1;
}

std::optional<finished_program> run_program(const std::vector<std::string>& command) {
  const auto begun = std::chrono::steady_clock::now();
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  auto argv = arguments(command);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::dup2(ends[1], STDOUT_FILENO);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  std::string out;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto n = ::read(ends[0], buffer.data(), buffer.size());
    if (n <= 0) break;
    out.append(buffer.data(), static_cast<std::size_t>(n));
  }
  ::close(ends[0]);
  int status = 0;
  rusage used{};
  ::wait4(pid, &status, 0, &used);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  return finished_program{std::move(out), took.count(), used.ru_maxrss * 1024LL};
}

double cpu_seconds(pid_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  const auto behind_name = text.rfind(')');
  if (behind_name == std::string::npos) return 0;
  std::istringstream fields(text.substr(behind_name + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

long long resident_bytes(pid_t pid) {
  std::istringstream fields(read_file("/proc/" + std::to_string(pid) + "/statm"));
  long long size = 0;
  long long resident = 0;
  fields >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace hotline::bench
