#include "common/exchange/document.hpp"

#include <doctest/doctest.h>

#include <string>

#include "common/exchange/limits.hpp"
#include "common/exchange/xml_document.hpp"

namespace hotline::exchange {
namespace {

std::string reason_of(std::string_view text, v1::Syntax syntax) {
  const auto parsed = parse_document(text, syntax);
  return parsed ? "" : parsed.error().reason;
}

document_path path(std::string_view text) {
  auto parsed = parse_path(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}

std::string text_at(const node& from, std::string_view where) {
  const node* found = find(from, path(where));
  if (found == nullptr) return "(none)";
  const auto scalar = scalar_of(*found);
  return scalar ? std::string(*scalar) : "(no scalar)";
}

std::string nested_json(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

std::string nested_xml(std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += "<a>";
  for (std::size_t i = 0; i < depth; ++i) text += "</a>";
  return text;
}

}  // namespace

TEST_CASE("JSON keeps numbers as written and refuses what is ambiguous") {
  const auto parsed =
      parse_document(R"({"a":{"b":186000.50},"n":12345678901234567890,"t":true})", v1::SYNTAX_JSON);
  REQUIRE(parsed.has_value());
  CHECK(text_at(*parsed, "a.b") == "186000.50");
  CHECK(text_at(*parsed, "n") == "12345678901234567890");
  CHECK(text_at(*parsed, "t") == "true");
  CHECK(text_at(*parsed, "a") == "(no scalar)");
  CHECK(text_at(*parsed, "x.y") == "(none)");

  CHECK(reason_of(R"({"a":1,"b":{"c":1,"c":2}})", v1::SYNTAX_JSON).find("重复") !=
        std::string::npos);
  for (const char* bad : {"", "{", R"({"a":1}x)", R"({"a":1,})", R"({'a':1})", R"({"a":01})",
                          R"({"a":NaN})", "{\"a\":\"\n\"}", R"({"a":"\ud800"})"}) {
    CAPTURE(bad);
    CHECK(!reason_of(bad, v1::SYNTAX_JSON).empty());
  }
}

TEST_CASE("depth is bounded in both syntaxes") {
  CHECK(reason_of(nested_json(document_depth_max), v1::SYNTAX_JSON) == "");
  CHECK(reason_of(nested_json(document_depth_max + 1), v1::SYNTAX_JSON) != "");
  CHECK(reason_of(nested_json(1'000'000), v1::SYNTAX_JSON) != "");
  CHECK(reason_of(nested_xml(document_depth_max), v1::SYNTAX_XML) == "");
  CHECK(reason_of(nested_xml(document_depth_max + 1), v1::SYNTAX_XML) != "");
  CHECK(reason_of(nested_xml(1'000'000), v1::SYNTAX_XML) != "");
}

TEST_CASE("XML: elements, attributes, text") {
  const auto parsed = parse_document(
      "<?xml version=\"1.0\"?><r><!-- & --><c id=\"7\">a &amp; &#x4E2D;<![CDATA[<&xxe;>]]></c>"
      "<d><e>1</e><e>2</e></d><f/></r>",
      v1::SYNTAX_XML);
  REQUIRE(parsed.has_value());
  CHECK(text_at(*parsed, "r.c") == "a & 中<&xxe;>");
  CHECK(text_at(*parsed, "r.c.@id") == "7");
  CHECK(text_at(*parsed, "r.d.e") == "(none)");  // two: none of them is meant
  CHECK(text_at(*parsed, "r.f") == "");
  const auto both = follow(*parsed, path("r.d.e[]"), v1::SYNTAX_XML);
  REQUIRE(both.has_value());
  CHECK(both->size() == 2);
  CHECK(!follow(*parsed, path("r.d.e"), v1::SYNTAX_XML).has_value());
}

TEST_CASE("XML: nothing outside is read and nothing grows") {
  const std::string external =
      "<?xml version=\"1.0\"?><!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>";
  CHECK(reason_of(external, v1::SYNTAX_XML).find("DOCTYPE") != std::string::npos);
  const std::string laughs =
      "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"
      "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><l>&c;</l>";
  CHECK(reason_of(laughs, v1::SYNTAX_XML).find("DOCTYPE") != std::string::npos);
  CHECK(reason_of("<!doctype r><r/>", v1::SYNTAX_XML) != "");
  // Where another piece seems to begin that would hide it.
  const std::string type = "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
  for (const std::string& hidden : std::initializer_list<std::string>{
           "<?pi <!-- ?>" + type + "<r>&x;</r>",
           "<?pi <![CDATA[ ?>" + type + "<r>&x;<!-- ]]> --></r>",
           "<!--> <![CDATA[ -->" + type + "<r><!-- ]]> --></r>",
           "<r a=\"<!--\">" + type + "&x;</r>", "<r a='<![CDATA['>&x;</r>",
           "<r a=\"'\" b='<?'>&x;</r>", "<r a=\"&lt;!--\">&x;</r>",
           "<r a=\"?\"><?pi?>&x;<!-- ?> --></r>", "<r <!-- >&x;</r>"}) {
    CAPTURE(hidden);
    CHECK(reason_of(hidden, v1::SYNTAX_XML) != "");
  }
  CHECK(reason_of("<Head a=\"<!--\"></Head>", v1::SYNTAX_XML).find("<") != std::string::npos);
  CHECK(reason_of("<?pi <!-- & ?><r a=\"x > y '\" b='\"'>1<?pi &x; ?></r>", v1::SYNTAX_XML) == "");
  CHECK(reason_of("<r>&x;</r>", v1::SYNTAX_XML).find("实体") != std::string::npos);
  CHECK(reason_of("<r a=\"&x;\"/>", v1::SYNTAX_XML).find("实体") != std::string::npos);
  CHECK(reason_of("<r>&#0;</r>", v1::SYNTAX_XML) != "");
  CHECK(reason_of("<r>&#xD800;</r>", v1::SYNTAX_XML) != "");
  CHECK(reason_of("<r>a & b</r>", v1::SYNTAX_XML) != "");
}

TEST_CASE("XML: what pugixml lets pass is refused") {
  for (const std::string bad : {"", "text", "<a/><b/>", "<a/>text", "text<a/>", "<a/><![CDATA[x]]>",
                                "<a/>text<!---->", "<a/>text<b/>", "<a x=\"1\" x=\"2\"/>",
                                "<a>t<b/></a>", "<a>", "<a></b>", "<a", "<a b=1/>"}) {
    CAPTURE(bad);
    CHECK(reason_of(bad, v1::SYNTAX_XML) != "");
  }
}

TEST_CASE("paths") {
  for (const char* good : {"", "a", "a.b.c", "a[].b", "a.@b", "数据.列表[]", "soap:Body.x"}) {
    CAPTURE(good);
    const auto parsed = parse_path(good);
    REQUIRE(parsed.has_value());
    CHECK(to_string(*parsed) == good);
  }
  for (const char* bad :
       {".", "a.", ".a", "a..b", "a[0]", "@", "@a.b", "@a[]", "a b", "[]", "<a>"}) {
    CAPTURE(bad);
    CHECK(!parse_path(bad).has_value());
  }
}

TEST_CASE("what is put is found again, in both syntaxes") {
  for (const v1::Syntax syntax : {v1::SYNTAX_JSON, v1::SYNTAX_XML}) {
    CAPTURE(v1::Syntax_Name(syntax));
    const auto text = [](std::string value) {
      return node{.kind = node::form::text, .text = std::move(value), .members = {}};
    };
    const std::string strange = "a<b>&\"'\\\n\t\xE4\xB8\xAD";
    node root;
    put(root, path("r.a.b"), text(strange), syntax, 0);
    put(root, path("r.a.@id"), text("7"), syntax, 0);
    put(root, path("r.f[].u"), text("u0"), syntax, 0);
    put(root, path("r.f[].u"), text("u2"), syntax, 2);
    const auto again = parse_document(format_document(root, syntax, v1::CHARSET_UTF8), syntax);
    REQUIRE(again.has_value());
    CHECK(text_at(*again, "r.a.b") == strange);
    CHECK(text_at(*again, "r.a.@id") == "7");
    const auto urls = follow(*again, path("r.f[].u"), syntax);
    REQUIRE(urls.has_value());
    REQUIRE(urls->size() == 3);
    CHECK((*urls)[0]->text == "u0");
    CHECK((*urls)[1] == nullptr);
    CHECK((*urls)[2]->text == "u2");
  }
}

TEST_CASE("the declared charset") {
  CHECK(declared_charset("<?xml version='1.0' encoding='gb18030'?><a/>") == "GB18030");
  CHECK(declared_charset("<?xml version=\"1.0\"?><a encoding=\"x\"/>") == "");
  CHECK(declared_charset("<a/>") == "");
}

}  // namespace hotline::exchange
