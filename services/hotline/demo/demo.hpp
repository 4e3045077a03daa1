// `hotline demo`: the report cases walked through a rehearsal (演练), told ticket by ticket.
#pragma once

#include <filesystem>
#include <string>

namespace hotline::program {

struct demo_options {
  std::filesystem::path config;
  std::string cases;  ///< JSON lines of report cases
  bool stay = true;   ///< keep serving afterwards, so that one can look around
};

/// Starts `hotline serve --rehearsal` on a directory of its own, plays the story over HTTP, prints
/// it as it happens, and removes the directory at the end. Gives the exit code.
int demo(const demo_options& options);

}  // namespace hotline::program
