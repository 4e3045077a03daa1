// The board over HTTP: the whole subtree, the month's rate, and one count for many who ask.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>

#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {
namespace {

const sender supervisor{"ROLE_SUPERVISOR", "370000"};

v1::Board board_of(const net::response& answer) {
  v1::Board board;
  const json::codec codec(std::array{v1::Board::descriptor()});
  REQUIRE_MESSAGE(codec.read(answer.body, board).has_value(), answer.body);
  return board;
}

const v1::BoardRow& row_of(const v1::Board& board, std::string_view unit) {
  const auto found = std::ranges::find(board.rows(), unit, &v1::BoardRow::unit);
  REQUIRE(found != board.rows().end());
  return *found;
}

/// Calls of the function so far.
std::int64_t calls(gateway_fixture& f) {
  const auto info = f.redis.exec("INFO", "commandstats");
  const std::string text(info->string());
  const auto at = text.find("cmdstat_fcall_ro:calls=");
  return at == std::string::npos ? 0 : std::stoll(text.substr(at + 23));
}

TEST_CASE("the board shows every unit of the subtree, parents first") {
  gateway_fixture f;
  f.dispatch_ticket();
  const auto board = board_of(f.get(supervisor, "/v1/board?unit=370000"));
  CHECK(board.rows_size() == static_cast<int>(f.land->org.units().size()));
  CHECK(board.rows(0).unit() == "370000");
  CHECK(row_of(board, "370883").waiting() == 1);
  CHECK(row_of(board, "370883").unit_name() == "邹城市");
  CHECK_FALSE(row_of(board, "370883").has_on_time_rate());
  const auto city = board_of(f.get(supervisor, "/v1/board?unit=370800"));
  CHECK(city.rows_size() == static_cast<int>(f.land->org.subtree("370800").size()));
}

TEST_CASE("a returned ticket is counted where it waits") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  REQUIRE(f.post(officer_of_zoucheng, "/v1/tickets/" + no + ":sign").status == 200);
  const sender lead{"ROLE_LEAD", "370883", "lead"};
  const auto asked = f.post(lead, "/v1/tickets/" + no + ":return",
                            R"({"reason":"RETURN_REASON_NOT_OUR_DUTY","basis":"不属于本辖区"})");
  REQUIRE_MESSAGE(asked.status == 200, asked.body);
  auto board = board_of(f.get(supervisor, "/v1/board?unit=370000"));
  CHECK(row_of(board, "370000").returned() == 1);
  CHECK(row_of(board, "370883").returned() == 0);
  const auto upheld =
      f.post(dispatcher_of_province, "/v1/tickets/" + no + ":decide-return", R"({"uphold":true})");
  REQUIRE_MESSAGE(upheld.status == 200, upheld.body);
  board = board_of(f.get(supervisor, "/v1/board?unit=370000"));
  CHECK(row_of(board, "370000").returned() == 1);
  CHECK(row_of(board, "370883").open() == 0);
}

TEST_CASE("many who ask at once share a count, and none is told an older state") {
  gateway_fixture f;
  f.dispatch_ticket();
  const auto before = calls(f);
  constexpr int people = 12;
  std::vector<std::unique_ptr<net::http_client>> clients;
  std::vector<result<net::response>> answers;
  for (int i = 0; i < people; ++i) {
    clients.push_back(std::make_unique<net::http_client>(f.redis.context, "127.0.0.1", f.port()));
    boost::asio::co_spawn(
        f.redis.context,
        clients.back()->send(net::method::get, "/v1/board?unit=370000", headers_of(supervisor), "",
                             std::chrono::seconds(10)),
        [&](const std::exception_ptr&, result<net::response> answer) {
          answers.push_back(std::move(answer));
        });
  }
  test::run_until(f.redis.context, [&] { return answers.size() == people; });
  for (const auto& answer : answers) {
    REQUIRE(answer.has_value());
    CHECK(row_of(board_of(*answer), "370883").waiting() == 1);
  }
  const auto shards = static_cast<std::int64_t>(f.land->org.shards().size());
  CHECK(calls(f) - before < people * shards / 2);
  for (const auto& client : clients) client->close();
  // What is committed before a request is in its answer, whoever else asks.
  for (int waiting = 2; waiting < 6; ++waiting) {
    f.dispatch_ticket();
    const auto now = board_of(f.get(supervisor, "/v1/board?unit=370000"));
    CHECK(row_of(now, "370883").waiting() == waiting);
  }
}

TEST_CASE("while Redis is away the board is a problem, not a wrong number") {
  gateway_fixture f;
  f.redis.client->stop();
  const auto answer = f.get(supervisor, "/v1/board?unit=370000");
  CHECK(answer.status == 503);
}

}  // namespace
}  // namespace hotline::gateway
