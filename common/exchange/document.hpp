// A JSON or XML document as one kind of tree, and paths into it.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "common/exchange/fault.hpp"
#include "hotline/v1/partner.pb.h"

namespace hotline::exchange {

struct node_member;

/// A JSON value or an XML element. An element with attributes or child elements is an object: its
/// attributes are members called "@name", elements of one name several members of that name.
struct node {
  enum class form { text, number, truth, null, object, list };

  form kind = form::text;
  std::string text;                  ///< of a number as written; of a truth value "true" or "false"
  std::vector<node_member> members;  ///< of a list without names
};

struct node_member {
  std::string name;
  node value;
};

/// "a.b[].@c", parsed.
struct path_step {
  std::string name;
  bool every = false;  ///< name[]
};
using document_path = std::vector<path_step>;

/// Whether two members have one name.
bool has_twin(const node& of);

inline constexpr std::size_t path_bytes_max = 200;

/// An empty text is the empty path. Otherwise the English reason why it is no path.
std::expected<document_path, std::string> parse_path(std::string_view text);
/// The path as it is written, "a.b[].@c".
std::string to_string(const document_path& path);
bool has_list(const document_path& path);

/// The nodes a path leads to. Without a "[]" exactly one, nullptr when there is none; with one, one
/// for each item of the list, nullptr for an item that lacks the rest of the path. A fault when the
/// document has another shape: several where one is meant, no list where a list is.
std::expected<std::vector<const node*>, fault> follow(const node& from, const document_path& path,
                                                      v1::Syntax syntax);

/// The one node a path without "[]" leads to; nullptr when there is none or not exactly one.
const node* find(const node& from, const document_path& path);

/// The text of a scalar, "" for null; nothing for an object or a list.
std::expected<std::string_view, std::string> scalar_of(const node& value);

/// Puts a value where a path says and makes what is missing on the way. `item` is the place in the
/// list a "[]" stands for; items are put in ascending order.
void put(node& root, const document_path& path, node value, v1::Syntax syntax, std::size_t item);

/// UTF-8 text to a tree. An XML document is an object whose only member is its root element.
std::expected<node, fault> parse_document(std::string_view utf8, v1::Syntax syntax);

/// The tree as UTF-8 text; compact JSON, or XML that declares `charset`.
std::string format_document(const node& root, v1::Syntax syntax, v1::Charset charset);

}  // namespace hotline::exchange
