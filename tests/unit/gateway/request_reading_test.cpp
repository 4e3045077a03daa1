// How headers, parameters and formats are read.
#include "services/gateway/request_reading.hpp"

#include <doctest/doctest.h>

#include <array>

#include "hotline/v1/api.pb.h"
#include "services/gateway/answers.hpp"
#include "tests/unit/gateway/header_authenticator.hpp"

namespace hotline::gateway {
namespace {

net::request with_headers(net::field_list headers) {
  net::request r;
  r.headers = std::move(headers);
  return r;
}

net::request with_query(net::field_list query) {
  net::request r;
  r.query = std::move(query);
  return r;
}

/// "" for a good reading, else "<status> <code> <field>".
template <class T>
std::string verdict(const reading<T>& r) {
  if (r) return {};
  return std::to_string(r.error().status) + " " + r.error().code + " " + r.error().field;
}

TEST_CASE("who acts comes from three headers, each in one form") {
  struct row {
    const char* user;
    const char* unit;
    const char* role;
    const char* verdict;
  };
  const std::string long_user(65, 'a');
  for (const row& r : {
           row{"li.si-2_x", "370883-s01", "ROLE_OFFICER", ""},
           row{nullptr, "370000", "ROLE_OFFICER", "401 actor_required X-Hotline-User"},
           row{"li", nullptr, "ROLE_OFFICER", "401 actor_required X-Hotline-Unit"},
           row{"li", "370000", nullptr, "401 actor_required X-Hotline-Role"},
           row{"", "370000", "ROLE_OFFICER", "400 parameter_malformed X-Hotline-User"},
           row{"l i", "370000", "ROLE_OFFICER", "400 parameter_malformed X-Hotline-User"},
           row{long_user.c_str(), "370000", "ROLE_OFFICER",
               "400 parameter_malformed X-Hotline-User"},
           row{"li", "Jinan", "ROLE_OFFICER", "400 parameter_malformed X-Hotline-Unit"},
           row{"li", "370000", "OFFICER", "400 parameter_malformed X-Hotline-Role"},
           row{"li", "370000", "role_officer", "400 parameter_malformed X-Hotline-Role"},
           row{"li", "370000", "3", "400 parameter_malformed X-Hotline-Role"},
           row{"li", "370000", "ROLE_UNSPECIFIED", "400 parameter_malformed X-Hotline-Role"},
           row{"li", "370000", "ROLE_SYSTEM", "403 not_allowed "},
       }) {
    net::field_list headers;
    if (r.user != nullptr) headers.emplace_back("X-Hotline-User", r.user);
    if (r.unit != nullptr) headers.emplace_back("x-hotline-unit", r.unit);
    if (r.role != nullptr) headers.emplace_back("X-HOTLINE-ROLE", r.role);
    CAPTURE(r.verdict);
    CHECK(verdict(read_actor(with_headers(headers))) == r.verdict);
  }
}

TEST_CASE("an idempotency key is 1 to 128 visible ASCII characters") {
  const auto read = [](std::string key) {
    return verdict(read_idempotency_key(with_headers({{"Idempotency-Key", std::move(key)}})));
  };
  CHECK(verdict(read_idempotency_key(with_headers({}))) ==
        "400 idempotency_key_required Idempotency-Key");
  CHECK(read("") == "400 idempotency_key_required Idempotency-Key");
  CHECK(read("a").empty());
  CHECK(read(std::string(128, '~')).empty());
  CHECK(read(std::string(129, 'a')) == "400 parameter_malformed Idempotency-Key");
  CHECK(read("a b") == "400 parameter_malformed Idempotency-Key");
}

TEST_CASE("If-Match is one strong version") {
  const auto read = [](std::string text) {
    return read_expected_version(with_headers({{"If-Match", std::move(text)}}));
  };
  CHECK(read_expected_version(with_headers({})) == 0);
  CHECK(read("*") == 0);
  CHECK(read("\"7\"") == 7);
  for (const char* text : {"7", "\"\"", "\"0\"", "\"-1\"", "\"07\"", "W/\"7\"", "\"7\", \"8\"",
                           "\"x\"", "\"99999999999999999999\"", "\""}) {
    CAPTURE(text);
    CHECK(verdict(read(text)) == "400 parameter_malformed If-Match");
  }
}

TEST_CASE("the format of the answer follows Accept") {
  const auto read = [](std::string text) {
    return read_accepted(with_headers({{"Accept", std::move(text)}}));
  };
  CHECK(read_accepted(with_headers({})) == body_format::json);
  CHECK(read("*/*") == body_format::json);
  CHECK(read("text/html, application/*;q=0.1") == body_format::json);
  CHECK(read("Application/JSON") == body_format::json);
  CHECK(read("application/x-protobuf") == body_format::protobuf);
  CHECK(read("text/html, application/x-protobuf; q=1") == body_format::protobuf);
  CHECK(verdict(read("text/html")) == "406 not_acceptable Accept");
}

TEST_CASE("a body is JSON or protobuf, held to the same rules") {
  const json::codec codec = make_api_codec();
  const auto read = [&](const char* type, std::string body) {
    net::request r;
    if (type != nullptr) r.headers.emplace_back("Content-Type", type);
    r.body = std::move(body);
    v1::Annotate note;
    const auto done = read_body(r, codec, note);
    return done ? note.text() : verdict(done);
  };
  v1::Annotate note;
  note.set_text("甲");
  CHECK(read("application/json", R"({"text":"甲"})") == "甲");
  CHECK(read("application/json; charset=UTF-8", R"({"text":"甲"})") == "甲");
  CHECK(read("application/x-protobuf", note.SerializeAsString()) == "甲");
  CHECK(read(nullptr, "").empty());
  CHECK(read("application/json", "").empty());

  CHECK(read(nullptr, "{}") == "415 media_type_not_supported Content-Type");
  CHECK(read("text/plain", "{}") == "415 media_type_not_supported Content-Type");
  CHECK(read("application/json; charset=gbk", "{}") == "415 media_type_not_supported Content-Type");
  CHECK(read("application/jsonx", "{}") == "415 media_type_not_supported Content-Type");
  CHECK(read("application/json", "{") == "400 body_malformed ");
  CHECK(read("application/json", R"({"text":1})") == "400 field_malformed text");
  CHECK(read("application/x-protobuf", "\xFF\xFF") == "400 body_malformed ");
  note.set_text("a\rb");
  CHECK(read("application/x-protobuf", note.SerializeAsString()) == "400 field_malformed text");
}

TEST_CASE("query parameters are known, single and in range") {
  constexpr std::array<std::string_view, 2> known{"limit", "cursor"};
  CHECK(verdict(check_query(with_query({{"limit", "1"}, {"cursor", ""}}), known)).empty());
  CHECK(verdict(check_query(with_query({{"Limit", "1"}}), known)) == "400 parameter_unknown Limit");
  CHECK(verdict(check_query(with_query({{"limit", "1"}, {"limit", "1"}}), known)) ==
        "400 parameter_malformed limit");
  CHECK(read_limit(with_query({})) == 50);
  CHECK(read_limit(with_query({{"limit", "200"}})) == 200);
  for (const char* text : {"0", "201", "-1", "", "1 ", "1.0", "99999999999", "x"}) {
    CAPTURE(text);
    CHECK(verdict(read_limit(with_query({{"limit", text}}))) == "400 parameter_malformed limit");
  }
  CHECK(verdict(require_query(with_query({}), "text", 9)) == "400 parameter_required text");
  CHECK(verdict(require_query(with_query({{"text", "0123456789"}}), "text", 9)) ==
        "400 parameter_malformed text");
  CHECK(verdict(require_query(with_query({{"text", "a\rb"}}), "text", 9)) ==
        "400 parameter_malformed text");
}

}  // namespace
}  // namespace hotline::gateway
