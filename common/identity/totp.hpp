// Time-based one-time codes (RFC 6238): HMAC-SHA-1, six digits, steps of 30 seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"

namespace hotline::identity {

/// 160 random bits.
std::string new_totp_secret();

/// Without padding, as authenticator programs take it.
std::string to_base32(std::string_view bytes);
/// Nothing for anything that is no base32.
std::optional<std::string> from_base32(std::string_view text);

/// Seconds since 1970 divided by 30.
std::int64_t totp_step(instant now);

/// The code of a step.
std::string totp_code(std::string_view secret, std::int64_t step);

/// The step of this instant, or the one before or after it, whose code this is; nothing when it is
/// none of theirs. Compared in constant time. Whether the step was used before is the store's to
/// say.
std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code, instant now);

/// otpauth://totp/… for a QR code.
std::string totp_uri(std::string_view secret, std::string_view user);

}  // namespace hotline::identity
