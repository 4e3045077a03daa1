// One item of a document of several, as it came: the bytes of the others cut out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/exchange/document.hpp"
#include "hotline/v1/partner.pb.h"

namespace hotline::exchange {

/// Of a document that open_document has read, whose items lie at `items`, a path with its list at
/// the end. The bytes outlive it.
class excerpts {
 public:
  /// Nothing: the items' places cannot be told, which no document that was read has shown yet.
  static std::optional<excerpts> of(std::string_view bytes, const document_path& items,
                                    const v1::PartnerFormat& format);

  std::size_t size() const { return items_.size(); }

  /// The bytes of an item, and nothing else.
  std::string_view item(std::size_t which) const { return items_[which]; }

  /// A document that holds this item alone: everything around the items, and the item, byte for
  /// byte. What is around them comes back with each, so where it is more than envelope_bytes_max
  /// the names that lead to the items stand for it.
  std::string alone(std::size_t which) const;

 private:
  excerpts() = default;

  std::vector<std::string_view> items_;
  std::string before_;
  std::string after_;
};

inline constexpr std::size_t envelope_bytes_max = std::size_t{16} * 1024;

}  // namespace hotline::exchange
