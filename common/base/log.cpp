#include "common/base/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace hotline {
namespace {

spdlog::level::level_enum to_spdlog(log_level level) {
  switch (level) {
    case log_level::trace: return spdlog::level::trace;
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warn: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
    case log_level::off: return spdlog::level::off;
  }
  return spdlog::level::off;
}

class stderr_sink final : public log_sink {
 public:
  explicit stderr_sink(log_level level)
      : level_(level), out_("hotline", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()) {
    out_.set_level(to_spdlog(level));
    out_.set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
    out_.flush_on(spdlog::level::trace);
  }

  void write(log_level level, std::string_view channel, std::string_view line) override {
    out_.log(to_spdlog(level), "[{}] {}", channel, line);
  }
  log_level level() const override { return level_; }

 private:
  log_level level_;
  spdlog::logger out_;
};

class null_sink final : public log_sink {
 public:
  void write(log_level, std::string_view, std::string_view) override {}
  log_level level() const override { return log_level::off; }
};

}  // namespace

std::shared_ptr<log_sink> make_stderr_sink(log_level level) {
  return std::make_shared<stderr_sink>(level);
}

std::shared_ptr<log_sink> make_null_sink() { return std::make_shared<null_sink>(); }

}  // namespace hotline
