// The log of the program.
#pragma once

#include <memory>
#include <string_view>

#include "common/base/log.hpp"

namespace hotline::program {

/// To standard error; `level` as in the configuration, info when it is empty.
std::shared_ptr<log_sink> make_log(std::string_view level);

}  // namespace hotline::program
