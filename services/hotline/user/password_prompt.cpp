#include "services/hotline/user/password_prompt.hpp"

#include <fmt/core.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "common/identity/text.hpp"

namespace hotline::program {
namespace {

/// The terminal without echo, for as long as this lives.
class silence {
 public:
  silence() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~silence() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  silence(const silence&) = delete;
  silence& operator=(const silence&) = delete;
  bool works() const { return changed_; }

 private:
  termios before_{};
  bool changed_ = false;
};

result<std::string> read_line() {
  std::string line;
  if (!std::getline(std::cin, line)) return fail(errc::io_error, "no password was given");
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

}  // namespace

result<std::string> read_new_password() {
  if (::isatty(STDIN_FILENO) == 0) return read_line();
  const silence quiet;
  if (!quiet.works()) return fail(errc::io_error, "the terminal cannot be silenced");
  fmt::print(stderr, "新密码 / new password: ");
  std::fflush(stderr);
  auto first = read_line();
  fmt::print(stderr, "\n再输一遍 / once more: ");
  std::fflush(stderr);
  auto again = read_line();
  fmt::print(stderr, "\n");
  if (!first) return pass(first);
  if (!again) return pass(again);
  const bool same = *first == *again;
  identity::wipe(*again);
  if (!same) return fail(errc::invalid_argument, "两次输入不一致 / the two differ");
  return first;
}

}  // namespace hotline::program
