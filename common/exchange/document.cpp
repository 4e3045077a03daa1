#include "common/exchange/document.hpp"

#include <algorithm>
#include <utility>

#include "common/exchange/json_document.hpp"
#include "common/exchange/xml_document.hpp"

namespace hotline::exchange {
namespace {

constexpr std::string_view every_mark = "[]";

const node* only_member(const node& of, std::string_view name) {
  const node* found = nullptr;
  for (const node_member& one : of.members) {
    if (one.name != name) continue;
    if (found) return nullptr;
    found = &one.value;
  }
  return found;
}

/// Follows one path; remembers where it is for a fault.
class walker {
 public:
  walker(const document_path& path, v1::Syntax syntax) : path_(path), syntax_(syntax) {}

  std::expected<std::vector<const node*>, fault> run(const node& from) {
    if (!step(&from, 0)) return std::unexpected(std::move(wrong_));
    return std::move(found_);
  }

 private:
  bool step(const node* at, std::size_t depth) {
    if (depth == path_.size()) {
      found_.push_back(at);
      return true;
    }
    if (at == nullptr || at->kind == node::form::null) {
      // A list that is not there has no items.
      const auto rest =
          std::ranges::subrange(path_.begin() + static_cast<std::ptrdiff_t>(depth), path_.end());
      if (std::ranges::none_of(rest, &path_step::every)) found_.push_back(nullptr);
      return true;
    }
    const path_step& next = path_[depth];
    if (at->kind != node::form::object) {
      // An element without attributes has no members and is none the worse for it.
      if (syntax_ == v1::SYNTAX_XML) return next.every || step(nullptr, depth);
      return refuse(depth, "此处应为对象");
    }
    return next.every ? all_of(*at, depth) : one_of(*at, depth);
  }

  bool one_of(const node& at, std::size_t depth) {
    const auto named = [&](const node_member& m) { return m.name == path_[depth].name; };
    if (std::ranges::count_if(at.members, named) > 1) return refuse(depth + 1, "出现多次");
    return step(only_member(at, path_[depth].name), depth + 1);
  }

  bool all_of(const node& at, std::size_t depth) {
    if (syntax_ == v1::SYNTAX_XML) {
      for (const node_member& one : at.members)
        if (one.name == path_[depth].name && !step(&one.value, depth + 1)) return false;
      return true;
    }
    const node* list = only_member(at, path_[depth].name);
    if (list == nullptr || list->kind == node::form::null) return true;
    if (list->kind != node::form::list) return refuse(depth + 1, "此处应为列表");
    return std::ranges::all_of(
        list->members, [&](const node_member& item) { return step(&item.value, depth + 1); });
  }

  bool refuse(std::size_t depth, std::string reason) {
    const document_path here(path_.begin(), path_.begin() + static_cast<std::ptrdiff_t>(depth));
    wrong_ = {to_string(here), std::move(reason)};
    return false;
  }

  const document_path& path_;
  v1::Syntax syntax_;
  std::vector<const node*> found_;
  fault wrong_;
};

node& member_of(node& of, std::string_view name) {
  of.kind = node::form::object;
  for (node_member& one : of.members)
    if (one.name == name) return one.value;
  return of.members.emplace_back(std::string(name), node{}).value;
}

/// The item of a list: of a JSON list by its place, of XML elements of one name by their count.
node& item_of(node& of, std::string_view name, v1::Syntax syntax, std::size_t item) {
  if (syntax != v1::SYNTAX_XML) {
    node& list = member_of(of, name);
    list.kind = node::form::list;
    while (list.members.size() <= item) {
      list.members.emplace_back().value.kind = node::form::null;
    }
    return list.members[item].value;
  }
  of.kind = node::form::object;
  std::size_t seen = 0;
  for (node_member& one : of.members)
    if (one.name == name && seen++ == item) return one.value;
  for (; seen < item; ++seen) of.members.emplace_back(std::string(name), node{});
  return of.members.emplace_back(std::string(name), node{}).value;
}

}  // namespace

bool has_twin(const node& of) {
  std::vector<std::string_view> names;
  names.reserve(of.members.size());
  for (const node_member& one : of.members) names.push_back(one.name);
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

std::expected<document_path, std::string> parse_path(std::string_view text) {
  document_path path;
  if (text.empty()) return path;
  if (text.size() > path_bytes_max) return std::unexpected("the path is too long");
  for (bool more = true; more;) {
    const std::size_t dot = text.find('.');
    more = dot != std::string_view::npos;
    std::string_view name = text.substr(0, dot);
    text.remove_prefix(more ? dot + 1 : text.size());
    const bool every = name.ends_with(every_mark);
    if (every) name.remove_suffix(every_mark.size());
    if (name.empty() || name == "@") return std::unexpected("a name in the path is empty");
    if (name.find_first_of("[] \t\"<>&=/") != std::string_view::npos)
      return std::unexpected("write names joined by '.', and 'name[]' for each item of a list");
    if (name.front() == '@' && (more || every))
      return std::unexpected("an attribute ends the path and is no list");
    path.push_back({std::string(name), every});
  }
  return path;
}

std::string to_string(const document_path& path) {
  std::string text;
  for (const path_step& step : path) {
    if (!text.empty()) text += '.';
    text += step.name;
    if (step.every) text += every_mark;
  }
  return text;
}

bool has_list(const document_path& path) { return std::ranges::any_of(path, &path_step::every); }

std::expected<std::vector<const node*>, fault> follow(const node& from, const document_path& path,
                                                      v1::Syntax syntax) {
  return walker(path, syntax).run(from);
}

const node* find(const node& from, const document_path& path) {
  const node* at = &from;
  for (const path_step& step : path) {
    if (at == nullptr || at->kind != node::form::object || step.every) return nullptr;
    at = only_member(*at, step.name);
  }
  return at;
}

std::expected<std::string_view, std::string> scalar_of(const node& value) {
  switch (value.kind) {
    case node::form::text:
    case node::form::number:
    case node::form::truth: return value.text;
    case node::form::null: return std::string_view();
    case node::form::list: return std::unexpected("此处应为单个值，不是列表");
    case node::form::object: break;
  }
  const bool has_content = std::ranges::any_of(
      value.members, [](const node_member& one) { return !one.name.starts_with('@'); });
  if (has_content || value.members.empty()) return std::unexpected("此处应为单个值，不是对象");
  return value.text;
}

void put(node& root, const document_path& path, node value, v1::Syntax syntax, std::size_t item) {
  node* at = &root;
  for (const path_step& step : path) {
    at = step.every ? &item_of(*at, step.name, syntax, item) : &member_of(*at, step.name);
  }
  // An element may have got its attributes before its text.
  if (at->kind == node::form::object && value.kind != node::form::object) {
    at->text = std::move(value.text);
  } else {
    *at = std::move(value);
  }
}

std::expected<node, fault> parse_document(std::string_view utf8, v1::Syntax syntax) {
  return syntax == v1::SYNTAX_XML ? parse_xml(utf8) : parse_json(utf8);
}

std::string format_document(const node& root, v1::Syntax syntax, v1::Charset charset) {
  return syntax == v1::SYNTAX_XML ? format_xml(root, charset) : format_json(root);
}

}  // namespace hotline::exchange
