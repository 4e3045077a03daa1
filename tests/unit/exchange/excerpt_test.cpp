// What is kept of one item among several, for a person: the partner's own bytes.
#include "common/exchange/excerpt.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/exchange/charset.hpp"
#include "common/exchange/open_document.hpp"

namespace hotline::exchange {
namespace {

v1::PartnerFormat format_of(v1::Syntax syntax, v1::Charset charset = v1::CHARSET_UTF8) {
  v1::PartnerFormat format;
  format.set_syntax(syntax);
  format.set_charset(charset);
  return format;
}

document_path list_at(std::string_view path) {
  auto parsed = parse_path(path).value();
  parsed.back().every = true;
  return parsed;
}

struct cut {
  std::vector<std::string> items;
  std::vector<std::string> alone;
};

cut cut_up(std::string_view bytes, std::string_view path, const v1::PartnerFormat& format) {
  REQUIRE(open_document(bytes, format).has_value());
  const auto parts = excerpts::of(bytes, list_at(path), format);
  REQUIRE(parts.has_value());
  cut made;
  for (std::size_t i = 0; i < parts->size(); ++i) {
    made.items.emplace_back(parts->item(i));
    made.alone.push_back(parts->alone(i));
    CHECK(open_document(made.alone.back(), format).has_value());
  }
  return made;
}

using texts = std::vector<std::string>;

constexpr std::string_view mark = "\xEF\xBB\xBF";

}  // namespace

TEST_CASE("JSON: an item keeps its bytes, and what is around all of them") {
  struct row {
    std::string_view what;
    std::string document;
    texts items;
    std::string first;
  };
  const row rows[] = {
      {"blanks, numbers and escapes as written",
       "{ \"h\" : 1,\n \"l\" : [ {\"a\": 1.50e1} ,\n {\"b\":\"\\u738b\\\"}\"}, 3 ] , \"t\":[1] }",
       {"{\"a\": 1.50e1}", "{\"b\":\"\\u738b\\\"}\"}", "3"},
       "{ \"h\" : 1,\n \"l\" : [ {\"a\": 1.50e1} ] , \"t\":[1] }"},
      {"brackets and quotation marks in texts",
       R"({"x":"]}\"[","l":[{"a":"}]{["},["]"],"\\"]})",
       {R"({"a":"}]{["})", R"(["]"])", R"("\\")"},
       R"({"x":"]}\"[","l":[{"a":"}]{["}]})"},
      {"a name that is written otherwise",
       R"({"\u006c":[{},null]})",
       {"{}", "null"},
       R"({"\u006c":[{}]})"},
      {"the same name deeper, and before",
       R"({"o":{"l":[7,8]},"l":[{"l":[1]},{"l":[2]}]})",
       {R"({"l":[1]})", R"({"l":[2]})"},
       R"({"o":{"l":[7,8]},"l":[{"l":[1]}]})"},
      {"a byte order mark",
       std::string(mark) + R"({"l":["工","会"]})",
       {"\"工\"", "\"会\""},
       std::string(mark) + R"({"l":["工"]})"},
  };
  for (const row& r : rows) {
    CAPTURE(r.what);
    const auto made = cut_up(r.document, "l", format_of(v1::SYNTAX_JSON));
    CHECK(made.items == r.items);
    CHECK(made.alone.front() == r.first);
  }
  const auto deep =
      cut_up(R"({"a":[1],"b":{"c":{"l":[1,2]},"d":0}})", "b.c.l", format_of(v1::SYNTAX_JSON));
  CHECK(deep.alone ==
        texts{R"({"a":[1],"b":{"c":{"l":[1]},"d":0}})", R"({"a":[1],"b":{"c":{"l":[2]},"d":0}})"});
}

TEST_CASE("XML: an item keeps its bytes, and what is around all of them") {
  struct row {
    std::string_view what;
    std::string document;
    texts items;
    std::string second;
  };
  const row rows[] = {
      {"attributes and blanks as written",
       "<?xml version='1.0'?>\n<r><h  a = '1'/>\n <i  x=\">\" >1</i>\n <i>2</i >\n</r>\n",
       {"<i  x=\">\" >1</i>", "<i>2</i >"},
       "<?xml version='1.0'?>\n<r><h  a = '1'/>\n <i>2</i >\n</r>\n"},
      {"what only looks like an item",
       "<!--<r><i>--><r><?p <i>?><n><i>0</i></n><i><![CDATA[</i><i>]]></i><i><i>2</i></i></r>",
       {"<i><![CDATA[</i><i>]]></i>", "<i><i>2</i></i>"},
       "<!--<r><i>--><r><?p <i>?><n><i>0</i></n><i><i>2</i></i></r>"},
      {"an empty item, and another element between them",
       "<r><i/><k>1</k><i a='/>'/></r>",
       {"<i/>", "<i a='/>'/>"},
       "<r><k>1</k><i a='/>'/></r>"},
  };
  for (const row& r : rows) {
    CAPTURE(r.what);
    const auto made = cut_up(r.document, "r.i", format_of(v1::SYNTAX_XML));
    CHECK(made.items == r.items);
    CHECK(made.alone[1] == r.second);
  }
}

TEST_CASE("GB18030: characters of one, two and four bytes are counted, with and without a mark") {
  const auto format = format_of(v1::SYNTAX_XML, v1::CHARSET_GB18030);
  for (const std::string_view before : {"", "\x84\x31\x95\x33"}) {
    const auto in_bytes = [](std::string_view text) {
      return from_utf8(text, v1::CHARSET_GB18030).value();
    };
    const std::string head =
        std::string(before) + in_bytes("<?xml version='1.0' encoding='GBK'?><回><头>𠮷a㙍</头>");
    const texts items = {in_bytes("<件>王𠮷</件>"), in_bytes("<件>é㙍工会</件>")};
    const std::string tail = in_bytes("<尾>é</尾></回>");
    const auto made = cut_up(head + items[0] + "\n" + items[1] + tail, "回.件", format);
    CHECK(made.items == items);
    CHECK(made.alone == texts{head + items[0] + tail, head + items[1] + tail});
  }
}

TEST_CASE("a large envelope does not come with every item") {
  const std::string much(envelope_bytes_max, 'x');
  const auto json = cut_up(R"({"h":")" + much + R"(","b":{"l":[{"a": 1},2]}})", "b.l",
                           format_of(v1::SYNTAX_JSON));
  CHECK(json.alone == texts{R"({"b":{"l":[{"a": 1}]}})", R"({"b":{"l":[2]}})"});
  const auto xml = cut_up("<r><h>" + much + "</h><b><i >1</i></b></r>", "r.b.i",
                          format_of(v1::SYNTAX_XML, v1::CHARSET_GB18030));
  CHECK(xml.alone.front() == R"(<?xml version="1.0" encoding="GB18030"?><r><b><i >1</i></b></r>)");
}

}  // namespace hotline::exchange
