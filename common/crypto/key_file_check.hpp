// What the text of a key file must say. Private to this room.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/base/error.hpp"
#include "common/crypto/key_ring.hpp"

namespace hotline::crypto {

struct key_file_reading {
  v1::KeyFile file;
  std::shared_ptr<const key_ring> ring;
};

/// Parses and checks; `name` stands before the line in every complaint.
result<key_file_reading> check_key_file(std::string_view name, std::string text);

/// Standard base64 of 32 bytes, as the key file has it.
std::string secret_text(std::string_view bytes);

/// Overwrites the secrets of a message.
void wipe(v1::KeyFile& file);

}  // namespace hotline::crypto
