// Cursors of lists as clients get them. A list passes over tickets its reader does not see, and may
// stop on one: its number must not be read off the cursor. So cursors are sealed.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "common/base/error.hpp"
#include "common/store/index_reader.hpp"

namespace hotline::gateway {

class cursor_seal {
 public:
  /// Gateways of one secret take each other's cursors, also after a restart.
  explicit cursor_seal(std::string_view secret);
  /// A secret of its own.
  cursor_seal();

  /// Hexadecimal text; another one each time.
  std::string seal(const store::index_cursor& cursor) const;
  /// invalid_argument for anything seal did not make.
  result<store::index_cursor> open(std::string_view text) const;

 private:
  std::array<unsigned char, 32> key_;
};

}  // namespace hotline::gateway
