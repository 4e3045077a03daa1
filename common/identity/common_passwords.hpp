// What passwords are commonly made of. Private to this room.
#pragma once

#include <span>
#include <string_view>

namespace hotline::identity {

/// Lower case, the longest first; words, pinyin and rows of the keyboard that are found over and
/// over in published lists of broken passwords, in China and elsewhere, and words of this house.
std::span<const std::string_view> common_parts();

}  // namespace hotline::identity
