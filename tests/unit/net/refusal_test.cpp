// Everything that two programs in a chain could read differently is refused, and the connection is
// closed with it: the bytes behind such a request never become a request of their own.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/net/test_server.hpp"

using namespace hotline::net;
using namespace hotline::net::test;
using namespace std::string_literals;

namespace {

struct refusal {
  std::string name;
  std::string bytes;
  int status;
  std::string rule;
};

const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

std::string post(const std::string& fields, const std::string& body = {}) {
  return "POST /v1/tickets HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

std::string get(const std::string& target, const std::string& fields = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string many_fields(int count) {
  std::string fields;
  for (int i = 0; i < count; ++i) fields += "A" + std::to_string(i) + ": 1\r\n";
  return fields;
}

std::string chunked(const std::string& body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}

std::vector<refusal> framing_table() {
  return {
      {"CL then TE", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400,
       "framing_conflict"},
      {"TE then CL", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400,
       "framing_conflict"},
      {"TE with CL 0", post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "0\r\n\r\n"),
       400, "framing_conflict"},
      {"TE identity", post("Transfer-Encoding: identity\r\n", "abc"), 400, "transfer_encoding"},
      {"TE identity with CL", post("Transfer-Encoding: identity\r\nContent-Length: 3\r\n", "abc"),
       400, "transfer_encoding"},
      {"TE chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 400,
       "transfer_encoding"},
      {"TE identity, chunked", post("Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n"), 400,
       "transfer_encoding"},
      {"TE xchunked then CL", post("Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n", "abc"),
       400, "transfer_encoding"},
      {"TE gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400,
       "transfer_encoding"},
      {"TE chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 400,
       "transfer_encoding"},
      {"two TE lines",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400,
       "transfer_encoding"},
      {"two TE lines, one unknown",
       post("Transfer-Encoding: chunked\r\nTransfer-encoding: x\r\n", "0\r\n\r\n"), 400,
       "transfer_encoding"},
      {"TE in capitals", post("Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n"), 400,
       "transfer_encoding"},
      {"TE quoted", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), 400,
       "transfer_encoding"},
      {"TE after a tab", post("Transfer-Encoding:\tchunked\r\n", "0\r\n\r\n"), 400,
       "transfer_encoding"},
      {"TE after two spaces", post("Transfer-Encoding:  chunked\r\n", "0\r\n\r\n"), 400,
       "transfer_encoding"},
      {"TE before a space", post("Transfer-Encoding: chunked \r\n", "0\r\n\r\n"), 400,
       "transfer_encoding"},
      {"TE with a parameter", post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"), 400,
       "transfer_encoding"},
      {"TE with a comma", post("Transfer-Encoding: chunked,\r\n", "0\r\n\r\n"), 400,
       "transfer_encoding"},
      {"TE empty", post("Transfer-Encoding:\r\n", "0\r\n\r\n"), 400, "transfer_encoding"},
      {"TE with a vertical tab", post("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n"), 400,
       "control_byte"},
      {"TE space before colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400,
       "header_syntax"},
      {"TE hidden by a fold", post("X: a\r\n Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400,
       "header_folding"},
      {"TE folded", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"), 400,
       "transfer_encoding"},
      {"TE on HTTP/1.0",
       "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
       "transfer_encoding"},
      {"equal double CL", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400,
       "content_length"},
      {"differing double CL", post("Content-Length: 3\r\nContent-Length: 0\r\n", "abc"), 400,
       "content_length"},
      {"double CL 0", post("Content-Length: 0\r\ncontent-length: 0\r\n"), 400, "content_length"},
      {"CL 3, 3", post("Content-Length: 3, 3\r\n", "abc"), 400, "content_length"},
      {"CL +3", post("Content-Length: +3\r\n", "abc"), 400, "content_length"},
      {"CL -1", post("Content-Length: -1\r\n", "abc"), 400, "content_length"},
      {"CL 0x3", post("Content-Length: 0x3\r\n", "abc"), 400, "content_length"},
      {"CL 3 3", post("Content-Length: 3 3\r\n", "abc"), 400, "content_length"},
      {"CL 3.0", post("Content-Length: 3.0\r\n", "abc"), 400, "content_length"},
      {"CL 03", post("Content-Length: 03\r\n", "abc"), 400, "content_length"},
      {"CL empty", post("Content-Length:\r\n", "abc"), 400, "content_length"},
      {"CL 2^64", post("Content-Length: 18446744073709551616\r\n"), 413, "body_too_large"},
      {"CL 2^64 + 3", post("Content-Length: 18446744073709551619\r\n", "abc"), 413,
       "body_too_large"},
      {"CL over the limit", post("Content-Length: 65537\r\n"), 413, "body_too_large"},
      {"CL space before colon", post("Content-Length : 3\r\n", "abc"), 400, "header_syntax"},
      {"GET with CL", get("/", "Content-Length: 3\r\n") + "abc", 400, "body_not_allowed"},
      {"GET with TE", get("/", "Transfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400,
       "body_not_allowed"},
      {"HEAD with CL", "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 400,
       "body_not_allowed"},
      {"DELETE with CL", "DELETE /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 400,
       "body_not_allowed"},
      {"OPTIONS with CL", "OPTIONS /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 400,
       "body_not_allowed"},
      {"chunk extension", chunked("3;a=b\r\nabc\r\n0\r\n\r\n"), 400, "chunk_extension"},
      {"quoted chunk extension", chunked("3;a=\"b;c\"\r\nabc\r\n0\r\n\r\n"), 400,
       "chunk_extension"},
      {"extension of the last chunk", chunked("3\r\nabc\r\n0;a\r\n\r\n"), 400, "chunk_extension"},
      {"7 kB chunk extension", chunked("3;a=" + std::string(7000, 'b') + "\r\nabc\r\n0\r\n\r\n"),
       400, "chunk_extension"},
      {"endless chunk extension", chunked("3;a=" + std::string(9000, 'b')), 400, "chunk_extension"},
      {"endless chunk size", chunked(std::string(9000, '0')), 400, "chunk_syntax"},
      {"chunk size with a space", chunked("3 \r\nabc\r\n0\r\n\r\n"), 400, "chunk_syntax"},
      {"chunk size after a space", chunked(" 3\r\nabc\r\n0\r\n\r\n"), 400, "chunk_syntax"},
      {"chunk size 0x3", chunked("0x3\r\nabc\r\n0\r\n\r\n"), 400, "chunk_syntax"},
      {"chunk size -3", chunked("-3\r\nabc\r\n0\r\n\r\n"), 400, "chunk_syntax"},
      {"chunk size overflow", chunked("10000000000000003\r\nabc\r\n0\r\n\r\n"), 400,
       "chunk_syntax"},
      {"chunk size of 2^64 - 1", chunked("ffffffffffffffff\r\nabc\r\n0\r\n\r\n"), 413,
       "body_too_large"},
      {"chunk size ended by LF", chunked("3\nabc\r\n0\r\n\r\n"), 400, "chunk_syntax"},
      {"chunk longer than said", chunked("3\r\nabcd\r\n0\r\n\r\n"), 400, "chunk_syntax"},
      {"chunk data ended by LF", chunked("3\r\nabc\n0\r\n\r\n"), 400, "chunk_syntax"},
      {"trailer", chunked("3\r\nabc\r\n0\r\nX: y\r\n\r\n"), 400, "trailer"},
      {"trailer Content-Length", chunked("3\r\nabc\r\n0\r\nContent-Length: 3\r\n\r\n"), 400,
       "trailer"},
      {"chunks over the limit", chunked("10001\r\n"), 413, "body_too_large"},
      {"many chunks over the limit",
       chunked("8000\r\n" + std::string(0x8000, 'a') + "\r\n8001\r\n"), 413, "body_too_large"},
  };
}

std::vector<refusal> head_table() {
  return {
      {"LF only", "GET / HTTP/1.1\nHost: a\n\n", 400, "line_ending"},
      {"LF inside", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400, "line_ending"},
      {"bare CR", "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", 400, "line_ending"},
      {"CR CR LF", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", 400, "line_ending"},
      {"empty line first", "\r\n" + get("/"), 400, "line_ending"},
      {"only empty lines", "\r\n\r\n", 400, "line_ending"},
      {"NUL in a value", get("/", "X: a\0b\r\n"s), 400, "control_byte"},
      {"NUL in a name", get("/", "X\0: a\r\n"s), 400, "control_byte"},
      {"NUL in the target", "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"s, 400, "control_byte"},
      {"DEL", get("/", "X: a\x7f\r\n"), 400, "control_byte"},
      {"TLS greeting", "\x16\x03\x01\x02\x00\x01"s, 400, "control_byte"},
      {"UTF-8 in a value", get("/", "X: 工\r\n"), 400, "non_ascii"},
      {"UTF-8 in a name", get("/", "工: a\r\n"), 400, "non_ascii"},
      {"UTF-8 in the target", get("/工单"), 400, "non_ascii"},
      {"GB18030 in the target", get("/\xb9\xa4"), 400, "non_ascii"},
      {"fold", get("/", "X: a\r\n b\r\n"), 400, "header_folding"},
      {"fold with a tab", get("/", "X: a\r\n\tb\r\n"), 400, "header_folding"},
      {"fold before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "header_folding"},
      {"no colon", get("/", "X\r\n"), 400, "header_syntax"},
      {"no name", get("/", ": a\r\n"), 400, "header_syntax"},
      {"space before colon", get("/", "X : a\r\n"), 400, "header_syntax"},
      {"space in a name", get("/", "X Y: a\r\n"), 400, "header_syntax"},
      {"brackets in a name", get("/", "X[]: a\r\n"), 400, "header_syntax"},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400, "host_count"},
      {"no Host on HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 400, "host_count"},
      {"two Hosts", get("/", "Host: b\r\n"), 400, "host_count"},
      {"two equal Hosts", get("/", "host: a\r\n"), 400, "host_count"},
      {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "host_syntax"},
      {"Host with a list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400, "host_syntax"},
      {"Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "host_syntax"},
      {"Host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, "host_syntax"},
      {"Host with a bad port", "GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n", 400, "host_syntax"},
      {"Host with an empty port", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", 400, "host_syntax"},
      {"Host half in brackets", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, "host_syntax"},
      {"absolute-form", get("http://a/"), 400, "target_form"},
      {"authority-form", get("a:80"), 400, "target_form"},
      {"asterisk-form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target_form"},
      {"no slash", get("v1"), 400, "target_form"},
      {"fragment", get("/a#b"), 400, "target_form"},
      {"quote in the target", get("/a\"b"), 400, "target_form"},
      {"backslash in the path", get("/a\\b"), 400, "target_form"},
      {"%00", get("/a%00b"), 400, "target_encoding"},
      {"%00 in the query", get("/a?b=%00"), 400, "target_encoding"},
      {"% alone", get("/a%"), 400, "target_encoding"},
      {"%4", get("/a%4"), 400, "target_encoding"},
      {"%zz", get("/a%zz"), 400, "target_encoding"},
      {"%u0041", get("/a%u0041"), 400, "target_encoding"},
      {"encoded slash", get("/a%2Fb"), 400, "target_encoding"},
      {"encoded CR LF", get("/a%0d%0aX:%20y"), 400, "target_encoding"},
      {"overlong slash", get("/a%c0%af"), 400, "target_encoding"},
      {"surrogate", get("/a%ed%a0%80"), 400, "target_encoding"},
      {"surrogate in the query", get("/a?b=%ed%a0%80"), 400, "target_encoding"},
      {"above U+10FFFF", get("/a%f4%90%80%80"), 400, "target_encoding"},
      {"GB18030, encoded", get("/a%b9%a4"), 400, "target_encoding"},
      {"dots", get("/a/../b"), 400, "target_dots"},
      {"encoded dots", get("/a/%2e%2E/b"), 400, "target_dots"},
      {"one dot", get("/a/."), 400, "target_dots"},
      {"lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "unknown_method"},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "unknown_method"},
      {"CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501, "unknown_method"},
      {"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "unknown_method"},
      {"method with a colon", "GE:T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request_line"},
      {"space first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request_line"},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request_line"},
      {"tab", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request_line"},
      {"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request_line"},
      {"space at the end", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, "request_line"},
      {"no version", "GET /\r\nHost: a\r\n\r\n", 400, "request_line"},
      {"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400, "request_line"},
      {"HTTP/1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400, "request_line"},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, "version"},
      {"HTTP/0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505, "version"},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "version"},
      {"two Authorization", get("/", "Authorization: a\r\nAuthorization: b\r\n"), 400,
       "repeated_header"},
      {"two Idempotency-Key", post("Idempotency-Key: a\r\nidempotency-key: a\r\n"), 400,
       "repeated_header"},
      {"two Content-Type", post("Content-Type: a/b\r\nContent-Type: a/c\r\n"), 400,
       "repeated_header"},
      {"two Cookie", get("/", "Cookie: a=b\r\nCookie: a=c\r\n"), 400, "repeated_header"},
      {"gzip body", post("Content-Encoding: gzip\r\nContent-Length: 3\r\n", "abc"), 415,
       "content_encoding"},
      {"Expect", post("Expect: tea\r\nContent-Length: 3\r\n", "abc"), 417, "expectation"},
      {"65 fields", get("/", many_fields(64)), 431, "header_count"},
      {"900 fields", get("/", many_fields(900)), 431, "header_count"},
      {"9 kB field", get("/", "X: " + std::string(9000, 'a') + "\r\n"), 431, "head_too_large"},
      {"5 kB target", get("/" + std::string(5000, 'a')), 414, "target_too_long"},
      {"endless target", "GET /" + std::string(9000, 'a'), 414, "target_too_long"},
  };
}

void check_refused(test_server& server, const refusal& row) {
  CAPTURE(row.name);
  const auto answer = server.probe(row.bytes + smuggled);
  REQUIRE(answer.has_value());
  CAPTURE(*answer);
  CHECK(status_of(*answer) == row.status);
  CHECK(answers_in(*answer) == 1);
  CHECK(answer->find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(answer->find("application/problem+json") != std::string::npos);
  CHECK(answer->find("\"rule\":\"" + row.rule + "\"") != std::string::npos);
}

}  // namespace

TEST_CASE("an ambiguous body is refused and nothing behind it is read as a request") {
  test_server server;
  for (const refusal& row : framing_table()) check_refused(server, row);
  CHECK(server.handled() == 0);
  CHECK_FALSE(server.smuggled());
}

TEST_CASE("a malformed head is refused and nothing behind it is read as a request") {
  test_server server;
  for (const refusal& row : head_table()) check_refused(server, row);
  CHECK(server.handled() == 0);
  CHECK_FALSE(server.smuggled());
}

TEST_CASE("the refusals do not depend on how the bytes are cut into packets") {
  test_server server;
  for (const refusal& row : framing_table()) {
    if (row.bytes.size() > 400) continue;
    CAPTURE(row.name);
    raw_socket client = server.connect();
    for (const char& byte : row.bytes + smuggled) {
      if (!client.send({&byte, 1})) break;
    }
    const auto answer = client.read_to_end();
    REQUIRE(answer.has_value());
    CHECK(status_of(*answer) == row.status);
    CHECK(answers_in(*answer) == 1);
  }
  CHECK(server.handled() == 0);
}

TEST_CASE("only the configured hosts are answered") {
  server_options options;
  options.head.allowed_hosts = {"hotline.example", "[::1]"};
  test_server server(options);
  const auto ask_host = [&](const std::string& host) {
    const auto answer =
        server.probe("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    return answer ? status_of(*answer) : 0;
  };
  CHECK(ask_host("hotline.example") == 200);
  CHECK(ask_host("HOTLINE.example:8443") == 200);
  CHECK(ask_host("[::1]:80") == 200);
  CHECK(ask_host("evil.example") == 421);
  CHECK(ask_host("hotline.example.evil") == 421);
}
