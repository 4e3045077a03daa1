// What the program's exit codes mean. Scripts rely on them.
#pragma once

namespace hotline::program {

enum exit_code : int {
  exit_ok = 0,
  exit_found =
      1,  ///< mistakes in the configuration, damage in the data, lines not imported, no such ticket
  exit_usage = 2,   ///< the command line is wrong
  exit_failed = 3,  ///< it could not be done: Redis, files, another process, the system
  exit_forced = 4,  ///< a second signal ended it before everything was in order
};

}  // namespace hotline::program
