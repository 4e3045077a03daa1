// Places that clients keep and give back: cursors of lists, positions of live push. A list passes
// over tickets its reader does not see, and may stop on one: its number must not be read off the
// cursor; and nobody makes up a place of their own. So they are sealed.
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

  /// The same for bytes of another kind, which open under the same purpose only.
  std::string seal_bytes(std::string_view bytes, std::string_view purpose) const;
  result<std::string> open_bytes(std::string_view text, std::string_view purpose) const;
  /// Whether it has the form of something sealed, by whomever.
  static bool is_form(std::string_view text);

 private:
  std::array<unsigned char, 32> key_;
};

}  // namespace hotline::gateway
