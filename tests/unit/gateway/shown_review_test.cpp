// The bytes of a partner as text for a person: of any charset, and without a number in them.
#include "services/gateway/shown_review.hpp"

#include <doctest/doctest.h>

#include "common/exchange/charset.hpp"
#include "common/runtime/utf8.hpp"

namespace hotline::gateway {
namespace {

std::string text_of(std::string_view bytes, v1::Charset charset = v1::CHARSET_UTF8) {
  return show_bytes(bytes, charset, {}).text;
}

TEST_CASE("bytes are shown in the partner's charset, what is no character is marked") {
  CHECK(text_of("{\"a\":\"欠薪\"}") == "{\"a\":\"欠薪\"}");
  CHECK(text_of(*exchange::from_utf8("欠薪", v1::CHARSET_GB18030), v1::CHARSET_GB18030) == "欠薪");
  CHECK(text_of("欠\xFF薪") == "欠\xEF\xBF\xBD薪");
  CHECK(text_of("\xEF\xBB\xBF欠\xFF\xEF\xBB\xBF薪") == "欠\xEF\xBF\xBD薪");
  CHECK(text_of("") == "");
}

TEST_CASE("numbers are masked and words taken out") {
  CHECK(text_of("电话13805310001") == "电话138****0001");
  const auto shown =
      show_bytes(R"({"name":"赵师傅","words":"赵师傅来电"})", v1::CHARSET_UTF8, {"赵师傅"});
  CHECK(shown.text.find("赵师傅") == std::string::npos);
  CHECK_FALSE(shown.cut);
}

TEST_CASE("what is long is cut between characters, and no part of a number is left at the cut") {
  const std::string number = "13805310001";
  for (std::size_t before = shown_bytes_max - 12; before <= shown_bytes_max + 2; ++before) {
    CAPTURE(before);
    const auto shown =
        show_bytes(std::string(before, 'x') + " " + number + " " + std::string(4096, 'y'),
                   v1::CHARSET_UTF8, {});
    CHECK(shown.cut);
    CHECK(shown.text.size() <= shown_bytes_max);
    CHECK(shown.text.find("13805") == std::string::npos);
  }
  std::string words;
  while (words.size() < shown_bytes_max * 2) words += "欠薪";
  const auto shown = show_bytes("x" + words, v1::CHARSET_UTF8, {});
  CHECK(shown.cut);
  CHECK_FALSE(runtime::first_invalid_utf8(shown.text));
}

TEST_CASE("bytes that shrink as text leave no part of a number either") {
  // U+0250 has four bytes in GB18030 and two in UTF-8; what is read ends within the number.
  std::string text;
  for (int i = 0; i < 2302; ++i) text += "\xC9\x90";
  text += "13805310001";
  const auto bytes = exchange::from_utf8(text + std::string(4096, 'y'), v1::CHARSET_GB18030);
  REQUIRE(bytes);
  const auto shown = show_bytes(*bytes, v1::CHARSET_GB18030, {});
  CHECK(shown.cut);
  CHECK(shown.text.find("1380531") == std::string::npos);
}

TEST_CASE("bytes of another charset altogether are given up") {
  const auto shown = show_bytes(std::string(4096, '\xFF'), v1::CHARSET_UTF8, {});
  CHECK(shown.cut);
  CHECK(shown.text.size() < 300);
}

}  // namespace
}  // namespace hotline::gateway
