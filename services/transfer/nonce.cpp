#include "services/transfer/nonce.hpp"

#include <array>
#include <random>

#include "common/crypto/digest.hpp"

namespace hotline::transfer {

std::string make_nonce() {
  std::random_device entropy;
  std::array<std::random_device::result_type, 4> words{};
  for (auto& word : words) word = entropy();
  return crypto::to_hex({reinterpret_cast<const char*>(words.data()), sizeof words});
}

}  // namespace hotline::transfer
