// Reads a configuration directory: every *.textproto below it is a part of one HotlineConfig. A
// file may also hold just one member of it and say so in its leading comment, the usual way:
// "# proto-message: hotline.v1.CalendarConfig".
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/error.hpp"
#include "hotline/v1/config.pb.h"

namespace hotline::runtime {

/// One thing wrong with the configuration. `file` is relative to the directory; line and column
/// count from 1 and are 0 where no single place is at fault.
struct config_problem {
  std::string file;
  int line = 0;
  int column = 0;
  std::string reason;

  bool operator==(const config_problem&) const = default;
};

/// "organisation/units.textproto:412:3: the parent 370999 of unit 370883 does not exist"
std::string to_string(const config_problem& problem);

/// What a directory holds: the merged configuration and everything wrong with it.
struct config_reading {
  v1::HotlineConfig config;  ///< whatever could be read; only to be used without problems
  std::vector<config_problem> problems;  ///< by file, line, column; empty = good
  std::vector<std::string> files;        ///< read, relative to the directory, in the order merged
};

/// Reads, merges in name order and checks form and meaning, and reports every problem at once:
/// files that cannot be read, syntax, unknown and duplicate fields, a single setting made in two
/// files, and the rules of organisation, routing, calendar and partners.
config_reading read_config(const std::filesystem::path& directory);

/// The same for a program that needs the configuration: fails with errc::misconfigured and all the
/// problems, one a line.
result<v1::HotlineConfig> load_config(const std::filesystem::path& directory);

}  // namespace hotline::runtime
