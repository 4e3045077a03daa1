#include "common/exchange/open_document.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "common/exchange/charset.hpp"
#include "common/exchange/limits.hpp"
#include "common/exchange/xml_document.hpp"

namespace hotline::exchange {
namespace {

/// GB2312 and GBK are parts of GB18030, and often written where it is meant.
bool is_declared_rightly(std::string_view declared, v1::Charset charset) {
  if (declared.empty()) return true;
  if (charset != v1::CHARSET_GB18030) return declared == "UTF-8";
  constexpr std::array<std::string_view, 3> names = {"GB18030", "GBK", "GB2312"};
  return std::ranges::find(names, declared) != names.end();
}

}  // namespace

std::expected<node, fault> open_document(std::string_view bytes, const v1::PartnerFormat& format) {
  if (bytes.size() > document_bytes_max) return std::unexpected(fault{"", "报文过大"});
  const auto text = to_utf8(bytes, format.charset());
  if (!text) {
    return std::unexpected(fault{"", "不是合法的 " + std::string(charset_name(format.charset())) +
                                         " 编码（第 " + std::to_string(text.error() + 1) +
                                         " 字节处）"});
  }
  if (format.syntax() == v1::SYNTAX_XML &&
      !is_declared_rightly(declared_charset(*text), format.charset()))
    return std::unexpected(fault{"", "XML 声明的编码与约定不符"});
  return parse_document(*text, format.syntax());
}

const node& content_of(const node& document, v1::Syntax syntax) {
  return syntax == v1::SYNTAX_XML ? document.members.front().value : document;
}

std::string text_at(const node& content, const document_path& path) {
  if (path.empty()) return {};
  const node* found = find(content, path);
  if (found == nullptr) return {};
  const auto scalar = scalar_of(*found);
  return scalar ? std::string(*scalar) : std::string();
}

}  // namespace hotline::exchange
