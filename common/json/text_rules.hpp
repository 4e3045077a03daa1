// Which characters may stand in a text that people will read.
#pragma once

#include <string_view>

namespace hotline::json {

/// True when valid UTF-8 holds what must not be stored: control characters except line feed and
/// tab (they forge log lines and break exports), or bidirectional overrides and isolates
/// (U+202A..202E, U+2066..2069: they make a text read as another than it is).
bool has_forbidden_character(std::string_view utf8);

/// True when the first character of `bytes` is well-formed UTF-8.
bool begins_with_utf8(std::string_view bytes);

}  // namespace hotline::json
