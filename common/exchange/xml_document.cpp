#include "common/exchange/xml_document.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <pugixml.hpp>
#include <utility>

#include "common/exchange/charset.hpp"
#include "common/exchange/limits.hpp"

namespace hotline::exchange {
namespace {

constexpr std::string_view blanks = " \t\r\n";

bool is_blank(std::string_view text) { return text.find_first_not_of(blanks) == text.npos; }

/// A reference to one character ("#29579", "#x738B") that XML 1.0 allows.
bool is_character_reference(std::string_view name) {
  const bool hex = name.starts_with("#x");
  name.remove_prefix(hex ? 2 : 1);
  std::uint32_t code = 0;
  if (name.empty() || name.size() > 8) return false;
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    if (hex ? !std::isxdigit(u) : !std::isdigit(u)) return false;
    const int digit = std::isdigit(u) ? c - '0' : std::tolower(u) - 'a' + 10;
    code = code * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
  }
  if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
  return code < 0xD800 || (code >= 0xE000 && code < 0xFFFE) || (code > 0xFFFF && code <= 0x10FFFF);
}

bool is_known_reference(std::string_view name) {
  constexpr std::array<std::string_view, 5> of_xml = {"amp", "lt", "gt", "quot", "apos"};
  if (name.starts_with('#')) return is_character_reference(name);
  return std::ranges::find(of_xml, name) != of_xml.end();
}

/// Looks for what pugixml would pass over in silence: document types and entities it does not know.
/// Goes by the same pieces as it does (comments, CDATA, instructions, tags with their quoted
/// values): a piece taken for another would hide what comes behind it.
class markup_guard {
 public:
  explicit markup_guard(std::string_view xml) : xml_(xml) {}

  /// Why the text is not taken; nothing: it may be parsed.
  std::optional<std::string> run() {
    while (!wrong_ && (at_ = xml_.find_first_of("<&", at_)) != xml_.npos) {
      if (xml_[at_] == '&') {
        reference(xml_.size());
      } else if (!skip("<!--", "-->") && !skip("<![CDATA[", "]]>") && !skip("<?", "?>")) {
        tag();
      }
    }
    return std::move(wrong_);
  }

 private:
  void refuse(const char* reason) { wrong_ = reason; }

  /// Comments, CDATA and instructions may hold anything up to their end.
  bool skip(std::string_view begin, std::string_view end) {
    if (!xml_.substr(at_).starts_with(begin)) return false;
    const std::size_t found = xml_.find(end, at_ + begin.size());
    at_ = found == xml_.npos ? xml_.size() : found + end.size();
    return true;
  }

  void tag() {
    if (xml_.substr(at_).starts_with("<!")) return refuse("不接受文档类型声明（DOCTYPE）");
    for (++at_; !wrong_ && (at_ = xml_.find_first_of("<>\"'", at_)) != xml_.npos;) {
      const char found = xml_[at_++];
      if (found == '>') return;
      if (found == '<') return refuse("标签未结束");
      value(found);
    }
    at_ = std::min(at_, xml_.size());
  }

  /// Of an attribute, up to its quotation mark.
  void value(char mark) {
    const std::size_t end = std::min(xml_.find(mark, at_), xml_.size());
    while (!wrong_ && (at_ = xml_.find_first_of("<&", at_)) < end) {
      if (xml_[at_] == '<') return refuse("属性值中不允许有 <");
      reference(end);
    }
    at_ = std::min(end + 1, xml_.size());
  }

  void reference(std::size_t until) {
    const std::size_t end = xml_.find(';', at_);
    if (end >= until || !is_known_reference(xml_.substr(at_ + 1, end - at_ - 1)))
      return refuse("不接受自定义实体");
    at_ = end + 1;
  }

  std::string_view xml_;
  std::size_t at_ = 0;
  std::optional<std::string> wrong_;
};

class tree_builder {
 public:
  /// Nothing when the element cannot be taken; then reason() says why.
  std::optional<node> element(const pugi::xml_node& from, std::size_t depth) {
    if (depth > document_depth_max) return refuse("嵌套过深");
    node made;
    for (const pugi::xml_attribute& one : from.attributes()) {
      const std::string name = std::string("@") + one.name();
      if (!count()) return std::nullopt;
      made.members.push_back(
          {name, {.kind = node::form::text, .text = one.value(), .members = {}}});
    }
    if (has_twin(made)) return refuse("同一元素中有重复的属性");
    bool has_elements = false;
    for (const pugi::xml_node& child : from.children()) {
      if (child.type() == pugi::node_element) {
        has_elements = true;
        auto inner = element(child, depth + 1);
        if (!inner) return std::nullopt;
        made.members.push_back({child.name(), std::move(*inner)});
      } else if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
        made.text += child.value();
      }
    }
    if (has_elements && !is_blank(made.text)) return refuse("文字与子元素混排");
    if (has_elements) made.text.clear();
    if (!made.members.empty()) made.kind = node::form::object;
    return count() ? std::optional(std::move(made)) : std::nullopt;
  }

