// Who may push: the signature is the credential, and whoever has none learns nothing.
#include <algorithm>
#include <boost/json/object.hpp>
#include <functional>

#include "tests/unit/gateway/feed_fixture.hpp"

namespace hotline::gateway {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto window = seconds(300);

std::string urge_of(const std::string& no = "A1") { return document_of({told("urge", no, "1")}); }

/// The answer but for what names the request.
boost::json::object told_by(const net::response& answer) {
  auto body = parse(answer).as_object();
  body.erase("request_id");
  body.erase("instance");
  return body;
}

void set(net::field_list& headers, std::string_view name, std::string value) {
  const auto found = std::ranges::find(headers, name, &net::field_list::value_type::first);
  REQUIRE(found != headers.end());
  found->second = std::move(value);
}

TEST_CASE("whatever is wrong with the signature, and whether there is such a partner: one answer") {
  feed_fixture f;
  struct row {
    std::string_view what;
    std::string name = "small";
    signing how = {};
    std::function<void(net::field_list&)> spoil = [](net::field_list&) {};
    std::string sent = urge_of();  ///< other than what was signed
  };
  const instant now = f.clock.now();
  const row rows[] = {
      {.what = "another signature",
       .spoil = [](auto& h) { set(h, "X-Signature", std::string(64, '0')); }},
      {.what = "no signature", .spoil = [](auto& h) { h.clear(); }},
      {.what = "another body", .sent = urge_of("A2")},
      {.what = "another nonce", .spoil = [](auto& h) { set(h, "X-Nonce", "nonce-of-others"); }},
      {.what = "too old", .how = {.at = now - window - milliseconds(1)}},
      {.what = "too new", .how = {.at = now + window + milliseconds(1)}},
      {.what = "an instant that is none", .spoil = [](auto& h) { set(h, "X-Timestamp", "today"); }},
      {.what = "a key nobody has", .how = {.key = "k9"}},
      {.what = "a key that is not valid yet", .how = {.key = "k2"}},
      {.what = "a partner that does not exist", .name = "nobody"},
      {.what = "a partner that is inactive", .name = "asleep"},
      {.what = "a partner that does not push", .name = "pulled"},
      {.what = "the legacy signature, from another address", .name = "far"},
  };
  const auto before = f.digest();
  std::optional<boost::json::object> same;
  std::uint64_t refused = 0;
  for (const auto& r : rows) {
    CAPTURE(r.what);
    auto headers = f.signed_by(r.name, urge_of(), r.how);
    r.spoil(headers);
    const auto answer = f.push_with(r.name, r.sent, headers);
    CHECK(answer.status == 401);
    CHECK(answer.content_type == "application/problem+json");
    const auto body = told_by(answer);
    if (!same) same = body;
    CHECK(body == *same);
    CHECK(f.taken_in.unsigned_ == ++refused);
  }
  f.secrets_readable = false;
  CHECK(told_by(f.push("small", urge_of())) == *same);
  CHECK(f.digest() == before);
}

TEST_CASE("the window is closed: its last instants are inside") {
  for (const auto at : {-window, window}) {
    feed_fixture f;
    CHECK(f.push("small", urge_of(), {.at = f.clock.now() + at}).status == 200);
    CHECK(f.waiting("small", "A1") == 1);
  }
}

TEST_CASE("a request sent again as it was, because its answer was lost, is taken already") {
  feed_fixture f;
  const auto headers = f.signed_by("small", urge_of());
  CHECK(f.push_with("small", urge_of(), headers).status == 200);
  const auto before = f.digest();
  for (const auto later : {seconds(0), window}) {
    f.clock.set(f.clock.now() + later, 0);
    const auto again = f.push_with("small", urge_of(), headers);
    CHECK(again.status == 200);
    CHECK(text_at(again, "code") == "2");
    CHECK(text_at(again, "message") == "此前已收到");
  }
  f.clock.set(f.clock.now() + milliseconds(1), 0);
  CHECK(f.push_with("small", urge_of(), headers).status == 401);
  CHECK(f.digest() == before);
}

TEST_CASE("a nonce that came with another body is used all the same, and is each partner's own") {
  feed_fixture f;
  CHECK(f.push("small", urge_of("A1"), {.nonce = "nonce-0001"}).status == 200);
  const auto other = f.push("small", urge_of("A2"), {.nonce = "nonce-0001"});
  CHECK(other.status == 409);
  CHECK(text_at(other, "message").find("随机数") != std::string::npos);
  CHECK(other.body.find("code") == std::string::npos);  // signed anew it may be taken in
  CHECK(f.waiting("small", "A2") == 0);
  CHECK(f.push("gb", "<r><m/></r>", {.nonce = "nonce-0001"}).status != 409);
}

TEST_CASE("two keys are valid while one replaces the other") {
  struct row {
    int days;  ///< after Monday, 23 November
    bool first, second;
  };
  feed_fixture f;
  const instant monday = f.clock.now();
  int message = 0;
  for (const auto& r : {row{0, true, false}, row{1, true, false}, row{2, true, true},
                        row{7, true, true}, row{8, false, true}}) {
    CAPTURE(r.days);
    REQUIRE(f.clock.set(monday + std::chrono::hours(24 * r.days), 0));
    const auto taken = [&](const char* key) {
      const auto no = fmt::format("A{}", ++message);
      return f.push("small", urge_of(no), {.key = key}).status == 200;
    };
    CHECK(taken("k1") == r.first);
    CHECK(taken("k2") == r.second);
  }
}

TEST_CASE("the legacy signature counts only from the partner's addresses") {
  feed_fixture f;
  CHECK(f.push("old", urge_of()).status == 200);
  CHECK(f.push("far", urge_of()).status == 401);
  CHECK(f.waiting("old", "A1") == 1);
  // It signs no nonce: the same again is a duplicate, and nothing more.
  const auto again = f.push("old", urge_of());
  CHECK(again.status == 200);
  CHECK(text_at(again, "code") == "2");
  CHECK(f.waiting("old", "A1") == 1);
}

}  // namespace
}  // namespace hotline::gateway
