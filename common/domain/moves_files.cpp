#include <algorithm>

#include "common/domain/form.hpp"
#include "common/domain/moves.hpp"

namespace hotline::domain::moves {
namespace {

constexpr int attachments_max = 50;
constexpr std::int64_t size_bytes_max = 100LL * 1024 * 1024;
constexpr std::size_t sha256_digits = 64;

bool is_sha256(std::string_view text) {
  return text.size() == sha256_digits && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

/// The bytes have been stored elsewhere; the ticket keeps where, how many, and their hash.
refusal add_attachment(move& m) {
  const auto& file = m.command().add_attachment().attachment();
  if (auto no = need(file.name(), "attachment.name", "attachment.name")) return no;
  if (auto no = need(file.reference(), "attachment.reference", "attachment.reference")) return no;
  if (!is_sha256(file.sha256())) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "attachment.sha256", "attachment.sha256");
  }
  if (file.size_bytes() < 1 || file.size_bytes() > size_bytes_max) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "attachment.size", "attachment.size_bytes");
  }
  const auto& files = m.ticket().intake().attachments();
  // The same bytes again, from a partner that repeats itself, are no further file.
  if (std::ranges::find(files, file.sha256(), &v1::Attachment::sha256) != files.end()) {
    return std::nullopt;
  }
  if (files.size() >= attachments_max) {
    return reject(v1::REJECT_CODE_FIELD_TOO_LONG, "attachment.count", "attachment");
  }
  *m.event(v1::EVENT_KIND_ATTACHED).mutable_attachment() = file;
  return std::nullopt;
}

}  // namespace hotline::domain::moves