  const std::string& reason() const { return reason_; }

 private:
  std::nullopt_t refuse(std::string reason) {
    reason_ = std::move(reason);
    return std::nullopt;
  }

  bool count() {
    if (++nodes_ > document_nodes_max) refuse("内容过多");
    return nodes_ <= document_nodes_max;
  }

  std::size_t nodes_ = 0;
  std::string reason_;
};

std::unexpected<fault> not_xml(std::string reason) {
  return std::unexpected(fault{"", std::move(reason)});
}

void append_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      // A parser would turn these into a blank in an attribute, and CR into LF everywhere.
      case '\r': out += "&#13;"; break;
      case '\n': out += "&#10;"; break;
      case '\t': out += "&#9;"; break;
      default: out += c;
    }
  }
}

void append_element(std::string_view name, const node& value, std::string& out) {
  out.append("<").append(name);
  for (const node_member& one : value.members) {
    if (!one.name.starts_with('@')) continue;
    out.append(" ").append(one.name, 1).append("=\"");
    append_escaped(one.value.text, out);
    out += '"';
  }
  out += '>';
  append_escaped(value.text, out);
  for (const node_member& one : value.members)
    if (!one.name.starts_with('@')) append_element(one.name, one.value, out);
  out.append("</").append(name).append(">");
}

}  // namespace

std::expected<node, fault> parse_xml(std::string_view utf8) {
  if (auto reason = markup_guard(utf8).run()) return not_xml(std::move(*reason));
  pugi::xml_document document;
  constexpr unsigned rules = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol |
                             pugi::parse_wconv_attribute | pugi::parse_ws_pcdata |
                             pugi::parse_fragment;  // else text outside the root is lost
  const auto parsed = document.load_buffer(utf8.data(), utf8.size(), rules, pugi::encoding_utf8);
  if (!parsed)
    return not_xml("不是合法的 XML（约第 " + std::to_string(parsed.offset) + " 字节处）");
  node whole;
  whole.kind = node::form::object;
  tree_builder builder;
  for (const pugi::xml_node& child : document.children()) {
    if (child.type() == pugi::node_pcdata && is_blank(child.value())) continue;
    if (child.type() != pugi::node_element) return not_xml("根元素之外有文字");
    if (!whole.members.empty()) return not_xml("有多个根元素");
    auto root = builder.element(child, 1);
    if (!root) return not_xml(builder.reason());
    whole.members.push_back({child.name(), std::move(*root)});
  }
  if (whole.members.empty()) return not_xml("没有根元素");
  return whole;
}

std::string declared_charset(std::string_view xml) {
  constexpr std::string_view word = "encoding";
  if (!xml.starts_with("<?xml")) return {};
  xml = xml.substr(0, xml.find("?>"));
  std::size_t at = xml.find(word);
  if (at == xml.npos) return {};
  at = xml.find_first_of("'\"", at);
  if (at == xml.npos) return {};
  const std::size_t end = xml.find(xml[at], at + 1);
  if (end == xml.npos) return {};
  std::string name(xml.substr(at + 1, end - at - 1));
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

std::string xml_declaration(v1::Charset charset) {
  std::string out("<?xml version=\"1.0\" encoding=\"");
  return out.append(charset_name(charset)).append("\"?>");
}

std::string format_xml(const node& root, v1::Charset charset) {
  std::string out = xml_declaration(charset);
  for (const node_member& one : root.members) append_element(one.name, one.value, out);
  return out;
}

bool is_xml_name(std::string_view name) {
  if (name.starts_with('@')) name.remove_prefix(1);
  if (name.empty()) return false;
  const auto first = static_cast<unsigned char>(name.front());
  if (!std::isalpha(first) && first != '_' && first < 0x80) return false;
  return std::ranges::all_of(name, [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return std::isalnum(u) || u >= 0x80 || c == '_' || c == '-' || c == ':';
  });
}

}  // namespace hotline::exchange
