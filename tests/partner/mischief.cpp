#include "tests/partner/mischief.hpp"

namespace hotline::test {
namespace {

constexpr std::uint64_t kinds = mischief_kinds - 1;

/// The finaliser of SplitMix64: every bit of the input reaches every bit of the output.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

bool is_below(std::uint64_t hash, double rate) {
  return static_cast<double>(hash >> 11) * 0x1.0p-53 < rate;
}

}  // namespace

std::uint64_t mischief_source::hash(std::string_view name, std::uint64_t salt) const {
  std::uint64_t h = mixed(seed_ + mixed(salt));
  for (const char c : name) h = mixed(h ^ static_cast<unsigned char>(c));
  return h;
}

mischief mischief_source::for_message(std::string_view name, int attempt) const {
  if (attempt >= per_message_max_) return mischief::none;
  const auto h = hash(name, static_cast<std::uint64_t>(attempt) + 1);
  if (!is_below(h, rate_)) return mischief::none;
  return static_cast<mischief>(1 + mixed(h) % kinds);
}

std::uint64_t mischief_source::choose(std::string_view name, std::uint64_t count) const {
  return mixed(hash(name, 0)) % count;
}

bool mischief_source::happens(std::string_view name, double rate) const {
  return is_below(hash(name, 0), rate);
}

}  // namespace hotline::test
