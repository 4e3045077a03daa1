#include "common/exchange/json_document.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <cstdint>
#include <limits>
#include <utility>

#include "common/exchange/limits.hpp"
#include "common/json/writer.hpp"

namespace hotline::exchange {
namespace {

namespace bj = boost::json;

/// Receives the pieces of the text from Boost.JSON's parser and hangs them into the tree. An on_…
/// that answers false stops the parser.
class tree_builder {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  node take_root() { return std::move(root_); }
  /// Empty unless something but the syntax is wrong.
  const std::string& reason() const { return reason_; }

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code& ec) { return open(node::form::object, ec); }
  bool on_array_begin(bj::error_code& ec) { return open(node::form::list, ec); }

  bool on_object_end(std::size_t, bj::error_code& ec) {
    if (has_twin(*levels_.back())) return refuse("同一对象中有重复的名称", ec);
    levels_.pop_back();
    return true;
  }
  bool on_array_end(std::size_t, bj::error_code&) {
    levels_.pop_back();
    return true;
  }

  bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) { return gather(part); }
  bool on_key(bj::string_view last, std::size_t, bj::error_code&) {
    name_ = gathered(last);
    return true;
  }
  bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) { return gather(part); }
  bool on_string(bj::string_view last, std::size_t, bj::error_code& ec) {
    return add({.kind = node::form::text, .text = gathered(last), .members = {}}, ec) != nullptr;
  }
  bool on_number_part(bj::string_view part, bj::error_code&) { return gather(part); }
  bool on_int64(std::int64_t, bj::string_view last, bj::error_code& ec) { return number(last, ec); }
  bool on_uint64(std::uint64_t, bj::string_view last, bj::error_code& ec) {
    return number(last, ec);
  }
  bool on_double(double, bj::string_view last, bj::error_code& ec) { return number(last, ec); }
  bool on_bool(bool value, bj::error_code& ec) {
    return add({.kind = node::form::truth, .text = value ? "true" : "false", .members = {}}, ec) !=
           nullptr;
  }
  bool on_null(bj::error_code& ec) {
    return add({.kind = node::form::null, .text = {}, .members = {}}, ec) != nullptr;
  }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }

 private:
  bool refuse(std::string reason, bj::error_code& ec) {
    reason_ = std::move(reason);
    ec = make_error_code(bj::error::syntax);  // any error: the reason is what counts
    return false;
  }

  bool gather(bj::string_view part) {
    pieces_.append(part.data(), part.size());
    return true;
  }

  std::string gathered(bj::string_view last) {
    pieces_.append(last.data(), last.size());
    return std::exchange(pieces_, {});
  }

  bool number(bj::string_view last, bj::error_code& ec) {
    return add({.kind = node::form::number, .text = gathered(last), .members = {}}, ec) != nullptr;
  }

  /// The pointers of the levels hold: a node's list of members grows only while it is the last.
  node* add(node value, bj::error_code& ec) {
    if (++nodes_ > document_nodes_max) {
      refuse("内容过多", ec);
      return nullptr;
    }
    if (levels_.empty()) return &(root_ = std::move(value));
    node& parent = *levels_.back();
    return &parent.members.emplace_back(std::exchange(name_, {}), std::move(value)).value;
  }

  bool open(node::form kind, bj::error_code& ec) {
    if (levels_.size() == document_depth_max) return refuse("嵌套过深", ec);
    node* opened = add({.kind = kind, .text = {}, .members = {}}, ec);
    if (opened) levels_.push_back(opened);
    return opened != nullptr;
  }

  node root_;
  std::vector<node*> levels_;
  std::string name_;
  std::string pieces_;
  std::size_t nodes_ = 0;
  std::string reason_;
};

void append(const node& value, std::string& out);

void append_members(const node& of, bool named, std::string& out) {
  out += named ? '{' : '[';
  bool first = true;
  for (const node_member& one : of.members) {
    if (!std::exchange(first, false)) out += ',';
    if (named) {
      json::write_text(one.name, out);
      out += ':';
    }
    append(one.value, out);
  }
  out += named ? '}' : ']';
}

void append(const node& value, std::string& out) {
  switch (value.kind) {
    case node::form::text: return json::write_text(value.text, out);
    case node::form::number:
    case node::form::truth: out += value.text; return;
    case node::form::null: out += "null"; return;
    case node::form::object: return append_members(value, true, out);
    case node::form::list: return append_members(value, false, out);
  }
}

}  // namespace

std::expected<node, fault> parse_json(std::string_view utf8) {
  bj::parse_options rules;
  rules.max_depth = document_depth_max + 1;  // the builder says what is too deep
  bj::basic_parser<tree_builder> parser(rules);
  bj::error_code ec;
  const std::size_t used = parser.write_some(false, utf8.data(), utf8.size(), ec);
  if (ec || used != utf8.size()) {
    const std::string& reason = parser.handler().reason();
    return std::unexpected(fault{"", (reason.empty() ? "不是合法的 JSON" : reason) + "（约第 " +
                                         std::to_string(used) + " 字节处）"});
  }
  return parser.handler().take_root();
}

std::string format_json(const node& root) {
  std::string out;
  append(root, out);
  return out;
}

}  // namespace hotline::exchange
