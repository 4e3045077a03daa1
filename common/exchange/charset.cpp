#include "common/exchange/charset.hpp"

#include <iconv.h>

#include <array>
#include <cerrno>

#include "common/base/assert.hpp"
#include "common/json/text_rules.hpp"

namespace hotline::exchange {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view byte_order_mark_gb18030 = "\x84\x31\x95\x33";

class converter {
 public:
  converter(const char* to, const char* from) : handle_(::iconv_open(to, from)) {
    HL_ASSERT(handle_ != failed_open(), "glibc knows GB18030 and UTF-8");
  }
  ~converter() { ::iconv_close(handle_); }
  converter(const converter&) = delete;
  converter& operator=(const converter&) = delete;

  std::expected<std::string, charset_fault> run(std::string_view bytes) {
    std::string out;
    // iconv does not write to its input; its type is older than const.
    char* in = const_cast<char*>(bytes.data());
    std::size_t left = bytes.size();
    std::array<char, std::size_t{16} * 1024> piece;
    while (left > 0) {
      char* to = piece.data();
      std::size_t room = piece.size();
      const std::size_t done = ::iconv(handle_, &in, &left, &to, &room);
      const bool stuck = done == failed_conversion && errno != E2BIG;
      // A character that could only be written otherwise counts as one that cannot be written.
      if (stuck || (done != failed_conversion && done > 0)) {
        return std::unexpected(bytes.size() - left);
      }
      out.append(piece.data(), piece.size() - room);
    }
    return out;
  }

 private:
  static constexpr std::size_t failed_conversion = ~std::size_t{0};
  static iconv_t failed_open() {
    return reinterpret_cast<iconv_t>(-1);  // NOLINT(performance-no-int-to-ptr): so POSIX says it
  }

  iconv_t handle_;
};

std::size_t character_bytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0x80) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}

/// GB18030: a second byte that is a digit is the mark of four.
std::size_t character_bytes_gb18030(std::string_view from) {
  if (static_cast<unsigned char>(from[0]) < 0x80) return 1;
  return from.size() > 1 && from[1] >= '0' && from[1] <= '9' ? 4 : 2;
}

std::expected<std::string, charset_fault> checked_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += character_bytes(bytes[at])) {
    if (!json::begins_with_utf8(bytes.substr(at))) return std::unexpected(at);
  }
  return std::string(bytes);
}

}  // namespace

std::expected<std::string, charset_fault> to_utf8(std::string_view bytes, v1::Charset charset) {
  if (charset == v1::CHARSET_GB18030) {
    auto text = converter("UTF-8", "GB18030").run(bytes);
    if (text && text->starts_with(byte_order_mark)) text->erase(0, byte_order_mark.size());
    return text;
  }
  if (bytes.starts_with(byte_order_mark)) bytes.remove_prefix(byte_order_mark.size());
  return checked_utf8(bytes);
}

std::optional<std::vector<std::size_t>> places_in_bytes(std::string_view bytes, v1::Charset charset,
                                                        const std::vector<std::size_t>& places) {
  std::vector<std::size_t> found;
  found.reserve(places.size());
  if (charset != v1::CHARSET_GB18030) {
    const auto marked = bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    for (const std::size_t place : places) found.push_back(place + marked);
    if (!found.empty() && found.back() > bytes.size()) return std::nullopt;
    return found;
  }
  const auto text = to_utf8(bytes, charset);
  if (!text) return std::nullopt;
  std::size_t at = bytes.starts_with(byte_order_mark_gb18030) ? byte_order_mark_gb18030.size() : 0;
  std::size_t at_text = 0;
  for (const std::size_t place : places) {
    while (at_text < place && at_text < text->size() && at < bytes.size()) {
      at_text += character_bytes((*text)[at_text]);
      at += character_bytes_gb18030(bytes.substr(at));
    }
    if (at_text != place || at > bytes.size()) return std::nullopt;
    found.push_back(at);
  }
  return found;
}

std::expected<std::string, charset_fault> from_utf8(std::string_view utf8, v1::Charset charset) {
  if (charset == v1::CHARSET_GB18030) return converter("GB18030", "UTF-8").run(utf8);
  return checked_utf8(utf8);
}

std::string_view charset_name(v1::Charset charset) {
  return charset == v1::CHARSET_GB18030 ? "GB18030" : "UTF-8";
}

}  // namespace hotline::exchange
