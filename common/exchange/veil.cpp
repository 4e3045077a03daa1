#include "common/exchange/veil.hpp"

#include <map>
#include <utility>

#include "common/domain/free_text.hpp"
#include "common/domain/personal.hpp"
#include "common/exchange/mapping.hpp"
#include "common/exchange/open_document.hpp"

namespace hotline::exchange {
namespace {

constexpr std::string_view something = "…";
constexpr std::string_view intake_mark = "intake.";

/// What the mapping knows of a value; UNSPECIFIED: nothing personal.
using known_values = std::map<const node*, v1::Personal>;

v1::Personal kind_of(std::string_view ours) {
  if (!ours.starts_with(intake_mark)) return v1::PERSONAL_UNSPECIFIED;
  return domain::personal_kind(ours.substr(intake_mark.size()));
}

void note(known_values& known, const node& item, const document_path& path, v1::Personal kind,
          v1::Syntax syntax) {
  const auto found = follow(item, path, syntax);
  if (!found) return;
  for (const node* one : *found) {
    if (one == nullptr) continue;
    // Which event it is may not be known: what is personal in one of them is so in all.
    auto& noted = known.try_emplace(one, kind).first->second;
    if (kind != v1::PERSONAL_UNSPECIFIED) noted = kind;
  }
}

known_values values_of(const node& document, const partner_mapping& from) {
  const v1::Syntax syntax = from.config.inbound().format().syntax();
  known_values known;
  std::vector<const node*> items{&content_of(document, syntax)};
  if (!from.items_in.empty()) {
    auto listed = follow(document, from.items_in, syntax);
    if (!listed) return known;
    items = *std::move(listed);
  }
  for (const node* item : items) {
    if (item == nullptr) continue;
    if (!from.event_word.empty())
      note(known, *item, from.event_word, v1::PERSONAL_UNSPECIFIED, syntax);
    for (const field_rule& rule : from.fields_in)
      note(known, *item, rule.theirs, kind_of(rule.config->ours()), syntax);
  }
  return known;
}

class veiling {
 public:
  explicit veiling(const known_values& known) : known_(known) {}

  node run(const node& of) {
    node made;
    made.kind = of.kind;
    const bool holds = of.kind == node::form::object || of.kind == node::form::list;
    if (!holds) return scalar(of);
    made.text = of.text;
    for (const node_member& member : of.members)
      made.members.push_back({member.name, run(member.value)});
    return made;
  }
  std::vector<std::string> words;

 private:
  node scalar(const node& of) {
    node made = of;
    const auto known = known_.find(&of);
    if (known != known_.end() && known->second == v1::PERSONAL_UNSPECIFIED) {
      if (of.kind == node::form::text) made.text = domain::mask_free_text(of.text);
      return made;
    }
    if (of.text.empty() || of.kind == node::form::null) return made;
    made.kind = node::form::text;
    if (known == known_.end()) {
      made.text = domain::withheld_mark;
      return made;
    }
    made.text = domain::mask(known->second, of.text);
    auto word = domain::telling_part(known->second, of.text);
    if (!word.empty()) words.push_back(std::move(word));
    return made;
  }

  const known_values& known_;
};

/// Its signs alone: where it breaks off can be seen, what it says cannot.
std::string signs_of(std::string_view bytes) {
  constexpr std::string_view signs = "{}[]<>\"':,=/?!&;\n\r\t ";
  std::string shape;
  bool skipped = false;
  for (const char c : bytes) {
    const bool is_sign = signs.find(c) != signs.npos;
    if (is_sign) {
      shape += c;
    } else if (!skipped) {
      shape += something;
    }
    skipped = !is_sign;
  }
  return shape;
}

}  // namespace

veiled veil(const partner& from, std::string_view bytes) {
  const partner_mapping& mapping = from.mapping();
  const v1::PartnerFormat& format = mapping.config.inbound().format();
  if (bytes.size() > veiled_bytes_max) return {signs_of(bytes.substr(0, veiled_bytes_max)), {}};
  const auto document = open_document(bytes, format);
  if (!document) return {signs_of(bytes), {}};
  const auto known = values_of(*document, mapping);
  veiling work(known);
  const node shown = work.run(*document);
  return {format_document(shown, format.syntax(), v1::CHARSET_UTF8), std::move(work.words)};
}

}  // namespace hotline::exchange
