// What is kept of the exchange with partners is personal data: sealed as a whole, and remembered by
// prints that give nothing away. Private to this room.
#pragma once

#include <google/protobuf/message_lite.h>

#include <memory>
#include <string>
#include <string_view>

#include "common/base/error.hpp"
#include "common/crypto/digest.hpp"
#include "common/crypto/field_sealer.hpp"
#include "common/store/personal_vault.hpp"

namespace hotline::store {

/// One per thread.
class exchange_vault {
 public:
  explicit exchange_vault(key_source keys);

  /// `place` says where the bytes are kept: moved elsewhere, they do not open.
  std::string seal(std::string_view place, const google::protobuf::MessageLite& message);
  /// corrupt_data, misconfigured: as field_sealer::open.
  result<void> open(std::string_view place, std::string_view sealed,
                    google::protobuf::MessageLite& message);

  static constexpr std::size_t print_bytes = 16;
  /// Equal for equal texts; without the key no help in guessing one. Survives a rotation of the
  /// sealing keys.
  std::string print(std::string_view text);

 private:
  void follow();

  key_source source_;
  std::shared_ptr<const crypto::key_ring> keys_;
  crypto::field_sealer sealer_;
  crypto::keyed_hash hash_;
};

}  // namespace hotline::store
