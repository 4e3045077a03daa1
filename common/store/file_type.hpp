// What a file is, by its bytes: names and headers say what somebody wants it to be. Pure.
#pragma once

#include <string_view>

namespace hotline::store {

/// "image/jpeg"; empty for anything that is not known: pictures (png, jpeg, gif), pdf, documents of
/// Word and Excel old and new, zip, sound (mp3, wav, amr), mp4, and plain text in UTF-8 or GB18030.
std::string_view type_of_file(std::string_view bytes);

/// ".jpg", for a file without a name; empty for a type that is not known.
std::string_view suffix_of_type(std::string_view type);

}  // namespace hotline::store
