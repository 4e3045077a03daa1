// Where the items of a document lie in its text. The trees of document.hpp do not know: neither
// parser tells where a value begins and ends.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "common/exchange/document.hpp"

namespace hotline::exchange {

/// Half open.
struct text_span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The items at a path whose last name is the list, in their order. The text was parsed before and
/// found good; of any other the answer is some spans within it.
std::vector<text_span> places_of(std::string_view utf8, const document_path& items,
                                 v1::Syntax syntax);

}  // namespace hotline::exchange
