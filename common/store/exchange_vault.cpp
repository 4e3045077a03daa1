#include "common/store/exchange_vault.hpp"

#include <utility>

namespace hotline::store {
namespace {

// Part of what a token is bound to, in the place of a personal field's path.
constexpr std::string_view field = "exchange";

}  // namespace

exchange_vault::exchange_vault(key_source keys)
    : source_(std::move(keys)),
      keys_(source_()),
      sealer_(keys_),
      hash_(keys_->index_suite, keys_->index_key.bytes()) {}

void exchange_vault::follow() {
  if (auto now = source_(); now != keys_) {
    keys_ = std::move(now);
    sealer_.use(keys_);
  }
}

std::string exchange_vault::seal(std::string_view place,
                                 const google::protobuf::MessageLite& message) {
  follow();
  return sealer_.seal(place, field, message.SerializeAsString());
}

result<void> exchange_vault::open(std::string_view place, std::string_view sealed,
                                  google::protobuf::MessageLite& message) {
  follow();
  auto plain = sealer_.open(place, field, sealed);
  if (!plain && plain.error().code == errc::misconfigured) {
    const auto key = crypto::key_of(sealed);
    if (key && source_.look_for(*key)) {
      follow();
      plain = sealer_.open(place, field, sealed);
    }
  }
  if (!plain) return pass(plain);
  if (!message.ParseFromString(*plain)) {
    return fail(errc::corrupt_data, "what is kept of the exchange is no such message");
  }
  return {};
}

std::string exchange_vault::print(std::string_view text) {
  hash_.add("exchange\n");
  hash_.add(text);
  return std::string(crypto::as_bytes(hash_.finish()).substr(0, print_bytes));
}

}  // namespace hotline::store
