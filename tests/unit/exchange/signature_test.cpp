#include "common/exchange/signature.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "common/domain/civil.hpp"

namespace hotline::exchange {
namespace {

using namespace std::chrono_literals;

const instant noon = domain::civil_instant(std::chrono::year(2026) / 11 / 23, 12h);

v1::PartnerSignature rules_of(v1::SignatureScheme scheme) {
  v1::PartnerSignature rules;
  rules.set_scheme(scheme);
  auto& key = *rules.add_keys();
  key.set_id("k1");
  key.set_secret_file("one");
  return rules;
}

std::optional<std::string> secret(std::string_view file) {
  if (file == "one") return "first secret";
  if (file == "two") return "second secret";
  return std::nullopt;
}

struct message {
  std::string method = "POST";
  std::string target = "/v1/feeds/jining-12345/events?x=1";
  std::string body = R"({"a":1})";
  std::string peer = "10.1.2.3";
  std::vector<header_pair> headers;

  signed_request request() const {
    return {
        .method = method, .target = target, .body = body, .headers = headers, .peer_address = peer};
  }
  std::string& header(std::string_view name) {
    for (auto& one : headers)
      if (one.first == name) return one.second;
    return headers.emplace_back(std::string(name), "").second;
  }
};

message signed_message(const v1::PartnerSignature& rules, instant at = noon) {
  message made;
  made.headers = sign(rules, secret, made.method, made.target, made.body, at, "nonce-0001");
  REQUIRE(!made.headers.empty());
  return made;
}

std::string outcome(const v1::PartnerSignature& rules, const message& m, instant now = noon) {
  const auto done = verify(rules, secret, m.request(), now);
  return done ? "ok" : std::string(to_string(done.error()));
}

}  // namespace

TEST_CASE("what is signed is verified, and every part of it counts") {
  for (const auto scheme : {v1::SIGNATURE_SCHEME_HMAC_SHA256, v1::SIGNATURE_SCHEME_HMAC_SM3}) {
    CAPTURE(v1::SignatureScheme_Name(scheme));
    const auto rules = rules_of(scheme);
    const message good = signed_message(rules);
    const auto done = verify(rules, secret, good.request(), noon);
    REQUIRE(done.has_value());
    CHECK(done->key_id == "k1");
    CHECK(done->nonce == "nonce-0001");
    CHECK(done->timestamp == to_unix_ms(noon));

    message bad = good;
    bad.method = "PUT";
    CHECK(outcome(rules, bad) == "mismatch");
    bad = good;
    bad.target += "2";
    CHECK(outcome(rules, bad) == "mismatch");
    bad = good;
    bad.body += " ";
    CHECK(outcome(rules, bad) == "mismatch");
    bad = good;
    bad.header("X-Nonce") = "nonce-0002";
    CHECK(outcome(rules, bad) == "mismatch");
    bad = good;
    bad.header("X-Timestamp") = std::to_string(to_unix_ms(noon) + 1);
    CHECK(outcome(rules, bad) == "mismatch");
    bad = good;
    bad.header("X-Signature")[0] = bad.header("X-Signature")[0] == '0' ? '1' : '0';
    CHECK(outcome(rules, bad) == "mismatch");
    bad = good;
    bad.header("X-Signature") = bad.header("X-Signature").substr(2);
    CHECK(outcome(rules, bad) == "mismatch");
    CHECK(
        outcome(rules_of(scheme == v1::SIGNATURE_SCHEME_HMAC_SM3 ? v1::SIGNATURE_SCHEME_HMAC_SHA256
                                                                 : v1::SIGNATURE_SCHEME_HMAC_SM3),
                good) == "mismatch");
  }
}

TEST_CASE("known values, as the partner's programmers will compute them") {
  // printf 'POST\n/e\n%s\n1795406400000\nnonce-0001\nk1' $(printf '{}' | sha256sum | cut -c-64) |
  //   openssl dgst -sha256 -hmac 'first secret'      (for SM3: -sm3 in both places)
  const auto value = [](v1::SignatureScheme scheme) {
    const auto headers = sign(rules_of(scheme), secret, "POST", "/e", "{}", noon, "nonce-0001");
    REQUIRE(headers.size() == (scheme == v1::SIGNATURE_SCHEME_LEGACY_SHA1 ? 3U : 4U));
    return headers.back().second;
  };
  CHECK(to_unix_ms(noon) == 1795406400000);
  CHECK(value(v1::SIGNATURE_SCHEME_HMAC_SHA256) ==
        "73accf65d8c2a68274df506f3dc48970eccf284a770f495f68280eff74b8082f");
  CHECK(value(v1::SIGNATURE_SCHEME_HMAC_SM3) ==
        "3b4eefa90702fde4531f41a9bcca6a898f6c488717b0d827b6609a6178468ea8");
  // printf 'k1first secret1795406400000' | sha1sum
  CHECK(value(v1::SIGNATURE_SCHEME_LEGACY_SHA1) == "d49a126845e901cf94bfa217f8285b533de9dc9f");
}

TEST_CASE("the window") {
  auto rules = rules_of(v1::SIGNATURE_SCHEME_HMAC_SHA256);
  const message m = signed_message(rules);
  CHECK(outcome(rules, m, noon + 5min) == "ok");
  CHECK(outcome(rules, m, noon + 5min + 1ms) == "too_old");
  CHECK(outcome(rules, m, noon - 5min) == "ok");
  CHECK(outcome(rules, m, noon - 5min - 1ms) == "too_new");
  rules.set_window_s(10);
  CHECK(outcome(rules, m, noon + 10s) == "ok");
  CHECK(outcome(rules, m, noon + 11s) == "too_old");
}

TEST_CASE("two keys while one replaces the other") {
  auto rules = rules_of(v1::SIGNATURE_SCHEME_HMAC_SHA256);
  rules.mutable_keys(0)->set_until_date("2026-11-30");
  auto& next = *rules.add_keys();
  next.set_id("k2");
  next.set_secret_file("two");
  next.set_from_date("2026-11-23");
  const message m = signed_message(rules);
  CHECK(m.headers[0].second == "k2");  // we sign with the newer
  CHECK(outcome(rules, m) == "ok");

  auto old_rules = rules_of(v1::SIGNATURE_SCHEME_HMAC_SHA256);
  CHECK(outcome(rules, signed_message(old_rules)) == "ok");
  const instant december = domain::civil_instant(std::chrono::year(2026) / 12 / 1, 0h);
  CHECK(outcome(rules, signed_message(old_rules, december), december) == "unknown_key");
  const instant eve = domain::civil_instant(std::chrono::year(2026) / 11 / 22, 23h);
  message early = signed_message(rules, noon);
  early.header("X-Timestamp") = std::to_string(to_unix_ms(eve));
  CHECK(outcome(rules, early, eve) == "unknown_key");
  CHECK(sign(
            rules, [](std::string_view) { return std::nullopt; }, "GET", "/", "", noon, "n")
            .empty());
}

TEST_CASE("fields that are missing, twice or not in form") {
  const auto rules = rules_of(v1::SIGNATURE_SCHEME_HMAC_SHA256);
  const message good = signed_message(rules);
  for (std::size_t i = 0; i < good.headers.size(); ++i) {
    message bad = good;
    bad.headers.erase(bad.headers.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(outcome(rules, bad) == "missing");
    bad = good;
    bad.headers.push_back(good.headers[i]);
    CHECK(outcome(rules, bad) == "missing");
    bad = good;
    bad.headers[i].second.clear();
    CHECK(outcome(rules, bad) == "missing");
  }
  struct example {
    const char* field;
    const char* value;
  };
  for (const auto& [field, value] :
       {example{"X-Timestamp", "-1"}, example{"X-Timestamp", "17954064000000"},
        example{"X-Timestamp", "1795406400000.0"}, example{"X-Nonce", "short"},
        example{"X-Nonce", "with blank in it"}, example{"X-Signature", "zz"},
        example{"X-Signature", "abc"}}) {
    message bad = good;
    bad.header(field) = value;
    CAPTURE(field);
    CHECK(outcome(rules, bad) == "malformed");
  }
  message bad = good;
  bad.header("X-Key-Id") = "k9";
  CHECK(outcome(rules, bad) == "unknown_key");
  const auto unreadable =
      verify(rules, [](std::string_view) { return std::nullopt; }, good.request(), noon);
  REQUIRE(!unreadable.has_value());
  CHECK(unreadable.error() == signature_fault::no_secret);
}

TEST_CASE("names of fields do not mind case, and may be the partner's own") {
  auto rules = rules_of(v1::SIGNATURE_SCHEME_HMAC_SM3);
  rules.set_signature_field("X-ACFTU-Sign");
  message m = signed_message(rules);
  CHECK(m.headers.back().first == "X-ACFTU-Sign");
  m.headers.back().first = "x-acftu-sign";
  CHECK(outcome(rules, m) == "ok");
}

TEST_CASE("the legacy scheme needs addresses") {
  auto rules = rules_of(v1::SIGNATURE_SCHEME_LEGACY_SHA1);
  const message m = signed_message(rules);
  CHECK(outcome(rules, m) == "address");
  rules.add_addresses("10.1.0.0/16");
  CHECK(outcome(rules, m) == "ok");
  message elsewhere = m;
  elsewhere.peer = "10.2.0.1";
  CHECK(outcome(rules, elsewhere) == "address");
  CHECK(verify(rules, secret, m.request(), noon)->nonce.empty());
}

TEST_CASE("addresses and networks") {
  const auto allowed = [](std::string_view address, std::string_view network) {
    v1::PartnerSignature rules;
    rules.add_addresses(std::string(network));
    return address_allowed(address, rules.addresses());
  };
  CHECK(address_allowed("1.2.3.4", {}));
  CHECK(allowed("10.1.2.3", "10.1.2.3"));
  CHECK(allowed("10.1.2.3", "10.1.2.0/24"));
  CHECK(allowed("10.1.2.3", "0.0.0.0/0"));
  CHECK(allowed("10.1.2.129", "10.1.2.128/25"));
  CHECK(!allowed("10.1.2.127", "10.1.2.128/25"));
  CHECK(allowed("::ffff:10.1.2.3", "10.1.2.0/24"));
  CHECK(!allowed("2001:db8::1", "0.0.0.0/0"));
  CHECK(allowed("2001:db8::1", "2001:db8::/32"));
  CHECK(!allowed("2001:db9::1", "2001:db8::/32"));
  CHECK(!allowed("host.example", "0.0.0.0/0"));
  for (const char* bad :
       {"", "10.1.2", "10.1.2.3/33", "10.1.2.3/-1", "10.1.2.3/", "::/129", "a/8", "10.1.2.3/8x"})
    CHECK(!is_network(bad));
}

}  // namespace hotline::exchange
