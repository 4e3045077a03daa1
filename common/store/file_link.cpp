#include "common/store/file_link.hpp"

#include <fmt/core.h>

#include <array>

#include "common/store/stored_number.hpp"

namespace hotline::store {
namespace {

/// What is signed, and stands before the signature.
std::string text_of(const file_link& link) {
  return fmt::format("{}.{}.{}.{}", to_unix_ms(link.until) / 1000, link.partner, link.ticket_no,
                     link.sha256);
}

}  // namespace

std::string file_links::token_of(const file_link& link) const { return seal_.seal(text_of(link)); }

std::optional<file_link> file_links::read(std::string_view token, instant now) const {
  const auto opened = seal_.open(token);
  if (!opened) return std::nullopt;
  std::array<std::string_view, 4> parts;
  std::string_view rest = *opened;
  for (auto& part : parts) {
    const auto dot = rest.find('.');
    part = rest.substr(0, dot);
    rest = dot == rest.npos ? std::string_view() : rest.substr(dot + 1);
  }
  file_link link{std::string(parts[1]), std::string(parts[2]), std::string(parts[3]),
                 from_unix_ms(whole_number(parts[0]) * 1000)};
  if (text_of(link) != *opened || now >= link.until) return std::nullopt;
  return link;
}

}  // namespace hotline::store
