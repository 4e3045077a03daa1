// Which files are taken from outside, whoever brings them: partners, staff, citizens. Pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace hotline::store {

/// `type` as type_of_file has told it; `types`: a list of texts, empty for every type it knows.
template <class Types>
bool is_taken_type(const Types& types, std::string_view type) {
  if (type.empty()) return false;
  return types.empty() || std::ranges::find(types, type) != types.end();
}

/// The name of a file without a path, in valid UTF-8: 1 to 200 bytes, no separators, no control
/// characters, none that turn the direction of writing (and hide what a name ends in).
bool is_file_name(std::string_view name);

/// The name, ending in what the file is: behind a suffix of another kind the right one is written,
/// since a text called .bat would be started by whoever opens it. `suffix`: as suffix_of_type.
std::string name_with_suffix(std::string name, std::string_view suffix);

}  // namespace hotline::store
