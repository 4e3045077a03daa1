#include "common/redis/endpoint.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <utility>

namespace hotline::redis {

endpoint endpoint::unix_socket(std::string path) { return {std::move(path), {}, 0}; }

endpoint endpoint::tcp(std::string host, std::uint16_t port) { return {{}, std::move(host), port}; }

std::string to_string(const endpoint& e) {
  if (!e.path.empty()) return fmt::format("unix:{}", e.path);
  return fmt::format("tcp:{}:{}", e.host, e.port);
}

result<void> validate(const endpoint& e) {
  if (!e.path.empty()) {
    if (e.path.size() <= unix_path_max) return {};
    return fail(errc::misconfigured,
                fmt::format("the path of the Redis socket has {} bytes, more than {}: {}",
                            e.path.size(), unix_path_max, e.path));
  }
  in6_addr address{};
  const bool numeric = inet_pton(AF_INET, e.host.c_str(), &address) == 1 ||
                       inet_pton(AF_INET6, e.host.c_str(), &address) == 1;
  if (numeric && e.port != 0) return {};
  return fail(errc::misconfigured,
              fmt::format("Redis needs a socket path or a numeric address and a port, not '{}:{}'",
                          e.host, e.port));
}

}  // namespace hotline::redis
