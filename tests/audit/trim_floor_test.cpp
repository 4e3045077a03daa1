// The outbox is kept until it is sealed.
#include <doctest/doctest.h>

#include "common/store/stream_keeper.hpp"
#include "tests/audit/audit_fixture.hpp"

namespace hotline::test {
namespace {

TEST_CASE("nothing is trimmed before it is sealed") {
  audit_fixture f;
  const std::string group = "dispatch";
  REQUIRE(f.run(store::ensure_group(*f.redis.client, "3708", group)));
  const auto read_all = [&] {
    f.exec("XREADGROUP", "GROUP", group, "a", "COUNT", 1000, "NOACK", "STREAMS", "{3708}:events",
           ">");
  };
  const auto trim = [&] {
    return f.run(store::trim_stream(*f.redis.client, "3708", {group}, store::seal_floor::kept))
        .value();
  };
  const auto length = [&] { return f.exec("XLEN", "{3708}:events").integer(); };
  f.fill("3708", 300, "370883");
  read_all();
  CHECK(trim() == 0);  // no chain yet
  f.seal();
  for (int i = 301; i <= 600; ++i) {
    ticket_shape shape;
    shape.no = "3708-20261123-00" + std::to_string(i);
    f.commit(nullptr, new_ticket(shape));
  }
  read_all();
  CHECK(trim() > 100);
  CHECK(length() >= 300);  // the second half is not sealed
  CHECK(trim() == 0);
  f.seal();
  CHECK(trim() > 100);
  CHECK(complaints(f.verify(false)) == "");
}

TEST_CASE("sealed is not enough: every group counts as before") {
  audit_fixture f;
  REQUIRE(f.run(store::ensure_group(*f.redis.client, "3708", "dispatch")));
  f.fill("3708", 300, "370883");
  f.seal();
  CHECK(f.run(store::trim_stream(*f.redis.client, "3708", {"dispatch"}, store::seal_floor::kept))
            .value() == 0);
}

}  // namespace
}  // namespace hotline::test
