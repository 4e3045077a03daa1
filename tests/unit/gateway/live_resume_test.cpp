// Coming back after a lost connection: without a gap, without a repetition, or told to load again.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <map>
#include <random>
#include <set>

#include "common/store/keys.hpp"
#include "tests/unit/gateway/live_client.hpp"

namespace hotline::gateway {
namespace {

const std::vector<std::string> wanted{"unit:370883"};

v1::ResyncReason resync_of(live_client& client) {
  return client.wait([](const v1::LiveMessage& m) { return m.has_resync(); }).resync().reason();
}

TEST_CASE("what was missed comes, once, before what is new") {
  gateway_fixture f;
  const std::string no = f.dispatch_ticket();
  std::string place;
  {
    live_client first(f, officer_of_zoucheng);
    first.watch(wanted);
    place = first.position();
    REQUIRE_FALSE(place.empty());
  }
  REQUIRE(f.post(officer_of_zoucheng, "/v1/tickets/" + no + ":sign").status == 200);
  const std::string other = f.dispatch_ticket();
  live_client again(f, officer_of_zoucheng);
  again.resume(wanted, place);
  CHECK(again.told().back().subscribed().resumed());
  const auto& message = again.wait([](const v1::LiveMessage& m) { return m.changes_size() > 0; });
  REQUIRE(message.changes_size() == 2);
  CHECK(message.changes(0).ticket().no() == no);
  CHECK(message.changes(0).events(0) == v1::EVENT_KIND_SIGNED);
  CHECK(message.changes(1).ticket().no() == other);
  CHECK(message.position() != place);
  // From the new place nothing is missed.
  live_client third(f, officer_of_zoucheng);
  third.resume(wanted, message.position());
  const auto& nothing = third.wait(
      [](const v1::LiveMessage& m) { return !m.position().empty() && !m.has_subscribed(); });
  CHECK(nothing.changes_size() == 0);
}

TEST_CASE("what was missed is filtered like everything else") {
  gateway_fixture f;
  live_client anybody(f, officer_of_zoucheng);
  anybody.watch(wanted);
  const auto place = anybody.position();
  f.dispatch_ticket();
  live_client other(f, {"ROLE_OFFICER", "370200", "zhang"});
  other.resume({"unit:370200", "mine"}, place);
  const auto& nothing = other.wait(
      [](const v1::LiveMessage& m) { return !m.position().empty() && !m.has_subscribed(); });
  CHECK(nothing.changes_size() == 0);
  other.ask(resume_to(wanted, place));
  CHECK(other.wait([](const v1::LiveMessage& m) { return m.has_problem(); }).problem().code() ==
        "not_allowed");
}

TEST_CASE("rows of a board that changed meanwhile come too") {
  gateway_fixture f;
  live_client first(f, officer_of_zoucheng);
  first.watch({"board:370883"});
  const auto place = first.position();
  first.cut();
  f.dispatch_ticket();
  live_client again(f, officer_of_zoucheng);
  again.resume({"board:370883"}, place);
  const auto& message = again.wait([](const v1::LiveMessage& m) { return m.rows_size() > 0; });
  CHECK(message.rows(0).unit() == "370883");
  CHECK(message.rows(0).waiting() == 1);
}

TEST_CASE("a place that is too old, unknown or not reached yet") {
  auto options = quick_push();
  options.events_kept = 5;
  options.batch = 5;
  options.begin_with = 5;
  options.future_wait = milliseconds(100);
  gateway_fixture f(mode::live, options);
  live_client first(f, officer_of_zoucheng);
  first.watch(wanted);
  const auto place = first.position();
  for (int i = 0; i < 5; ++i) first.change_of(f.dispatch_ticket());
  const auto now = first.position();
  SUBCASE("too old") {
    live_client again(f, officer_of_zoucheng);
    again.resume(wanted, place);
    CHECK_FALSE(again.told().back().subscribed().resumed());
    CHECK(resync_of(again) == v1::RESYNC_REASON_POSITION);
    // It goes on from here.
    again.change_of(f.dispatch_ticket());
  }
  SUBCASE("of another data set: a shard is missing") {
    auto at = *live::open_position(*f.seal, now);
    at.erase(at.begin());
    live_client again(f, officer_of_zoucheng);
    again.resume(wanted, live::seal_position(*f.seal, at));
    CHECK(resync_of(again) == v1::RESYNC_REASON_POSITION);
  }
  SUBCASE("ahead of everything for good") {
    auto at = *live::open_position(*f.seal, now);
    at.begin()->second.ms += 1'000'000;
    live_client again(f, officer_of_zoucheng);
    again.resume(wanted, live::seal_position(*f.seal, at));
    CHECK(resync_of(again) == v1::RESYNC_REASON_POSITION);
  }
  SUBCASE("made up, changed, or of another data set") {
    const auto at = *live::open_position(*f.seal, now);
    auto forged = now;
    forged.back() = forged.back() == '0' ? '1' : '0';
    for (const auto& foreign : {forged, live::seal_position(cursor_seal("another"), at),
                                f.seal->seal({1, "3708-20261123-00001"})}) {
      live_client again(f, officer_of_zoucheng);
      again.resume(wanted, foreign);
      CHECK_FALSE(again.told().back().subscribed().resumed());
      CHECK(resync_of(again) == v1::RESYNC_REASON_POSITION);
      again.ask(R"({"ack":{"position":")" + foreign + R"("}})");
      CHECK(
          again.wait([](const v1::LiveMessage& m) { return m.has_problem(); }).problem().field() ==
          "ack.position");
    }
  }
  SUBCASE("another process reads on: it begins with what the streams still have") {
    f.renew_feed(options);
    live_client again(f, officer_of_zoucheng);
    again.resume(wanted, now);
    CHECK(again.told().back().subscribed().resumed());
    live_client late(f, officer_of_zoucheng);
    late.resume(wanted, place);
    CHECK(resync_of(late) == v1::RESYNC_REASON_POSITION);
  }
}

TEST_CASE("a place that another reader reached first is waited for") {
  auto slow = quick_push();
  slow.poll = milliseconds(300);
  gateway_fixture f(mode::live, slow);
  live_client client(f, officer_of_zoucheng);
  client.watch(wanted);
  const std::string no = f.dispatch_ticket();
  // Where a faster reader would be: at the end of the stream.
  const auto info = f.redis.exec("XREVRANGE", store::events_key("3708"), "+", "-", "COUNT", 1);
  REQUIRE(info.has_value());
  auto at = *live::open_position(*f.seal, client.position());
  at["3708"] = *store::parse_stream_id(info->at(0).at(0).string());
  live_client again(f, officer_of_zoucheng);
  again.resume(wanted, live::seal_position(*f.seal, at));
  CHECK(again.told().back().subscribed().resumed());
  const auto& first = again.wait(
      [](const v1::LiveMessage& m) { return !m.position().empty() && !m.has_subscribed(); });
  CHECK(first.changes_size() == 0);  // what led there is not told again
  REQUIRE(f.post(officer_of_zoucheng, "/v1/tickets/" + no + ":sign").status == 200);
  CHECK(again.change_of(no).events(0) == v1::EVENT_KIND_SIGNED);
}

TEST_CASE("who missed too much is told to load again") {
  auto options = quick_push();
  SUBCASE("events") { options.missed_events_max = 3; }
  SUBCASE("tickets") { options.missed_tickets_max = 1; }
  gateway_fixture f(mode::live, options);
  live_client first(f, officer_of_zoucheng);
  first.watch(wanted);
  const auto place = first.position();
  for (int i = 0; i < 2; ++i) first.change_of(f.dispatch_ticket());
  live_client again(f, officer_of_zoucheng);
  again.resume(wanted, place);
  CHECK(resync_of(again) == v1::RESYNC_REASON_TOO_MUCH);
  const auto& told = again.told().back();
  CHECK_FALSE(told.position().empty());
  again.change_of(f.dispatch_ticket());
}

TEST_CASE("events trimmed before the reader saw them: everybody is told to load again") {
  auto options = quick_push();
  options.poll = milliseconds(100);
  options.batch = 2;
  gateway_fixture f(mode::live, options);
  live_client client(f, officer_of_zoucheng);
  client.watch(wanted);
  // Sooner or later the trimming falls between two reads.
  const auto limit = steady_now() + std::chrono::seconds(10);
  while (f.live_counts.gaps == 0 && steady_now() < limit) {
    for (int k = 0; k < 6; ++k) f.create_ticket();
    REQUIRE(f.redis.exec("XTRIM", store::events_key("3708"), "MAXLEN", 2).has_value());
  }
  CHECK(f.live_counts.gaps > 0);
  CHECK(resync_of(client) == v1::RESYNC_REASON_LOST);
  // It goes on; the last trimming may have made one more gap, which is told likewise.
  bool told = false;
  for (int i = 0; i < 3 && !told; ++i) {
    const std::string no = f.dispatch_ticket();
    client.wait([&](const v1::LiveMessage& m) {
      for (const auto& change : m.changes()) told = told || change.ticket().no() == no;
      return told || m.has_resync();
    });
  }
  CHECK(told);
}

/// A page that loses its line again and again and keeps what it was told.
struct unlucky_page {
  std::map<std::string, std::int64_t> version;
  std::map<std::string, std::set<int>> kinds;
  std::string place;
  std::unique_ptr<live_client> line;
  std::size_t read = 0;

