// How many permission decisions a second; for the bench.
#pragma once

namespace hotline::test {

struct permission_rate {
  double commands = 0;  ///< permit of a command, a second
  double readings = 0;  ///< permit of a reading and the access to its fields, a second
};

/// Decides `rounds` times for every actor on every ticket of the small world.
permission_rate measure_permission(int rounds);

}  // namespace hotline::test
