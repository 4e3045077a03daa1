// The parts of live push that need no server: topics, places, the ring, whom an event concerns, and
// what becomes of a slow client.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <random>

#include "common/domain/civil.hpp"
#include "common/domain/derive.hpp"
#include "services/gateway/live/event_ring.hpp"
#include "services/gateway/live/position.hpp"
#include "services/gateway/live/round.hpp"
#include "services/gateway/live/session.hpp"
#include "services/gateway/live/topic.hpp"
#include "tests/model/random_life.hpp"
#include "tests/model/small_province.hpp"

using namespace hotline;
using namespace hotline::gateway::live;

namespace {

/// A socket that takes what fits and sends nothing.
class fake_socket : public net::ws_session {
 public:
  void listen(net::ws_callbacks) override {}
  net::ws_sent send(std::shared_ptr<const std::string> message) override {
    if (closed) return net::ws_sent::closed;
    if (full) return net::ws_sent::full;
    sent.push_back(*message);
    return net::ws_sent::queued;
  }
  void drop_queued() override { ++dropped; }
  void close(net::ws_close, std::string_view) override { closed = true; }
  std::size_t queued_bytes() const override { return 0; }

  std::vector<std::string> sent;
  int dropped = 0;
  bool full = false;
  bool closed = false;
};

text some(std::string bytes) { return std::make_shared<const std::string>(std::move(bytes)); }

seen_event event_at(std::uint64_t ms, std::uint64_t sequence = 0) {
  return {{ms, sequence},
          fmt::format("3708-20261123-{:05}", ms),
          v1::EVENT_KIND_ANNOTATED,
          std::make_shared<const touch>()};
}

bool holds(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

}  // namespace

TEST_CASE("topics are read strictly") {
  CHECK(parse_topic("mine")->kind == topic_kind::mine);
  CHECK(parse_topic("board:370800")->name == "370800");
  CHECK(parse_topic("unit:370883-s01")->kind == topic_kind::unit);
  CHECK(parse_topic("queue:370883")->kind == topic_kind::queue);
  CHECK(parse_topic("ticket:3708-20261123-00001")->name == "3708-20261123-00001");
  for (const char* bad : {"", "mine ", "mine:li", "board:", "board", "boards:370800", "unit:37 08",
                          "queue:\"", "ticket:370800", "ticket:", "Mine", "everything:370000"}) {
    CHECK_MESSAGE(!parse_topic(bad), bad);
  }
}

TEST_CASE("a position reads back as itself, and nothing else is a position") {
  std::mt19937_64 random(5);
  for (int round = 0; round < 200; ++round) {
    position at;
    for (std::uint64_t i = random() % 20; i > 0; --i) {
      at[std::to_string(1'000 + random() % 9'000)] = {random() % 2'000'000'000'000, random() % 300};
    }
    const std::string written = pack_position(at);
    CHECK(unpack_position(written) == at);
    if (written.size() < 8) continue;
    CHECK_FALSE(unpack_position(written.substr(0, written.size() - 5)));
    CHECK_FALSE(unpack_position("AA" + written));
  }
  CHECK(unpack_position(pack_position({{"0042", {1, 2}}}))->contains("0042"));
  for (const char* bad : {"", "x", "????", "\1\1", "\2", "null"}) {
    CHECK_MESSAGE(!unpack_position(bad), bad);
  }
  // Sealed by the gateways of one data set, and as a position.
  const position at{{"0042", {1, 2}}};
  const gateway::cursor_seal ours("data set");
  const auto text = seal_position(ours, at);
  CHECK(open_position(gateway::cursor_seal("data set"), text) == at);
  CHECK_FALSE(open_position(gateway::cursor_seal("another"), text));
  CHECK_FALSE(open_position(ours, ours.seal({1, "3708-20261123-00001"})));
  CHECK_FALSE(open_position(ours, ours.seal_bytes("nonsense", "position")));
  CHECK_FALSE(ours.open(text));
}

TEST_CASE("the ring knows what it kept, what it lost and what it has not seen") {
  event_ring ring(3);
  ring.begin("3700", {});
  ring.begin("3708", {100, 0});
  CHECK(ring.look({{"3700", {}}, {"3708", {100, 0}}}) == reach::kept);
  CHECK(ring.look({{"3700", {}}, {"3708", {99, 9}}}) == reach::lost);
  CHECK(ring.look({{"3700", {}}}) == reach::lost);
  CHECK(ring.look({{"3700", {}}, {"3708", {100, 1}}}) == reach::future);
  for (std::uint64_t i = 1; i <= 4; ++i) ring.add("3708", event_at(100 + i));
  ring.add("3700", event_at(50));
  CHECK(ring.end() == position{{"3700", {50, 0}}, {"3708", {104, 0}}});
  CHECK(ring.look({{"3700", {}}, {"3708", {100, 0}}}) == reach::lost);
  CHECK(ring.look({{"3700", {}}, {"3708", {101, 0}}}) == reach::kept);
  bool more = true;
  const auto missed = ring.behind({{"3700", {}}, {"3708", {102, 0}}}, 10, more);
  CHECK_FALSE(more);
  REQUIRE(missed.size() == 3);
  CHECK(missed[0].id == store::stream_id{50, 0});
  CHECK(missed[2].id == store::stream_id{104, 0});
  CHECK(ring.behind(ring.end(), 10, more).empty());
  CHECK(ring.behind({{"3700", {}}, {"3708", {102, 0}}}, 2, more).size() == 2);
  CHECK(more);
}

TEST_CASE("whatever happens to a ticket, the queue it left and the one it came to are told") {
  const auto& org = model::small_province().org;
  const auto start = *domain::parse_civil_minute("2026-11-23 09:00");
  int moves = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    model::random_life life(seed, "3708-20261123-00001", start);
    for (int step = 0; step < 40; ++step) {
      if (!life.advance(std::chrono::hours(20))) break;
      touch changed;
      for (const auto& event : life.events()) changed.merge(touch_of(event));
      const auto told = concerned_by(changed, life.ticket(), org);
      const auto was = domain::accountable_unit(life.before());
      const auto is = domain::accountable_unit(life.ticket());
      const auto& last = life.events().back();
      INFO("seed " << seed << " step " << step << " " << v1::EventKind_Name(last.kind()));
      if (was != is && !was.empty()) {
        ++moves;
        REQUIRE_MESSAGE(holds(told.queues, was), was);
      }
      if (!is.empty()) REQUIRE(holds(told.queues, is));
      // Every derived entry that changed belongs to a unit whose board row is counted anew.
      const auto rows = rows_of({life.ticket().no(), {}, changed}, life.ticket(), org);
      const auto before = life.before().no().empty() ? std::vector<domain::index_entry>()
                                                     : domain::derive(life.before());
      const auto after = domain::derive(life.ticket());
      for (const auto& [from, to] : {std::pair{&before, &after}, std::pair{&after, &before}}) {
        for (const auto& entry : *from) {
          const auto colon = entry.key.find(':');
          if (colon == std::string::npos || entry.key.starts_with("caller")) continue;
          if (std::ranges::find(*to, entry) != to->end()) continue;
          REQUIRE_MESSAGE(holds(rows, entry.key.substr(colon + 1)), entry.key);
        }
      }
      // And whoever held a part until now is told that it is over.
      for (const auto& a : life.before().assignments()) {
        const auto& now = life.ticket().assignments();
        const bool still = std::ranges::any_of(now, [&](const v1::Assignment& b) {
          return b.id() == a.id() && domain::is_open(b) == domain::is_open(a);
        });
        if (!a.officer().empty() && !still) REQUIRE(holds(told.users, a.officer()));
      }
    }
  }
  CHECK(moves > 150);
}

