#include "common/redis/child_process.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

namespace hotline::redis {

namespace {

std::string words_of(int error) { return std::generic_category().message(error); }

struct child_setup {
  char* const* argv;
  char* const* environment;
  int nothing;  // /dev/null
  int output;
  int inherited;
  int status;  // where errno goes when exec fails
  pid_t parent;
};

// Between fork and exec: async-signal-safe calls only, no allocation.
[[noreturn]] void become(const child_setup& setup) {
  // SIGKILL, not SIGTERM: a Redis in the middle of a slow script hears nothing else, and with
  // appendfsync always it loses nothing that was acknowledged.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != setup.parent) _exit(127);
  // Out of the terminal's process group: Ctrl-C ends us, and we end the child in order.
  setpgid(0, 0);
  dup2(setup.nothing, STDIN_FILENO);
  dup2(setup.output, STDOUT_FILENO);
  dup2(setup.output, STDERR_FILENO);
  // Asio opens sockets without close-on-exec; a child that holds our listening port would block it.
  syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
  if (setup.inherited >= 0) fcntl(setup.inherited, F_SETFD, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  umask(077);
  execve(setup.argv[0], setup.argv, setup.environment);
  const int error = errno;
  [[maybe_unused]] const auto written = write(setup.status, &error, sizeof error);
  _exit(127);
}

std::vector<char*> words_for_exec(const std::vector<std::string>& words) {
  std::vector<char*> out;
  out.reserve(words.size() + 1);
  for (const auto& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_with(const std::vector<std::string>& settings) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) all.emplace_back(*entry);
  const auto ours = all.size();
  for (const auto& setting : settings) {
    const auto name = std::string_view(setting).substr(0, setting.find('=') + 1);
    const bool known = std::any_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(ours),
                                   [&](const std::string& e) { return e.starts_with(name); });
    if (!known) all.push_back(setting);
  }
  return all;
}

std::string describe(int status) {
  if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
  return fmt::format("exit status {}", WEXITSTATUS(status));
}

}  // namespace

unique_fd::~unique_fd() {
  if (fd_ >= 0) ::close(fd_);
}

unique_fd::unique_fd(unique_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

unique_fd& unique_fd::operator=(unique_fd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

result<child_process> child_process::spawn(const std::vector<std::string>& argv,
                                           const std::vector<std::string>& settings, int output,
                                           int inherited) {
  const auto words = words_for_exec(argv);
  const auto variables = environment_with(settings);
  const auto environment = words_for_exec(variables);

  const unique_fd nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  std::array<int, 2> ends{-1, -1};
  if (!nothing || pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(errc::io_error, fmt::format("cannot start {}: {}", argv[0], words_of(errno)));
  }
  const unique_fd status_in(ends[0]);
  unique_fd status_out(ends[1]);

  const child_setup setup{words.data(), environment.data(), nothing.get(), output,
                          inherited,    status_out.get(),   getpid()};
  const pid_t pid = fork();
  if (pid == 0) become(setup);
  if (pid < 0) {
    return fail(errc::io_error, fmt::format("cannot start {}: {}", argv[0], words_of(errno)));
  }
  child_process child(pid, unique_fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0U))));
  if (!child.pidfd_) {
    return fail(errc::io_error,
                fmt::format("pidfd_open: {} (Linux 5.3 or later is needed)", words_of(errno)));
  }
  status_out = unique_fd();
  int exec_error = 0;
  if (::read(status_in.get(), &exec_error, sizeof exec_error) == sizeof exec_error) {
    return fail(errc::io_error, fmt::format("cannot run {}: {}", argv[0], words_of(exec_error)));
  }
  return child;
}

child_process::child_process(child_process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      end_(std::move(other.end_)) {}

child_process::~child_process() {
  if (pid_ < 0 || ended()) return;
  send_signal(SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

void child_process::send_signal(int number) const {
  if (!end_) ::kill(pid_, number);
}

std::optional<std::string> child_process::ended() {
  int status = 0;
  if (!end_ && waitpid(pid_, &status, WNOHANG) == pid_) end_ = describe(status);
  return end_;
}

std::optional<std::string> child_process::wait_ended(milliseconds limit) {
  const auto deadline = steady_now() + limit;
  while (!ended()) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_now());
    if (left <= milliseconds(0)) break;
    pollfd waiting{pidfd_.get(), POLLIN, 0};
    poll(&waiting, 1, static_cast<int>(left.count()));
  }
  return end_;
}

std::optional<std::string> find_program(const std::string& name) {
  const auto runnable = [](const std::string& path) { return access(path.c_str(), X_OK) == 0; };
  if (name.find('/') != std::string::npos) {
    return runnable(name) ? std::optional(name) : std::nullopt;
  }
  const char* search = std::getenv("PATH");
  std::string_view rest = search ? search : "/usr/bin:/bin";
  while (!rest.empty()) {
    const auto folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    const auto path = fmt::format("{}/{}", folder, name);
    if (!folder.empty() && runnable(path)) return path;
  }
  return std::nullopt;
}

}  // namespace hotline::redis
