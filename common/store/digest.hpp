// SHA-256 and hexadecimal text. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include "common/crypto/digest.hpp"

namespace hotline::store {

/// 32 raw bytes.
std::string sha256(std::string_view bytes);

using crypto::to_hex;

/// 128 bits nobody can guess, as 32 hexadecimal digits.
std::string random_id();

}  // namespace hotline::store
