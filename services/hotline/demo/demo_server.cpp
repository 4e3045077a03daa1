#include "services/hotline/demo/demo_server.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <vector>

namespace hotline::program {
namespace {

constexpr std::string_view address = "http://127.0.0.1:";

/// Reads what the child says until it names its address; 0 when it ends before.
std::uint16_t read_port(int from) {
  std::string said;
  std::array<char, 512> buffer{};
  for (;;) {
    const auto n = ::read(from, buffer.data(), buffer.size());
    if (n <= 0) return 0;
    said.append(buffer.data(), static_cast<std::size_t>(n));
    const auto at = said.find(address);
    if (at == std::string::npos || said.find('\n', at) == std::string::npos) continue;
    std::uint16_t port = 0;
    const auto* digits = said.data() + at + address.size();
    std::from_chars(digits, said.data() + said.size(), port);
    return port;
  }
}

sigset_t awaited_signals() {
  sigset_t set{};
  ::sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGCHLD}) ::sigaddset(&set, number);
  return set;
}

}  // namespace

result<demo_server> demo_server::start(const std::filesystem::path& config,
                                       const std::string& data) {
  std::vector<std::string> words = {"hotline",
                                    "serve",
                                    "--rehearsal",
                                    "--config",
                                    config.string(),
                                    "--data",
                                    data,
                                    "--port",
                                    "0",
                                    "--start-at",
                                    "2026-11-23T09:00:00+08:00",
                                    "--rate",
                                    "0",
                                    "--log-level",
                                    "error"};
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(errc::io_error, "no pipe to the server");
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(127);
    ::dup2(ends[1], STDOUT_FILENO);
    ::execv("/proc/self/exe", argv.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  if (pid < 0) {
    ::close(ends[0]);
    return fail(errc::io_error, "the server process could not be started");
  }
  demo_server server(pid, read_port(ends[0]));
  ::close(ends[0]);
  if (server.port_ == 0) {
    return fail(errc::unavailable, "the server did not start; its message is above");
  }
  return server;
}

demo_server::demo_server(demo_server&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), port_(other.port_) {}

demo_server::~demo_server() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

void demo_server::hold_signals() {
  const sigset_t held = awaited_signals();
  ::pthread_sigmask(SIG_BLOCK, &held, nullptr);
}

void demo_server::wait() {
  const sigset_t held = awaited_signals();
  while (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == 0) {
    int number = 0;
    if (::sigwait(&held, &number) != 0) continue;
    // Ctrl-C goes to the whole foreground group: the server ends by itself, and a second signal
    // would end it at once.
    if (number == SIGTERM) ::kill(pid_, SIGTERM);
  }
  pid_ = -1;
}

}  // namespace hotline::program
