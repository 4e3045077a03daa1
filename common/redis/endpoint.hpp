// Where a Redis server listens and how a connection introduces itself.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/base/error.hpp"

namespace hotline::redis {

/// The longest path of a Unix socket in bytes (sun_path without its final zero).
inline constexpr std::size_t unix_path_max = 107;

struct endpoint {
  std::string path{};  ///< Unix socket; if empty, TCP
  std::string host{};  ///< numeric address: names would block in hiredis
  std::uint16_t port = 0;

  static endpoint unix_socket(std::string path);
  static endpoint tcp(std::string host, std::uint16_t port);

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// "unix:/run/redis.sock" or "tcp:127.0.0.1:6379".
std::string to_string(const endpoint& e);

/// misconfigured: neither path nor host, a path that is too long, a host that is not an address.
result<void> validate(const endpoint& e);

/// What is said first on every new connection.
struct credentials {
  std::string username{};     ///< ACL user; empty with a password: the default user
  std::string password{};     ///< empty: no AUTH
  std::string client_name{};  ///< for CLIENT LIST, no spaces; empty: none
};

}  // namespace hotline::redis