TEST_CASE(
    "a client that falls behind loses what is queued and hears nothing until it has caught up") {
  const auto socket = std::make_shared<fake_socket>();
  v1::Actor who;
  who.set_user("li");
  session one(socket, {.actor = who, .still_valid = {}, .place = {}}, {});
  CHECK(one.send(some("1"), {}));
  socket->full = true;
  CHECK_FALSE(one.send(some("2"), {}));
  CHECK(one.overflowed());
  CHECK(socket->dropped == 1);
  socket->full = false;
  CHECK_FALSE(one.send(some("3"), {}));
  one.drained();
  CHECK(one.send(some("4"), {}));
  CHECK(socket->sent == std::vector<std::string>{"1", "4"});
  one.end(some("bye"), net::ws_close::policy, true);
  CHECK(socket->dropped == 2);
  CHECK(socket->closed);
  CHECK_FALSE(one.send(some("5"), {}));
  CHECK(socket->sent.back() == "bye");
}

TEST_CASE("a long frame is cut, and only its last message has a position") {
  const auto codec = make_live_codec();
  frame out("2026-11-23T09:00:00.000+08:00");
  v1::TicketSummary ticket;
  ticket.set_no("3708-20261123-00001");
  ticket.set_title(std::string(900, 'x'));
  const std::vector<v1::EventKind> kinds{v1::EVENT_KIND_SIGNED};
  const std::vector<std::string> topics{"mine", "unit:370883"};
  const auto change = write_change(codec, ticket, kinds);
  for (int i = 0; i < 200; ++i) out.add_change(change, topics);
  out.add_row(R"({"unit":"370883"})");
  const auto texts = std::move(out).finish("p");
  REQUIRE(texts.size() > 2);
  int changes = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    CHECK(texts[i]->size() < 64 * 1024);
    v1::LiveMessage message;
    REQUIRE(codec.read(*texts[i], message).has_value());
    changes += message.changes_size();
    CHECK(message.position().empty() == (i + 1 < texts.size()));
    CHECK(message.rows_size() == (i + 1 < texts.size() ? 0 : 1));
    CHECK(message.changes(0).topics_size() == 2);
    CHECK(message.changes(0).events(0) == v1::EVENT_KIND_SIGNED);
  }
  CHECK(changes == 200);
}

TEST_CASE("rows are cut like changes, and each part says when they were counted") {
  const auto codec = make_live_codec();
  frame out("2026-11-23T09:00:00.000+08:00");
  const std::vector<std::string> topics{"queue:370883"};
  out.add_gone("3708-20261123-00001", topics);
  const std::string row = R"({"unit":"370883","unit_name":")" + std::string(2'000, 'x') + R"("})";
  for (int i = 0; i < 200; ++i) out.add_row(row);
  const auto texts = std::move(out).finish("p");
  REQUIRE(texts.size() > 2);
  int rows = 0;
  int gone = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    CHECK(texts[i]->size() < 64 * 1024);
    v1::LiveMessage message;
    REQUIRE(codec.read(*texts[i], message).has_value());
    rows += message.rows_size();
    gone += message.gone_size();
    CHECK(message.at() > 0);
    CHECK(message.position().empty() == (i + 1 < texts.size()));
  }
  CHECK(rows == 200);
  CHECK(gone == 1);
}
