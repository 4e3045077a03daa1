// Proving everything, with everything open.
#include <fmt/core.h>

#include <stdexcept>

#include "phases.hpp"

namespace hotline::bench {

void measure_verify(world& w, report& out) {
  out.say("hotline verify, beside the running server");
  const auto done = w.run_tool("verify");
  if (!done) throw std::runtime_error("hotline verify failed or found something");
  out.add({"verify_seconds", "every ticket, history and index entry", done->seconds, "s", {}, {}});
  out.add({"verify_memory",
           "resident memory of hotline verify at most",
           static_cast<double>(done->resident_bytes_max) / 1048576.0,
           "MiB",
           {},
           {}});
}

}  // namespace hotline::bench
