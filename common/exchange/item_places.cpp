#include "common/exchange/item_places.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <string>

namespace hotline::exchange {
namespace {

/// Steps over values of a JSON text.
class json_steps {
 public:
  explicit json_steps(std::string_view text) : text_(text) {}

  std::vector<text_span> items(const document_path& path) {
    std::vector<text_span> found;
    for (const path_step& step : path) {
      if (!enter(step.name)) return found;
    }
    if (!take('[')) return found;
    while (!is_at_end() && !take(']')) {
      const std::size_t begin = at_;
      skip_value();
      found.push_back({begin, at_});
      if (!take(',') && !is_at(']')) break;
    }
    return found;
  }

 private:
  /// To the value of this name in the object that begins here.
  bool enter(std::string_view name) {
    if (!take('{')) return false;
    while (is_at('"')) {
      const std::size_t begin = at_;
      skip_text();
      const bool wanted = is_name(text_.substr(begin, at_ - begin), name);
      take(':');
      skip_blanks();
      if (wanted) return true;
      skip_value();
      take(',');
      skip_blanks();
    }
    return false;
  }

  /// The literal with its quotation marks, and a name as it is meant.
  static bool is_name(std::string_view literal, std::string_view name) {
    if (literal.find('\\') == literal.npos)
      return literal.size() == name.size() + 2 && literal.substr(1, name.size()) == name;
    boost::system::error_code wrong;
    const auto meant = boost::json::parse({literal.data(), literal.size()}, wrong);
    return !wrong && meant.is_string() && std::string_view(meant.get_string()) == name;
  }

  void skip_value() {
    if (is_at('"')) return skip_text();
    if (!is_at('{') && !is_at('[')) {
      at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
      return;
    }
    std::size_t depth = 0;
    do {
      at_ = std::min(text_.find_first_of("\"{}[]", at_), text_.size());
      if (is_at_end()) return;
      if (text_[at_] == '"') {
        skip_text();
        continue;
      }
      const bool opens = text_[at_] == '{' || text_[at_] == '[';
      depth = opens ? depth + 1 : depth - 1;
      ++at_;
    } while (depth > 0);
  }

  void skip_text() {
    ++at_;
    while ((at_ = text_.find_first_of("\"\\", at_)) < text_.size()) {
      if (text_[at_++] == '"') return;
      ++at_;  // what is escaped
    }
    at_ = text_.size();
  }

  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  /// With the blanks around it.
  bool take(char mark) {
    skip_blanks();
    if (!is_at(mark)) return false;
    ++at_;
    skip_blanks();
    return true;
  }

  bool is_at(char mark) const { return at_ < text_.size() && text_[at_] == mark; }
  bool is_at_end() const { return at_ >= text_.size(); }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Steps over the tags of an XML text.
class xml_steps {
 public:
  explicit xml_steps(std::string_view text) : text_(text) {}

  std::vector<text_span> items(const document_path& path) {
    std::vector<text_span> found;
    std::size_t depth = 0;
    std::size_t on_path = 0;  // of the elements that are open, how many from the root on
    for (tag one; next(one);) {
      if (!one.closes) {
        const bool leads = on_path == depth && depth < path.size() && path[depth].name == one.name;
        ++depth;
        if (leads) ++on_path;
        if (leads && depth == path.size()) found.push_back({one.place.begin, one.place.end});
      }
      if (!one.closes && !one.is_empty) continue;
      if (depth == 0) break;
      if (on_path == depth) {
        if (depth == path.size()) found.back().end = one.place.end;
        --on_path;
      }
      --depth;
    }
    return found;
  }

 private:
  struct tag {
    text_span place;
    std::string_view name;
    bool closes = false;    ///< </a>
    bool is_empty = false;  ///< <a/>
  };

  /// False at the end of the text.
  bool next(tag& one) {
    while ((at_ = text_.find('<', at_)) != text_.npos) {
      if (skip("<!--", "-->") || skip("<![CDATA[", "]]>") || skip("<?", "?>")) continue;
      read(one);
      return true;
    }
    at_ = text_.size();
    return false;
  }

  void read(tag& one) {
    const std::size_t begin = at_;
    one.closes = text_.substr(at_).starts_with("</");
    const std::size_t name = begin + (one.closes ? 2 : 1);
    const std::size_t end_of_name = std::min(text_.find_first_of(" \t\r\n/>", name), text_.size());
    one.name = text_.substr(name, end_of_name - name);
    // A ">" may stand in the value of an attribute.
    for (at_ = end_of_name; (at_ = text_.find_first_of(">\"'", at_)) != text_.npos;) {
      const char mark = text_[at_++];
      if (mark == '>') break;
      at_ = std::min(text_.find(mark, at_), text_.size() - 1) + 1;
    }
    at_ = std::min(at_, text_.size());
    one.is_empty = text_.substr(begin, at_ - begin).ends_with("/>");
    one.place = {begin, at_};
  }

  /// Comments, CDATA and instructions may hold anything up to their end.
  bool skip(std::string_view begin, std::string_view end) {
    if (!text_.substr(at_).starts_with(begin)) return false;
    const std::size_t found = text_.find(end, at_ + begin.size());
    at_ = found == text_.npos ? text_.size() : found + end.size();
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<text_span> places_of(std::string_view utf8, const document_path& items,
                                 v1::Syntax syntax) {
  if (syntax == v1::SYNTAX_XML) return xml_steps(utf8).items(items);
  return json_steps(utf8).items(items);
}

}  // namespace hotline::exchange
