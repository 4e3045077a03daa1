#include "common/net/http_target.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace hotline::net;

TEST_CASE("paths are decoded once") {
  const auto path = [](std::string_view target) { return decode_target(target).value().path; };
  CHECK(path("/") == "/");
  CHECK(path("/a/b/") == "/a/b/");
  CHECK(path("/%E5%B7%A5%e5%8d%95") == "/工单");
  CHECK(path("/a%2525") == "/a%25");
  CHECK(path("/a+b%20c") == "/a+b c");
  CHECK(path("/v1/tickets/3708-1:sign") == "/v1/tickets/3708-1:sign");
  CHECK(path("/a/.hidden/..b/c..") == "/a/.hidden/..b/c..");
  CHECK(path("/%F0%9F%93%9E") == "/\xF0\x9F\x93\x9E");
}

TEST_CASE("queries are decoded into pairs") {
  const auto query = [](std::string_view target) { return decode_target(target).value().query; };
  CHECK(query("/").empty());
  CHECK(query("/?").empty());
  CHECK(query("/?&&").empty());
  CHECK(query("/?a") == field_list{{"a", ""}});
  CHECK(query("/?a=") == field_list{{"a", ""}});
  CHECK(query("/?=b") == field_list{{"", "b"}});
  CHECK(query("/?a=b=c&d=%26%3D") == field_list{{"a", "b=c"}, {"d", "&="}});
  CHECK(query("/?a=1&a=2") == field_list{{"a", "1"}, {"a", "2"}});
  CHECK(query("/?q=%E5%B7%A5+%2B") == field_list{{"q", "工 +"}});
  CHECK(query("/?text=a%0Ab&path=/x?y") == field_list{{"text", "a\nb"}, {"path", "/x?y"}});
}

TEST_CASE("what has no single reading is refused") {
  const auto fault = [](std::string_view target) { return decode_target(target).error(); };
  CHECK(fault("") == http_fault::target_form);
  CHECK(fault("*") == http_fault::target_form);
  CHECK(fault("a") == http_fault::target_form);
  CHECK(fault("/a?b#c") == http_fault::target_form);
  CHECK(fault("/a?b=\"") == http_fault::target_form);
  CHECK(fault("/%") == http_fault::target_encoding);
  CHECK(fault("/?a=%4") == http_fault::target_encoding);
  CHECK(fault("/?%zz=1") == http_fault::target_encoding);
  CHECK(fault("/%7f") == http_fault::target_encoding);
  CHECK(fault("/%1f") == http_fault::target_encoding);
  CHECK(fault("/?a=%ff") == http_fault::target_encoding);
  CHECK(fault("/..") == http_fault::target_dots);
  CHECK(fault("/a/%2e") == http_fault::target_dots);
}

TEST_CASE("UTF-8: only well-formed sequences") {
  for (const char* good :
       {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "12351 \xe7\x83\xad\xe7\xba\xbf"}) {
    CAPTURE(good);
    CHECK(is_valid_utf8(good));
  }
  for (const char* bad :
       {"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf", "\xed\xa0\x80",
        "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff", "\xc2", "\xe5\xb7", "\xf0\x9f\x93",
        "\xe5\xb7"
        "a",
        "\xc2\x41", "a\xb9\xa4"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_valid_utf8(bad));
  }
}

TEST_CASE("percent-encoding is undone by decoding") {
  const std::string text = "工单 a/b?c=d&e+f%~";
  CHECK(decode_target("/?q=" + percent_encode(text)).value().query == field_list{{"q", text}});
  CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
  CHECK(percent_encode(" /") == "%20%2F");
}
