// Small texts of this room.
#pragma once

#include <string>
#include <string_view>

namespace hotline::identity {

/// ASCII letters only; other bytes stay.
std::string lower_case(std::string_view text);

/// A login name: [a-z0-9._-]{2,64}, beginning with a letter or digit. "me" is a word of the API.
bool is_user_id(std::string_view text);

/// Characters of valid UTF-8.
std::size_t count_characters(std::string_view utf8);

/// Overwrites the characters: for secrets that are no longer needed.
void wipe(std::string& secret);

}  // namespace hotline::identity
