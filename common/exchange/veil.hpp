// What a partner sent, for people who must not read whom it is about.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/exchange/partner.hpp"

namespace hotline::exchange {

struct veiled {
  std::string text;  ///< UTF-8
  /// Values that were personal: they are not to be read elsewhere either.
  std::vector<std::string> words;
};

/// What is larger is not looked into: a page of reviews has many.
inline constexpr std::size_t veiled_bytes_max = std::size_t{64} * 1024;

/// The document with its structure. Values the mapping knows stay as they are, personal ones are
/// masked, and what it knows nothing of is taken out: it may be anything. Of a document that cannot
/// be read nothing but its signs is left.
veiled veil(const partner& from, std::string_view bytes);

}  // namespace hotline::exchange
