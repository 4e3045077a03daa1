// What makes each signed message another one.
#pragma once

#include <string>

namespace hotline::transfer {

/// 128 random bits: never the same twice.
std::string make_nonce();

}  // namespace hotline::transfer
