#include "common/exchange/charset.hpp"

#include <doctest/doctest.h>

#include <string>

namespace hotline::exchange {
namespace {

std::string utf8_of(char32_t c) {
  std::string out;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
  return out;
}

}  // namespace

TEST_CASE("GB18030: known bytes") {
  CHECK(to_utf8("\xB9\xA4\xBB\xE1", v1::CHARSET_GB18030) == "工会");
  CHECK(from_utf8("工会", v1::CHARSET_GB18030) == "\xB9\xA4\xBB\xE1");
  // Four bytes: 㙍 (U+364D) is not in GBK, 𠮷 (U+20BB7) not in the basic plane.
  CHECK(from_utf8("𠮷", v1::CHARSET_GB18030) == "\x95\x34\xB2\x35");
  CHECK(to_utf8("\x95\x34\xB2\x35", v1::CHARSET_GB18030) == "𠮷");
  CHECK(from_utf8("㙍", v1::CHARSET_GB18030)->size() == 4);
}

TEST_CASE("GB18030 has every character of Unicode") {
  for (char32_t c = 1; c < 0x110000; c += c < 0x3000 ? 1 : 61) {
    if (c >= 0xD800 && c < 0xF900) continue;  // surrogates, private use
    const std::string text = utf8_of(c);
    const auto bytes = from_utf8(text, v1::CHARSET_GB18030);
    REQUIRE_MESSAGE(bytes.has_value(), static_cast<unsigned>(c));
    const auto again = to_utf8(*bytes, v1::CHARSET_GB18030);
    REQUIRE_MESSAGE(again.has_value(), static_cast<unsigned>(c));
    if (c != 0xFEFF) REQUIRE_MESSAGE(*again == text, static_cast<unsigned>(c));
  }
}

TEST_CASE("what is no character is refused at its place, and never replaced") {
  struct example {
    std::string bytes;
    std::size_t at;
  };
  for (const auto& [bytes, at] : {example{"ab\xB9", 2}, example{"\xFF", 0}, example{"a\x80", 1},
                                  example{"\xB9\xA4\x81\x30\x81", 2}, example{"\xB9\x20", 0}}) {
    const auto text = to_utf8(bytes, v1::CHARSET_GB18030);
    REQUIRE(!text.has_value());
    CHECK(text.error() == at);
  }
  for (const auto& [bytes, at] :
       {example{"ab\xC3", 2}, example{"\xC0\x80", 0}, example{"中\xED\xA0\x80", 3},
        example{"\xF4\x90\x80\x80", 0}, example{"\xB9\xA4", 0}}) {
    const auto text = to_utf8(bytes, v1::CHARSET_UTF8);
    REQUIRE(!text.has_value());
    CHECK(text.error() == at);
    CHECK(!from_utf8(bytes, v1::CHARSET_GB18030).has_value());
  }
}

TEST_CASE("a byte order mark is no text") {
  CHECK(to_utf8("\xEF\xBB\xBF{}", v1::CHARSET_UTF8) == "{}");
  CHECK(to_utf8("\x84\x31\x95\x33{}", v1::CHARSET_GB18030) == "{}");
}

TEST_CASE("texts longer than one piece of the conversion") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "薪a";
  const auto bytes = from_utf8(text, v1::CHARSET_GB18030);
  REQUIRE(bytes.has_value());
  CHECK(bytes->size() == 60'000);
  CHECK(to_utf8(*bytes, v1::CHARSET_GB18030) == text);
}

}  // namespace hotline::exchange
