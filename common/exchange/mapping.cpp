#include "common/exchange/mapping.hpp"

#include <algorithm>

namespace hotline::exchange {
namespace {

std::string_view entry(const std::map<std::string, std::string, std::less<>>& of,
                       std::string_view key, std::string_view otherwise) {
  const auto found = of.find(key);
  return found == of.end() ? otherwise : std::string_view(found->second);
}

}  // namespace

std::string_view code_table::ours(std::string_view theirs) const {
  return entry(ours_of, theirs, otherwise_ours);
}

std::string_view code_table::theirs(std::string_view ours) const {
  return entry(theirs_of, ours, otherwise_theirs);
}

bool field_rule::holds_for(const v1::PartnerEvent& event) const {
  return std::ranges::all_of(where, [&](const field_condition& one) {
    return std::ranges::find(one.values, get_ours(event, one.ours, 0, {})) != one.values.end();
  });
}

bool field_rule::is_for(v1::PartnerEventKind kind) const {
  const auto& only = config->events();
  return only.empty() || std::ranges::find(only, kind) != only.end();
}

v1::PartnerEventKind partner_mapping::kind_in(std::string_view word) const {
  for (const v1::EventWord& one : config.inbound().events())
    if (one.theirs() == word) return one.kind();
  return v1::PARTNER_EVENT_KIND_UNSPECIFIED;
}

std::string_view partner_mapping::word_out(v1::PartnerEventKind kind) const {
  for (const v1::EventWord& one : config.outbound().events())
    if (one.kind() == kind) return one.theirs();
  return {};
}

}  // namespace hotline::exchange
