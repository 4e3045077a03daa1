#include "common/exchange/read_field.hpp"

#include <utility>
#include <vector>

#include "common/domain/region.hpp"

namespace hotline::exchange {
namespace {

constexpr std::size_t items_max = 1000;  ///< of one list in a message

class field_reader {
 public:
  field_reader(v1::PartnerEvent& event, const node& message, const field_rule& rule,
               const partner_mapping& from, bool wanted)
      : event_(event), message_(message), rule_(rule), from_(from), wanted_(wanted) {}

  field_reading run() {
    auto found = follow(message_, rule_.theirs, from_.config.inbound().format().syntax());
    if (!found) {
      reading_.wrong = std::move(found.error());
      return std::move(reading_);
    }
    if (found->size() > items_max) {
      refuse("列表项过多");
      return std::move(reading_);
    }
    for (std::size_t i = 0; i < found->size() && !reading_.wrong; ++i) take((*found)[i], i);
    if (!reading_.wrong && !any_) absent();
    return std::move(reading_);
  }

 private:
  void refuse(std::string reason) {
    reading_.wrong = fault{rule_.config->theirs(), std::move(reason)};
  }

  static void append(std::string& list, std::string_view value) {
    if (!list.empty()) list += ", ";
    list += value;
  }

  void take(const node* value, std::size_t item) {
    if (value == nullptr) return;
    const auto scalar = scalar_of(*value);
    if (!scalar) return refuse(scalar.error());
    if (wanted_) append(reading_.their_value, *scalar);
    std::string_view rest = trimmed(*scalar);
    const std::string& separator = rule_.config->separator();
    if (separator.empty()) return take_text(rest, item);
    for (std::size_t n = 0; !rest.empty() && !reading_.wrong;) {
      if (n == items_max) return refuse("列表项过多");
      const std::size_t end = rest.find(separator);
      const std::string_view piece = trimmed(rest.substr(0, end));
      rest.remove_prefix(end == rest.npos ? rest.size() : end + separator.size());
      if (!piece.empty()) take_text(piece, n++);
    }
  }

  void take_text(std::string_view text, std::size_t item) {
    if (text.empty()) return;
    any_ = true;
    if (rule_.config->recognise_place()) return take_place(text, item);
    if (rule_.table == nullptr) return set(text, item);
    const std::string_view ours = rule_.table->ours(text);
    if (ours.empty()) return refuse("代码表 " + rule_.config->table() + " 中没有此代码");
    set(ours, item);
  }

  void take_place(std::string_view text, std::size_t item) {
    const auto match = from_.places->recognise(text);
    if (match.certainty == domain::region_certainty::outside) return refuse("地名不在本省");
    if (match.certainty != domain::region_certainty::certain) return refuse("地名不能确定");
    set(match.code, item);
  }

  void absent() {
    const v1::FieldMapping& config = *rule_.config;
    if (!config.default_value().empty()) return set(config.default_value(), 0);
    if (config.required()) refuse("缺少必填内容");
  }

  void set(std::string_view text, std::size_t item) {
    const auto done = set_ours(event_, rule_.ours, item, text, rule_.form);
    if (!done) return refuse(done.error());
    if (!wanted_) return;
    // Read back, so that a form (instants, amounts) is shown as it was understood; a zero has no
    // text of its own.
    const std::string understood = get_ours(event_, rule_.ours, stored(item), {});
    append(reading_.our_value, understood.empty() ? text : std::string_view(understood));
  }

  /// A list of single values has no gaps, so an item's place there may be an earlier one.
  std::size_t stored(std::size_t item) const {
    return rule_.ours.field().is_repeated() ? count_ours(event_, rule_.ours) - 1 : item;
  }

  v1::PartnerEvent& event_;
  const node& message_;
  const field_rule& rule_;
  const partner_mapping& from_;
  bool wanted_;
  bool any_ = false;
  field_reading reading_;
};

}  // namespace

field_reading read_field_into(v1::PartnerEvent& event, const node& message, const field_rule& rule,
                              const partner_mapping& from, bool wanted) {
  return field_reader(event, message, rule, from, wanted).run();
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace hotline::exchange
