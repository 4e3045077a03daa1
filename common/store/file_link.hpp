// Addresses of ours for files of tickets, for partners that fetch what we send (附件转出): good for
// one file, one ticket, one partner and a while, and for who holds them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/store/token_seal.hpp"

namespace hotline::store {

struct file_link {
  std::string partner;
  std::string ticket_no;
  std::string sha256;
  instant until;  ///< whole seconds count

  bool operator==(const file_link&) const = default;
};

/// Any thread.
class file_links {
 public:
  explicit file_links(const key_source& keys) : seal_(keys, "addresses of files") {}

  /// The last part of the address: letters, digits, '.' and '-'.
  std::string token_of(const file_link& link) const;
  /// Nothing for what token_of did not make, and for what is no longer good.
  std::optional<file_link> read(std::string_view token, instant now) const;

 private:
  token_seal seal_;
};

}  // namespace hotline::store
