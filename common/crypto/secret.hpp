// Bytes that must not stay in memory after use.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace hotline::crypto {

/// A secret key; wiped when it is destroyed. Moving hands the bytes on, copying is not offered.
class secret {
 public:
  secret() = default;
  explicit secret(std::string bytes) : bytes_(std::move(bytes)) {}
  ~secret();
  secret(secret&& other) noexcept;
  secret& operator=(secret&& other) noexcept;
  secret(const secret&) = delete;
  secret& operator=(const secret&) = delete;

  std::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Overwrites the bytes in a way the compiler cannot leave out, and empties the string.
void wipe(std::string& bytes);

}  // namespace hotline::crypto
