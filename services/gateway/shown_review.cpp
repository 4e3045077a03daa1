#include "services/gateway/shown_review.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/domain/exchange_in.hpp"
#include "common/domain/free_text.hpp"
#include "common/domain/personal.hpp"
#include "common/exchange/charset.hpp"
#include "common/exchange/read_message.hpp"
#include "common/exchange/veil.hpp"

namespace hotline::gateway {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view no_character = "\xEF\xBF\xBD";
/// More than any number that is masked has, spaces and dashes included.
constexpr std::size_t margin = 1024;
/// What has more of them is in another charset altogether.
constexpr int faults_max = 64;

shown_bytes readable(std::string_view bytes, v1::Charset charset) {
  shown_bytes made;
  for (int faults = 0; faults <= faults_max; ++faults) {
    // Positions of faults do not count it.
    while (charset != v1::CHARSET_GB18030 && bytes.starts_with(byte_order_mark))
      bytes.remove_prefix(byte_order_mark.size());
    const auto text = exchange::to_utf8(bytes, charset);
    if (text) {
      made.text += *text;
      return made;
    }
    const auto good = exchange::to_utf8(bytes.substr(0, text.error()), charset);
    if (good) made.text += *good;
    made.text += no_character;
    bytes.remove_prefix(text.error() + 1);
  }
  made.cut = true;
  return made;
}

/// At most `bytes_max`, of whole characters.
void cut_at(std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return;
  const auto is_inside = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  while (bytes_max > 0 && is_inside(bytes_max)) --bytes_max;
  text.resize(bytes_max);
}

/// What the partner said of the caller, as far as it could be read.
std::vector<std::string> telling_words(const v1::FeedItem& item) {
  std::vector<std::string> words;
  if (!item.event().has_intake()) return words;
  v1::Intake intake = item.event().intake();
  domain::visit_personal(intake, [&](std::string_view path, std::string& value) {
    auto word = domain::telling_part(domain::personal_kind(path), value);
    if (!word.empty()) words.push_back(std::move(word));
  });
  return words;
}

}  // namespace

shown_bytes show_bytes(std::string_view bytes, v1::Charset charset,
                       const std::vector<std::string>& words) {
  const bool is_long = bytes.size() > shown_bytes_max + margin;
  auto shown = readable(bytes.substr(0, shown_bytes_max + margin), charset);
  shown.text = domain::mask_free_text(shown.text);
  if (!words.empty()) shown.text = domain::withhold_in_text(shown.text, words);
  auto most = shown_bytes_max;
  if (is_long) most = std::min(most, shown.text.size() - std::min(shown.text.size(), margin));
  shown.cut = shown.cut || is_long || shown.text.size() > most;
  cut_at(shown.text, most);
  return shown;
}

std::string whole_text(std::string_view bytes, v1::Charset charset) {
  return readable(bytes, charset).text;
}

v1::PartnerReview show_review(const store::stored_review& review, const exchange::partner& from,
                              const domain::province& land) {
  const auto& item = review.review.item();
  v1::PartnerReview shown;
  shown.set_id(review.id);
  shown.set_reason(review.review.reason());
  shown.set_text(domain::mask_free_text(review.review.text()));
  shown.set_since_at(to_unix_ms(review.since));
  shown.set_received_at(item.received_at());
  const auto named = item.has_event() ? item.event() : exchange::read_names(from, item.original());
  shown.set_kind(named.kind());
  shown.set_external_no(named.external_no());
  shown.set_ticket_no(review.ticket_no);
  if (named.kind() == v1::PARTNER_EVENT_KIND_CREATE)
    shown.set_return_until_at(
        domain::return_until_at(from.config(), from_unix_ms(item.received_at()), land));
  auto veiled = exchange::veil(from, item.original());
  auto words = telling_words(item);
  words.insert(words.end(), veiled.words.begin(), veiled.words.end());
  auto original = show_bytes(veiled.text, v1::CHARSET_UTF8, words);
  shown.set_original(std::move(original.text));
  shown.set_original_bytes(static_cast<std::int32_t>(item.original().size()));
  shown.set_original_cut(original.cut || item.original().size() > exchange::veiled_bytes_max);
  return shown;
}

}  // namespace hotline::gateway
