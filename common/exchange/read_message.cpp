#include "common/exchange/read_message.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "common/exchange/excerpt.hpp"
#include "common/exchange/limits.hpp"
#include "common/exchange/open_document.hpp"
#include "common/exchange/read_field.hpp"

namespace hotline::exchange {
namespace {

std::expected<std::vector<const node*>, fault> items_of(const node& document,
                                                        const document_path& items,
                                                        v1::Syntax syntax) {
  if (items.empty()) return std::vector{&content_of(document, syntax)};
  // A list may be empty, which in XML it is when nothing is there; a document of another kind must
  // not pass for one.
  document_path holder = items;
  if (syntax == v1::SYNTAX_XML) {
    holder.pop_back();
  } else {
    holder.back().every = false;
  }
  if (find(document, holder) == nullptr)
    return std::unexpected(fault{to_string(items), "没有约定的列表"});
  return follow(document, items, syntax);
}

/// Which event the item is. A word that is not known is a fault of the item.
std::expected<v1::PartnerEventKind, fault> kind_of(const node& item, const partner_mapping& from) {
  const std::string& path = from.config.inbound().event_path();
  if (path.empty()) return v1::PARTNER_EVENT_KIND_CREATE;
  const std::string text = text_at(item, from.event_word);
  const std::string_view word = trimmed(text);
  if (word.empty()) return std::unexpected(fault{path, "缺少事件类型"});
  const v1::PartnerEventKind kind = from.kind_in(word);
  if (kind == v1::PARTNER_EVENT_KIND_UNSPECIFIED)
    return std::unexpected(fault{path, "未约定的事件类型"});
  return kind;
}

std::expected<v1::PartnerEvent, std::vector<fault>> read_event(const node& item,
                                                               const partner_mapping& from) {
  if (item.kind != node::form::object)
    return std::unexpected(std::vector{fault{"", "此处应为对象"}});
  const auto kind = kind_of(item, from);
  if (!kind) return std::unexpected(std::vector{kind.error()});
  v1::PartnerEvent event;
  event.set_partner(from.config.name());
  event.set_kind(*kind);
  std::vector<fault> faults;
  for (const field_rule& rule : from.fields_in) {
    if (!rule.is_for(*kind)) continue;
    auto reading = read_field_into(event, item, rule, from, false);
    // Several fields may lie behind one list that is none.
    if (reading.wrong && std::ranges::find(faults, *reading.wrong) == faults.end())
      faults.push_back(std::move(*reading.wrong));
  }
  if (faults.empty() && event.external_no().empty()) faults.push_back({"", "缺少对方工单号"});
  // What the store could not keep apart.
  if (event.external_no().size() > name_bytes_max) faults.push_back({"", "对方工单号过长"});
  if (event.serial().size() > name_bytes_max) faults.push_back({"", "对方消息编号过长"});
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return event;
}

/// Paths of the values of a message, each once however long the lists on the way are.
class value_paths {
 public:
  explicit value_paths(const node& message) { walk(message, ""); }
  std::set<std::string> paths;

 private:
  void walk(const node& at, const std::string& path) {
    if (at.kind == node::form::list) {
      for (const node_member& one : at.members) walk(one.value, path + "[]");
      return;
    }
    // An element of XML may have a text beside its attributes.
    if (at.kind != node::form::object || !at.text.empty()) paths.insert(path);
    if (at.kind != node::form::object) return;
    for (const node_member& one : at.members) {
      const auto twins = std::ranges::count(at.members, one.name, &node_member::name);
      walk(one.value, (path.empty() ? "" : path + ".") + one.name + (twins > 1 ? "[]" : ""));
    }
  }
};

/// The paths no rule for the event reads.
std::vector<std::string> unmapped_of(const node& item, v1::PartnerEventKind kind,
                                     const partner_mapping& from) {
  auto left = value_paths(item).paths;
  const auto read = [&](std::string path) {
    left.erase(path);
    // A list of one may be written as that one, in XML.
    if (const auto at = path.find("[]"); at != path.npos) left.erase(path.erase(at, 2));
  };
  read(from.config.inbound().event_path());
  for (const field_rule& rule : from.fields_in) {
    if (!rule.is_for(kind)) continue;
    read(to_string(rule.theirs));
    read(to_string(rule.theirs) + "[]");
  }
  return {left.begin(), left.end()};
}

explained_item explain(const node& item, const partner_mapping& from) {
  explained_item told;
  const std::string& word_path = from.config.inbound().event_path();
  const auto kind = kind_of(item, from);
  if (kind) told.kind = *kind;
  if (!word_path.empty())
    told.fields.push_back({.theirs = word_path,
                           .their_value = text_at(item, from.event_word),
                           .ours = "kind",
                           .our_value = kind ? v1::PartnerEventKind_Name(*kind) : "",
                           .fault = kind ? "" : kind.error().reason});
  if (!kind) return told;
  if (item.kind == node::form::object) told.unmapped = unmapped_of(item, *kind, from);
  v1::PartnerEvent event;
  for (const field_rule& rule : from.fields_in) {
    if (!rule.is_for(*kind)) continue;
    auto reading = read_field_into(event, item, rule, from, true);
    told.fields.push_back({.theirs = rule.config->theirs(),
                           .their_value = std::move(reading.their_value),
                           .ours = rule.config->ours(),
                           .our_value = std::move(reading.our_value),
                           .fault = reading.wrong ? std::move(reading.wrong->reason) : ""});
  }
  return told;
}

/// False: the places of the items cannot be told.
bool keep_bytes(std::vector<read_item>& items, std::string_view bytes,
                const partner_mapping& from) {
  const auto is_mapped = [](const read_item& item) { return item.event.has_value(); };
  if (items.size() == 1) items.front().original = bytes;
  if (items.size() <= 1 && (from.items_in.empty() || std::ranges::all_of(items, is_mapped)))
    return true;
  const auto parts = excerpts::of(bytes, from.items_in, from.config.inbound().format());
  if (!parts || parts->size() != items.size()) return false;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items.size() > 1) items[i].original = parts->alone(i);
    if (!items[i].event) items[i].own = parts->item(i);
  }
  return true;
}

