// Whoever loses sight of a ticket is told so, over a real socket, and told nothing else.
#include <doctest/doctest.h>

#include "tests/unit/gateway/live_client.hpp"

namespace hotline::gateway {
namespace {

const sender supervisor_of_jining{"ROLE_SUPERVISOR", "370800", "sun"};
const sender lead_of_zoucheng{"ROLE_LEAD", "370883", "lead"};
const sender officer_of_rencheng{"ROLE_OFFICER", "370811", "qian"};

std::string path_of(const std::string& no) { return "/v1/tickets/" + no; }

/// Waits until the client is told that it is gone; whether that is all it is told of the ticket.
v1::LiveGone gone_of(live_client& client, const std::string& no) {
  const auto& message = client.wait([](const v1::LiveMessage& m) { return m.gone_size() > 0; });
  REQUIRE(message.gone_size() == 1);
  CHECK(message.gone(0).no() == no);
  CHECK(message.changes_size() == 0);
  CHECK_FALSE(message.position().empty());
  return message.gone(0);
}

void sign(gateway_fixture& f, const std::string& no) {
  REQUIRE(f.post(officer_of_zoucheng, path_of(no) + ":sign").status == 200);
}

void hand_to_rencheng(gateway_fixture& f, const std::string& no) {
  const auto moved = f.post(supervisor_of_jining, path_of(no) + ":redispatch",
                            R"({"unit":"370811","reason":"属地不符"})");
  REQUIRE_MESSAGE(moved.status == 200, moved.body);
}

TEST_CASE("a ticket handed to another unit is gone at the one that had it, never told before") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  sign(f, no);
  // What these show they have loaded over HTTP: nothing was pushed to them yet.
  live_client queue(f, officer_of_zoucheng);
  live_client unit(f, lead_of_zoucheng);
  live_client mine(f, officer_of_zoucheng);
  live_client one(f, officer_of_zoucheng);
  live_client next(f, officer_of_rencheng);
  live_client city(f, supervisor_of_jining);
  queue.watch({"queue:370883"});
  unit.watch({"unit:370883"});
  mine.watch({"mine"});
  one.watch({"ticket:" + no});
  next.watch({"queue:370811"});
  city.watch({"unit:370800"});
  hand_to_rencheng(f, no);
  CHECK(gone_of(queue, no).topics(0) == "queue:370883");
  CHECK(gone_of(unit, no).topics(0) == "unit:370883");
  CHECK(gone_of(mine, no).topics(0) == "mine");
  CHECK(gone_of(one, no).topics(0) == "ticket:" + no);
  CHECK(next.change_of(no).ticket().unit() == "370811");
  CHECK(city.change_of(no).ticket().unit() == "370811");

  // What happens to it later is not for them: not even that it is gone again.
  REQUIRE(f.post(officer_of_rencheng, path_of(no) + ":sign").status == 200);
  next.change_of(no);
  const std::string other = f.dispatch_ticket();
  queue.change_of(other);
  int gone = 0;
  for (const auto& message : queue.told()) gone += message.gone_size();
  CHECK(gone == 1);
}

TEST_CASE("a return that is upheld takes the ticket away from the unit") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  sign(f, no);
  live_client unit(f, officer_of_zoucheng);
  unit.watch({"unit:370883"});
  REQUIRE(f.post(lead_of_zoucheng, path_of(no) + ":return",
                 R"({"reason":"RETURN_REASON_NOT_OUR_DUTY","basis":"不属于本辖区"})")
              .status == 200);
  unit.change_of(no);
  REQUIRE(
      f.post(dispatcher_of_province, path_of(no) + ":decide-return", R"({"uphold":true})").status ==
      200);
  CHECK(gone_of(unit, no).topics(0) == "unit:370883");
}

TEST_CASE("who comes back is told what has gone meanwhile") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  sign(f, no);
  std::string place;
  {
    live_client first(f, officer_of_zoucheng);
    first.watch({"unit:370883"});
    place = first.position();
  }
  hand_to_rencheng(f, no);
  live_client again(f, officer_of_zoucheng);
  again.resume({"unit:370883"}, place);
  CHECK(gone_of(again, no).topics(0) == "unit:370883");
}

TEST_CASE("what one could not see before is not gone either") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  sign(f, no);
  // A colleague who has no part in it watches the unit.
  live_client outsider(f, {"ROLE_OFFICER", "370811", "qian"});
  outsider.watch({"unit:370811", "mine"});
  hand_to_rencheng(f, no);
  outsider.change_of(no);
  REQUIRE(f.post(supervisor_of_jining, path_of(no) + ":redispatch",
                 R"({"unit":"370883","reason":"属地不符"})")
              .status == 200);
  CHECK(gone_of(outsider, no).topics(0) == "unit:370811");
  live_client elsewhere(f, {"ROLE_OFFICER", "370200", "zhang"});
  elsewhere.watch({"unit:370200"});
  hand_to_rencheng(f, no);
  outsider.change_of(no);
  for (const auto& message : elsewhere.told()) CHECK(message.gone_size() == 0);
}

}  // namespace
}  // namespace hotline::gateway
