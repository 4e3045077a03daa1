// The outbox is kept until it is sealed.
#include <doctest/doctest.h>

#include "common/store/outbox_rebuild.hpp"
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

TEST_CASE(
    "what was taken away before it was sealed comes back and is sealed; twice is no damage then") {
  audit_fixture f;
  f.fill("3708", 5, "370883");
  f.seal();
  for (int i = 6; i <= 8; ++i) {
    ticket_shape shape;
    shape.no = "3708-20261123-0000" + std::to_string(i);
    f.commit(nullptr, new_ticket(shape));
  }
  const auto gaps = [&] {
    return f.run(store::find_outbox_gaps(*f.redis.client, f.guard.data_set(), "3708")).value();
  };
  CHECK_FALSE(gaps().any());
  f.exec("XTRIM", "{3708}:events", "MAXLEN", 0);
  CHECK(gaps().lost.at("audit") == 3);
  f.seal();
  CHECK(f.verify(false).counts.at(store::tampering::event_unsealed) == 3);
  store::rebuild_options options;
  options.data_set = f.guard.data_set();
  options.shards = {"3708"};
  const auto rebuilt = f.run(store::rebuild_outboxes(*f.redis.client, options));
  REQUIRE(rebuilt);
  CHECK(rebuilt->restored == 8);
  CHECK_FALSE(gaps().any());
  f.seal();
  CHECK_FALSE(gaps().any());
  auto report = f.verify(false);
  CHECK(complaints(report) == "");
  CHECK(report.repeated == 5);
  // More often than anything was put back: somebody else did that.
  const auto entries = f.exec("XRANGE", "{3708}:events", "-", "+");
  for (int i = 0; i < 4; ++i)
    f.exec("XADD", "{3708}:events", "*", "e", entries.at(0).at(1).at(1).string());
  f.seal();
  report = f.verify(false);
  CHECK(report.counts.at(store::tampering::event_twice) == 9);
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
