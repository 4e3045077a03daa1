#include "common/runtime/instance_slot.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <system_error>
#include <utility>

namespace hotline::runtime {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "host";
  return name.data();
}

/// FNV-1a: the same for the same path in every build.
std::uint32_t short_hash(std::string_view text) {
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return hash;
}

}  // namespace

result<instance_slot> instance_slot::take(const std::filesystem::path& directory,
                                          std::string_view service) {
  const auto locks = directory / "locks";
  std::error_code bad;
  std::filesystem::create_directories(locks, bad);
  if (bad) {
    return fail(errc::io_error, fmt::format("cannot create {}: {}", locks.string(), bad.message()));
  }
  const auto home = std::filesystem::weakly_canonical(directory, bad).string();
  for (int i = 0; i < slots_max; ++i) {
    auto lock = file_lock::try_take(locks / fmt::format("{}-{}.lock", service, i));
    if (!lock) return pass(lock);
    if (!*lock) continue;
    return instance_slot(**std::move(lock),
                         fmt::format("{}-{:08x}-{}", host_name(), short_hash(home), i));
  }
  return fail(errc::overloaded, fmt::format("{} processes run the service {} on {} already",
                                            slots_max, service, directory.string()));
}

}  // namespace hotline::runtime
