// Secrets that are made, not chosen.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hotline::identity {

/// A session token: 256 random bits, 43 characters of base64url.
std::string new_token();

/// What is stored of a token: 64 hexadecimal digits of its SHA-256. Empty unless it has the form of
/// a token.
std::string session_id_of(std::string_view token);

bool is_session_id(std::string_view text);

/// A password nobody chose, to be handed over and changed: 16 characters of all four classes,
/// without those that are easily mistaken (some 90 bits).
std::string new_password(std::size_t characters = 16);

}  // namespace hotline::identity
