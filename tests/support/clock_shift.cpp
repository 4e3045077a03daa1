// A library to be preloaded: shifts the wall clock of a program by what a file of ours says, and
// may go on saying while the program runs. Monotonic clocks are left alone, as by an operator who
// sets the time. $CLOCK_SHIFT_DIR/<name of the program> holds the shift in seconds; no file, no
// shift.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>

namespace {

/// Asked for each time; without memory of its own, because allocators ask for the time, too.
long shift_s() {
  const char* directory = getenv("CLOCK_SHIFT_DIR");
  if (directory == nullptr) return 0;
  std::array<char, 256> path;
  const auto length = std::strlen(directory);
  const auto name_length = std::strlen(program_invocation_short_name);
  if (length + name_length + 2 > path.size()) return 0;
  std::memcpy(path.data(), directory, length);
  path[length] = '/';
  std::memcpy(path.data() + length + 1, program_invocation_short_name, name_length + 1);
  const int file = open(path.data(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  std::array<char, 32> text;
  const auto count = read(file, text.data(), text.size());
  close(file);
  long shift = 0;
  if (count > 0) std::from_chars(text.data(), text.data() + count, shift);
  return shift;
}

int read_clock(clockid_t which, timespec* now) {
  return static_cast<int>(syscall(SYS_clock_gettime, which, now));
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t which, timespec* now) noexcept {
  const int kept = errno;
  if (read_clock(which, now) != 0) return -1;
  if (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE) now->tv_sec += shift_s();
  errno = kept;
  return 0;
}

int gettimeofday(timeval* now, void* /*zone*/) noexcept {
  timespec exact{};
  if (clock_gettime(CLOCK_REALTIME, &exact) != 0) return -1;
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* where) noexcept {
  timespec exact{};
  clock_gettime(CLOCK_REALTIME, &exact);
  if (where != nullptr) *where = exact.tv_sec;
  return exact.tv_sec;
}

}  // extern "C"
