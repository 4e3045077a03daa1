// One-time codes against the vectors of RFC 6238 (appendix B, SHA-1, last six digits).
#include "common/identity/totp.hpp"

#include <doctest/doctest.h>

namespace hotline::identity {
namespace {

constexpr std::string_view secret = "12345678901234567890";

instant at_second(std::int64_t s) { return from_unix_ms(s * 1000); }

TEST_CASE("codes are those of RFC 6238") {
  struct row {
    std::int64_t second;
    const char* code;
  };
  for (const row& r : {row{59, "287082"}, row{1'111'111'109, "081804"},
                       row{1'111'111'111, "050471"}, row{1'234'567'890, "005924"},
                       row{2'000'000'000, "279037"}, row{20'000'000'000, "353130"}}) {
    CHECK(totp_code(secret, totp_step(at_second(r.second))) == r.code);
  }
}

TEST_CASE("a code is good one step early and late, and tells its step") {
  const instant now = at_second(1'234'567'890);
  const std::int64_t step = totp_step(now);
  for (const std::int64_t d : {-1, 0, 1}) {
    CHECK(match_totp(secret, totp_code(secret, step + d), now) == step + d);
  }
  CHECK_FALSE(match_totp(secret, totp_code(secret, step - 2), now));
  CHECK_FALSE(match_totp(secret, totp_code(secret, step + 2), now));
  CHECK_FALSE(match_totp("another secret of 20", totp_code(secret, step), now));
  for (const char* malformed : {"", "00592", "0059244", "00592a", "００５９２４"}) {
    CHECK_FALSE(match_totp(secret, malformed, now));
  }
}

TEST_CASE("base32 goes both ways") {
  CHECK(to_base32(secret) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  CHECK(from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") == std::string(secret));
  CHECK_FALSE(from_base32("GEZD1"));
  CHECK(new_totp_secret().size() == 20);
  CHECK(new_totp_secret() != new_totp_secret());
  CHECK(totp_uri(secret, "li").starts_with("otpauth://totp/12351:li?secret=GEZDGNBV"));
}

}  // namespace
}  // namespace hotline::identity
