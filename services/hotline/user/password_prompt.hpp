// A password from whoever sits at the machine.
#pragma once

#include <string>

#include "common/base/error.hpp"

namespace hotline::program {

/// From a terminal: asked for twice, without echo. Otherwise one line of standard input, so that
/// scripts can hand one over without its being seen among the processes.
result<std::string> read_new_password();

}  // namespace hotline::program
