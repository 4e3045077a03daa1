// Logging: a `logger` per component, handed in like any other dependency. A line is a message and
// key=value pairs. No names, phone numbers or complaint texts ever go into a log line.
#pragma once

#include <fmt/core.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace hotline {

enum class log_level { trace, debug, info, warn, error, off };

/// Where lines go. Thread-safe. Created once in main (or in a test) and shared by the loggers.
class log_sink {
 public:
  virtual ~log_sink() = default;
  virtual void write(log_level level, std::string_view channel, std::string_view line) = 0;
  virtual log_level level() const = 0;
};

/// Lines to standard error: time, level, channel, message.
std::shared_ptr<log_sink> make_stderr_sink(log_level level);

/// Swallows everything; for tests and tools that speak for themselves.
std::shared_ptr<log_sink> make_null_sink();

class logger {
 public:
  logger(std::shared_ptr<log_sink> sink, std::string channel)
      : sink_(std::move(sink)), channel_(std::move(channel)) {}

  /// A logger of the same sink for a part of this component.
  logger sub(std::string_view name) const { return {sink_, fmt::format("{}.{}", channel_, name)}; }

  template <class... Args>
  void debug(fmt::format_string<Args...> f, Args&&... args) const {
    log(log_level::debug, f, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(fmt::format_string<Args...> f, Args&&... args) const {
    log(log_level::info, f, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warn(fmt::format_string<Args...> f, Args&&... args) const {
    log(log_level::warn, f, std::forward<Args>(args)...);
  }
  template <class... Args>
  void error(fmt::format_string<Args...> f, Args&&... args) const {
    log(log_level::error, f, std::forward<Args>(args)...);
  }

 private:
  template <class... Args>
  void log(log_level level, fmt::format_string<Args...> f, Args&&... args) const {
    if (level < sink_->level()) return;
    sink_->write(level, channel_, fmt::format(f, std::forward<Args>(args)...));
  }

  std::shared_ptr<log_sink> sink_;
  std::string channel_;
};

}  // namespace hotline
