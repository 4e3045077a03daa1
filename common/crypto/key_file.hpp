// The key file: reading it strictly, making a new one, adding a key to it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "common/base/error.hpp"
#include "common/crypto/key_ring.hpp"

namespace hotline::crypto {

/// Reads a KeyFile (textproto). Refuses, with file and line and errc::misconfigured: a file that
/// group or others may touch, unknown or repeated fields, ids out of range or twice, secrets that
/// are not 32 bytes, are used twice or are no random bytes, anything but one active key. A file
/// that cannot be opened or read is errc::io_error.
result<std::shared_ptr<const key_ring>> read_key_file(const std::filesystem::path& path);

/// Writes a new key file with fresh secrets, mode 0600, and returns once it is on the disk. With
/// SM4_CTR_HMAC_SM3 the blind index uses HMAC-SM3, otherwise HMAC-SHA256. Fails when the file
/// exists: a lost key is lost data.
result<void> create_key_file(const std::filesystem::path& path,
                             v1::CipherSuite suite = v1::CIPHER_SUITE_AES_256_GCM);

/// Adds a key with the next id and makes it the active one; the others become read-only. The file
/// is replaced as a whole (comments in it are lost) and is on the disk when this returns. Answers
/// with the new id. Every process must read the file again before it can open what the others seal
/// from then on.
result<std::uint16_t> add_key(const std::filesystem::path& path, v1::CipherSuite suite);

/// Takes a key out of the file, for good: what it has sealed is lost. misconfigured when the file
/// does not hold it, or it is the active one. The file is replaced as a whole.
result<void> drop_key(const std::filesystem::path& path, std::uint16_t id);

}  // namespace hotline::crypto
