#include "common/exchange/excerpt.hpp"

#include <utility>

#include "common/exchange/charset.hpp"
#include "common/exchange/item_places.hpp"
#include "common/exchange/xml_document.hpp"
#include "common/json/writer.hpp"

namespace hotline::exchange {
namespace {

constexpr std::string_view blanks = " \t\r\n";

bool is_blank(std::string_view bytes) { return bytes.find_first_not_of(blanks) == bytes.npos; }

/// The names that lead to the items, and nothing else, in UTF-8.
std::pair<std::string, std::string> bare_envelope(const document_path& items,
                                                  const v1::PartnerFormat& format) {
  std::string before;
  std::string after;
  if (format.syntax() == v1::SYNTAX_XML) {
    before = xml_declaration(format.charset());
    // The last name is the item's own.
    for (std::size_t i = 0; i + 1 < items.size(); ++i) {
      before += "<" + items[i].name + ">";
      after.insert(0, "</" + items[i].name + ">");
    }
    return {before, after};
  }
  for (const path_step& step : items) {
    before += '{';
    json::write_text(step.name, before);
    before += ':';
    after += '}';
  }
  return {before + "[", "]" + after};
}

}  // namespace

std::optional<excerpts> excerpts::of(std::string_view bytes, const document_path& items,
                                     const v1::PartnerFormat& format) {
  const auto text = to_utf8(bytes, format.charset());
  if (!text) return std::nullopt;
  std::vector<std::size_t> edges;
  for (const text_span& place : places_of(*text, items, format.syntax())) {
    edges.push_back(place.begin);
    edges.push_back(place.end);
  }
  const auto places = places_in_bytes(bytes, format.charset(), edges);
  if (!places || places->empty()) return std::nullopt;

  excerpts made;
  for (std::size_t i = 0; i < places->size(); i += 2) {
    const std::size_t begin = (*places)[i];
    // What an element that is no item says between them is kept; commas and line breaks are not.
    if (i > 0 && format.syntax() == v1::SYNTAX_XML) {
      const std::size_t behind = (*places)[i - 1];
      const std::string_view between = bytes.substr(behind, begin - behind);
      if (!is_blank(between)) made.before_ += between;
    } else if (i == 0) {
      made.before_ = bytes.substr(0, begin);
    }
    made.items_.push_back(bytes.substr(begin, (*places)[i + 1] - begin));
  }
  made.after_ = bytes.substr(places->back());
  if (made.before_.size() + made.after_.size() > envelope_bytes_max) {
    const auto [before, after] = bare_envelope(items, format);
    auto before_bytes = from_utf8(before, format.charset());
    auto after_bytes = from_utf8(after, format.charset());
    if (!before_bytes || !after_bytes) return std::nullopt;
    made.before_ = *std::move(before_bytes);
    made.after_ = *std::move(after_bytes);
  }
  return made;
}

std::string excerpts::alone(std::size_t which) const {
  std::string made;
  made.reserve(before_.size() + items_[which].size() + after_.size());
  return made.append(before_).append(items_[which]).append(after_);
}

}  // namespace hotline::exchange
