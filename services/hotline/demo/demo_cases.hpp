// Cases of the newspaper reports as what an operator takes down.
#pragma once

#include <string>
#include <vector>

#include "common/base/error.hpp"
#include "hotline/v1/command.pb.h"

namespace hotline::program {

struct demo_case {
  v1::CreateTicket order;
  std::string outcome;        ///< how it ended, as the report tells it
  std::int64_t paid_fen = 0;  ///< recovered
  std::int32_t people = 0;
};

/// Reads JSON lines. Fails with the number of the first line that cannot be read.
result<std::vector<demo_case>> read_demo_cases(const std::string& file);

}  // namespace hotline::program