  void take() {
    for (; line && read < line->told().size(); ++read) {
      const auto& message = line->told()[read];
      REQUIRE_FALSE(message.has_resync());
      REQUIRE_FALSE(message.has_problem());
      for (const auto& change : message.changes()) {
        auto& known = version[change.ticket().no()];
        // A repetition would bring a version that is known.
        CHECK(change.ticket().version() > known);
        known = change.ticket().version();
        for (const auto kind : change.events()) kinds[change.ticket().no()].insert(kind);
      }
      if (!message.position().empty()) place = message.position();
    }
  }
};

TEST_CASE("random disconnects: no gap and no repetition") {
  gateway_fixture f;
  const unsigned seed = 20261123;
  INFO("seed " << seed);
  std::mt19937 random(seed);
  unlucky_page page;
  page.line = std::make_unique<live_client>(f, officer_of_zoucheng);
  page.line->watch(wanted);
  page.take();
  std::vector<std::string> tickets;
  int cuts = 0;
  for (int step = 0; step < 250; ++step) {
    const auto what = random() % 10;
    if (what < 2 || tickets.empty()) {
      tickets.push_back(f.dispatch_ticket());
    } else if (what < 7) {
      const auto& no = tickets[random() % tickets.size()];
      const bool waits = random() % 2 == 0;
      const auto path = "/v1/tickets/" + no + (waits ? ":sign" : ":annotate");
      f.post(officer_of_zoucheng, path, waits ? "" : R"({"text":"备注"})");
    } else if (what < 9 && page.line) {
      page.take();
      page.line.reset();
      page.read = 0;
      ++cuts;
    } else if (!page.line) {
      page.line = std::make_unique<live_client>(f, officer_of_zoucheng);
      page.line->ask(resume_to(wanted, page.place));
    }
    if (page.line) page.take();
  }
  if (!page.line) {
    page.line = std::make_unique<live_client>(f, officer_of_zoucheng);
    page.line->ask(resume_to(wanted, page.place));
  }
  CHECK(cuts > 20);
  std::map<std::string, std::int64_t> truth;
  for (const auto& no : tickets) {
    const auto ticket = f.redis.run(f.tickets().load(no));
    REQUIRE(ticket.has_value());
    truth[no] = (*ticket)->version();
  }
  test::run_until(f.redis.context, [&] {
    page.take();
    return page.version == truth;
  });
  // Not only the last state: everything that happened was told.
  for (const auto& no : tickets) {
    const auto events = f.redis.run(f.tickets().history(no, 1, 1'000));
    REQUIRE(events.has_value());
    std::set<int> happened;
    // A ticket concerns the county from its dispatch on; what came before may have been told with
    // it.
    for (const auto& event : *events) {
      if (event.kind() != v1::EVENT_KIND_ACCEPTED) happened.insert(event.kind());
    }
    for (const auto kind : happened) CHECK(page.kinds[no].contains(kind));
  }
}

}  // namespace
}  // namespace hotline::gateway
