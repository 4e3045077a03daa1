// Numbers tell of no ticket that their reader may not see: the queue's total, the board's rows.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

#include "tests/unit/gateway/cast.hpp"
#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {
namespace {

const sender officer_of_jining{"ROLE_OFFICER", "370800", "ren"};
const sender operator_of_night{"ROLE_OPERATOR", "370000", "he"};

struct figures {
  std::int64_t total;    ///< of the queue
  std::int64_t lines;    ///< of the queue's page
  std::int64_t waiting;  ///< on the board
  std::int64_t handling;
  std::int64_t open;

  bool operator==(const figures&) const = default;
};

doctest::String toString(const figures& f) {
  return fmt::format("{} {} {} {} {}", f.total, f.lines, f.waiting, f.handling, f.open).c_str();
}

/// What somebody is told of a unit of theirs.
figures told(gateway_fixture& f, const sender& who, const std::string& unit) {
  const auto queue = f.get(who, "/v1/queues/" + unit);
  REQUIRE_MESSAGE(queue.status == 200, queue.body);
  v1::QueuePage page;
  v1::Board board;
  const json::codec codec(std::array{v1::QueuePage::descriptor(), v1::Board::descriptor()});
  REQUIRE(codec.read(queue.body, page).has_value());
  const auto shown = f.get(who, "/v1/board?unit=" + unit);
  REQUIRE_MESSAGE(shown.status == 200, shown.body);
  REQUIRE(codec.read(shown.body, board).has_value());
  const auto& row = board.rows(0);
  REQUIRE(row.unit() == unit);
  return {page.total(), page.tickets_size(), row.waiting(), row.handling(), row.open()};
}

TEST_CASE("a sensitive ticket counts for those who may read it") {
  gateway_fixture f;
  f.dispatch_ticket();
  const std::string no = made(f, create_body(R"(,"sensitivity":"SENSITIVITY_SENSITIVE")"));
  const sender colleague{"ROLE_OFFICER", "370883", "zhao"};
  // The queue tells everybody exactly what they see; the board counts it for supervision alone.
  const figures all{2, 2, 2, 0, 2};
  const figures own{2, 2, 1, 0, 1};
  const figures others{1, 1, 1, 0, 1};
  CHECK(told(f, supervisor_of_jining, "370883") == all);
  CHECK(told(f, lead_of_zoucheng, "370883") == own);
  CHECK(told(f, colleague, "370883") == own);  // nobody has signed yet
  CHECK(told(f, officer_of_jining, "370883") == others);
  CHECK(told(f, operator_of_night, "370883") == others);
  REQUIRE(f.post(officer_of_zoucheng, "/v1/tickets/" + no + ":sign").status == 200);
  CHECK(told(f, supervisor_of_jining, "370883") == figures{2, 2, 1, 1, 2});
  CHECK(told(f, lead_of_zoucheng, "370883") == own);
  CHECK(told(f, officer_of_zoucheng, "370883") == own);
  CHECK(told(f, colleague, "370883") == others);
}

/// Taken by the city's desk and sent to 370811: about 370883.
void complain(gateway_fixture& f, std::string_view intake) {
  const auto created = f.post({"ROLE_OPERATOR", "370800", "yu"}, "/v1/tickets",
                              create_body(intake, "", R"(,"complained_unit":"370883")"));
  REQUIRE_MESSAGE(created.status == 201, created.body);
  const auto sent =
      f.post({"ROLE_DISPATCHER", "370800", "pei"},
             "/v1/tickets/" + text_at(created, "ticket_no") + ":dispatch", R"({"unit":"370811"})");
  REQUIRE_MESSAGE(sent.status == 200, sent.body);
}

TEST_CASE("those complained about are not told that somebody complained, under any post") {
  gateway_fixture f;
  complain(f, "");
  complain(f, R"(,"sensitivity":"SENSITIVITY_SENSITIVE")");
  const sender supervisor{"ROLE_SUPERVISOR", "370000", "wu"};
  const sender moved{"ROLE_SUPERVISOR", "370000", "wu", "370883"};
  const figures both{2, 2, 2, 0, 2};
  CHECK(told(f, supervisor, "370811") == both);
  CHECK(told(f, supervisor_of_jining, "370811") == both);
  CHECK(told(f, moved, "370811") == figures{0, 0, 0, 0, 0});
  CHECK(told(f, lead_of_rencheng, "370811") == figures{2, 2, 1, 0, 1});
  CHECK(told(f, operator_of_night, "370811") == figures{1, 1, 1, 0, 1});
}

}  // namespace
}  // namespace hotline::gateway
