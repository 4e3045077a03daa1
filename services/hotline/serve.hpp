// `hotline serve`: the services of this process, from the first check to the last save.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "services/hotline/service_set.hpp"

namespace hotline::program {

struct serve_options {
  std::filesystem::path config;
  std::filesystem::path data;
  std::optional<service_set> services;  ///< nothing: all, and no other process on this data
  bool rehearsal = false;
  std::optional<instant> start_at;
  std::optional<double> rate;
  std::optional<std::uint16_t> port;
  int worker_threads = 1;
  std::string log_level;  ///< empty: as configured
};

/// Serves until SIGTERM or SIGINT; a second one ends at once (exit_forced). Gives the exit code.
int serve(const serve_options& options);

}  // namespace hotline::program