std::expected<std::vector<read_item>, fault> read_items(const node& document,
                                                        std::string_view bytes,
                                                        const partner_mapping& from) {
  const auto items = items_of(document, from.items_in, from.config.inbound().format().syntax());
  if (!items) return std::unexpected(items.error());
  std::vector<read_item> read;
  read.reserve(items->size());
  for (const node* item : *items)
    read.push_back({.original = {}, .own = {}, .event = read_event(*item, from)});
  if (!keep_bytes(read, bytes, from)) return std::unexpected(fault{"", "不能逐件拆分"});
  return read;
}

}  // namespace

std::expected<std::vector<read_item>, fault> read_message(const partner& from,
                                                          std::string_view bytes) {
  const auto document = open_document(bytes, from.mapping().config.inbound().format());
  if (!document) return std::unexpected(document.error());
  return read_items(*document, bytes, from.mapping());
}

std::expected<message_page, fault> read_page(const partner& from, std::string_view bytes) {
  const partner_mapping& mapping = from.mapping();
  const v1::PartnerFormat& format = mapping.config.inbound().format();
  const auto document = open_document(bytes, format);
  if (!document) return std::unexpected(document.error());
  auto items = read_items(*document, bytes, mapping);
  if (!items) return std::unexpected(items.error());
  return message_page{*std::move(items),
                      text_at(content_of(*document, format.syntax()), mapping.next_cursor)};
}

v1::PartnerEvent read_names(const partner& from, std::string_view bytes) {
  const partner_mapping& mapping = from.mapping();
  const v1::PartnerFormat& format = mapping.config.inbound().format();
  v1::PartnerEvent named;
  const auto document = open_document(bytes, format);
  if (!document) return named;
  const auto items = items_of(*document, mapping.items_in, format.syntax());
  if (!items || items->size() != 1 || items->front()->kind != node::form::object) return named;
  const node& item = *items->front();
  if (const auto kind = kind_of(item, mapping)) named.set_kind(*kind);
  for (const field_rule& rule : mapping.fields_in) {
    const std::string& ours = rule.config->ours();
    const bool names = ours == "external_no" || ours == "serial" || ours == "sequence";
    // One that is wrong is left out.
    if (names && rule.is_for(named.kind())) read_field_into(named, item, rule, mapping, false);
  }
  return named;
}

std::expected<std::vector<explained_item>, fault> explain_message(const partner& from,
                                                                  std::string_view bytes) {
  const partner_mapping& mapping = from.mapping();
  const v1::PartnerFormat& format = mapping.config.inbound().format();
  const auto document = open_document(bytes, format);
  if (!document) return std::unexpected(document.error());
  const auto items = items_of(*document, mapping.items_in, format.syntax());
  if (!items) return std::unexpected(items.error());
  std::vector<explained_item> told;
  for (const node* item : *items) told.push_back(explain(*item, mapping));
  return told;
}

std::expected<std::vector<listed_ticket>, fault> read_list(const partner& from,
                                                           std::string_view bytes) {
  const partner_mapping& mapping = from.mapping();
  const v1::PartnerFormat& format = mapping.config.has_outbound()
                                        ? mapping.config.outbound().format()
                                        : mapping.config.inbound().format();
  const auto document = open_document(bytes, format);
  if (!document) return std::unexpected(document.error());
  const auto items = items_of(*document, mapping.list_items, format.syntax());
  if (!items) return std::unexpected(items.error());
  std::vector<listed_ticket> list;
  for (const node* item : *items) {
    listed_ticket one{.external_no = text_at(*item, mapping.list_external_no),
                      .state = text_at(*item, mapping.list_state)};
    if (one.external_no.empty())
      return std::unexpected(
          fault{mapping.config.reconciliation().external_no_path(), "缺少对方工单号"});
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace hotline::exchange
