// Receipts (回执) for files that were handed in: what a client puts in Attachment.reference to hang
// such a file on a ticket. Only the door reads them; what is stored names the file by its digest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/store/token_seal.hpp"

namespace hotline::store {

struct file_receipt {
  std::string user;  ///< who handed it in, and may refer to it
  std::string sha256;
  std::int64_t size_bytes = 0;
  std::string suffix;  ///< of what it is: ".jpg"
  instant until;       ///< whole seconds count

  bool operator==(const file_receipt&) const = default;
};

/// "upload:…", genuine or not.
bool is_receipt(std::string_view reference);

/// Any thread.
class file_receipts {
 public:
  explicit file_receipts(const key_source& keys) : seal_(keys, "receipts of files") {}

  std::string reference_of(const file_receipt& receipt) const;
  /// Nothing for what reference_of did not make, what is over, and what somebody else handed in.
  std::optional<file_receipt> read(std::string_view reference, std::string_view user,
                                   instant now) const;

 private:
  token_seal seal_;
};

}  // namespace hotline::store
