#include "common/store/file_receipt.hpp"

#include <fmt/core.h>

#include <array>

#include "common/store/stored_number.hpp"

namespace hotline::store {
namespace {

constexpr std::string_view scheme = "upload:";

/// What is signed. The user stands last: a name may hold dots.
std::string text_of(const file_receipt& receipt) {
  return fmt::format("{}.{}{}.{}.{}", to_unix_ms(receipt.until) / 1000, receipt.size_bytes,
                     receipt.suffix, receipt.sha256, receipt.user);
}

}  // namespace

bool is_receipt(std::string_view reference) { return reference.starts_with(scheme); }

std::string file_receipts::reference_of(const file_receipt& receipt) const {
  return std::string(scheme) + seal_.seal(text_of(receipt));
}

std::optional<file_receipt> file_receipts::read(std::string_view reference, std::string_view user,
                                                instant now) const {
  if (!is_receipt(reference)) return std::nullopt;
  const auto opened = seal_.open(reference.substr(scheme.size()));
  if (!opened) return std::nullopt;
  std::string_view rest = *opened;
  std::array<std::string_view, 4> parts;
  for (auto& part : parts) {
    const auto dot = rest.find('.');
    part = rest.substr(0, dot);
    rest = dot == rest.npos ? std::string_view() : rest.substr(dot + 1);
  }
  const file_receipt receipt{
      std::string(rest), std::string(parts[3]), static_cast<std::int64_t>(whole_number(parts[1])),
      "." + std::string(parts[2]), from_unix_ms(whole_number(parts[0]) * 1000)};
  const bool good = text_of(receipt) == *opened && receipt.user == user && now < receipt.until;
  return good ? std::optional(receipt) : std::nullopt;
}

}  // namespace hotline::store
