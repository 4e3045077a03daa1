// Personal data at rest: sealed before a decision is committed, opened for those who may read it.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/error.hpp"
#include "common/crypto/field_sealer.hpp"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::store {

/// The keys as they are now; a rotation makes the next call give others.
class key_source {
 public:
  using ring = std::shared_ptr<const crypto::key_ring>;
  /// Whether a key that was not among them is there after a look: what another process seals with a
  /// new key must open here at once.
  using looking = std::function<bool(unsigned id)>;

  template <std::invocable Keys>
  key_source(Keys keys, looking look = {})  // a lambda is one
      : keys_(std::move(keys)), look_(std::move(look)) {}

  ring operator()() const { return keys_(); }
  bool look_for(unsigned id) const { return look_ && look_(id); }

 private:
  std::function<ring()> keys_;
  looking look_;
};

/// One per thread.
class personal_vault {
 public:
  explicit personal_vault(key_source keys);

  /// Seals what is still plain in the event's personal fields, and gives a new phone its blind
  /// index. True if anything was: then the ticket is to be folded again from the event.
  bool seal(v1::Event& event);

  /// A value as it was given. A value that is not sealed is itself.
  /// corrupt_data, misconfigured: as field_sealer::open.
  result<std::string> open(std::string_view ticket_no, std::string_view path,
                           std::string_view value);

  /// What derive calls the caller's index entry: "caller:" + this.
  std::string phone_index(std::string_view phone);

  /// What tells a repeated request from another one, of all it says: names and numbers are guessed
  /// from an unkeyed hash by trying.
  std::string fingerprint(std::string_view request);

 private:
  crypto::field_sealer& sealer();

  key_source source_;
  std::shared_ptr<const crypto::key_ring> keys_;
  crypto::field_sealer sealer_;
};

}  // namespace hotline::store
