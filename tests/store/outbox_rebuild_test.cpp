// An outbox that lost events before everybody saw them: it is noticed, whichever way they went, and
// they come back from the histories, once.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <set>

#include "common/store/event_log.hpp"
#include "common/store/outbox_rebuild.hpp"
#include "common/store/stream_keeper.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

constexpr milliseconds no_wait{0};
const std::string events = "{3708}:events";

struct outbox_fixture : store_fixture {
  explicit outbox_fixture(bool durable = false)
      : store_fixture({"stream-node-max-entries 5"}, durable) {
    ensure("dispatch");
    ensure("escalation");
    gaps();  // as the housekeeping looks, from the start on
  }
  void ensure(const std::string& group) {
    REQUIRE(run(store::ensure_group(*redis.client, "3708", group)));
  }
  /// Reads and acknowledges everything there is: ticket numbers and versions.
  std::vector<std::string> read_all(const std::string& group, std::size_t most = 1000) {
    store::event_log_options options;
    options.shard = "3708";
    options.group = group;
    options.consumer = "a";
    store::event_log log(redis.context.get_executor(), redis.server.endpoint(), *redis.client,
                         options, quiet_log());
    std::vector<std::string> seen;
    while (seen.size() < most) {
      const auto batch = run(log.read(most - seen.size(), no_wait));
      REQUIRE(batch);
      if (batch->events.empty() && batch->lost.empty()) break;
      std::vector<std::string> ids;
      for (const auto& one : batch->events) {
        seen.push_back(one.event.ticket_no() + ":" + std::to_string(one.event.version()));
        ids.push_back(one.id);
      }
      REQUIRE(run(log.ack(ids)));
    }
    return seen;
  }
  store::outbox_gaps gaps() {
    return run(store::find_outbox_gaps(*redis.client, guard.data_set(), "3708")).value();
  }
  store::rebuild_report rebuild(std::optional<instant> since = std::nullopt) {
    store::rebuild_options options;
    options.data_set = guard.data_set();
    options.shards = test_shards();
    options.since = since;
    options.batch = 7;
    return run(store::rebuild_outboxes(*redis.client, options)).value();
  }
  std::int64_t length() { return exec("XLEN", events).integer(); }
  /// The audit chain has come to the end: these cases are about the groups.
  outbox_fixture& sealed() {
    const auto info = exec("XINFO", "STREAM", events);
    std::string id;
    std::string added;
    for (std::size_t i = 0; i + 1 < info.size(); i += 2) {
      if (info.at(i).string() == "last-generated-id") id = info.at(i + 1).string();
      if (info.at(i).string() == "entries-added") {
        added = std::to_string(info.at(i + 1).integer());
      }
    }
    exec("HSET", "{3708}:seal:head", "id", id, "e", added);
    return *this;
  }
  /// Redis is killed, and reads its file.
  void restart() {
    const auto restarts = redis.server.restarts();
    REQUIRE(::kill(redis.server.pid(), SIGKILL) == 0);
    run_until(redis.context, [&] { return redis.server.restarts() > restarts; });
    redis.wait_connected(*redis.client);
  }
  /// As the housekeeping trims.
  void trim() {
    sealed();
    REQUIRE(run(store::trim_stream(*redis.client, "3708", {"dispatch", "escalation"},
                                   store::seal_floor::absent)));
  }
};

std::vector<std::string> firsts_of(const std::vector<std::string>& numbers, std::size_t from) {
  std::vector<std::string> names;
  for (std::size_t i = from; i < numbers.size(); ++i) names.push_back(numbers[i] + ":1");
  return names;
}

bool holds_all(const std::vector<std::string>& seen, const std::vector<std::string>& wanted) {
  const std::set<std::string> all(seen.begin(), seen.end());
  return std::ranges::all_of(wanted, [&](const auto& one) { return all.contains(one); });
}

TEST_CASE("an outbox in order has no gaps, however far its readers are") {
  outbox_fixture f;
  CHECK_FALSE(f.gaps().any());
  f.fill("3708", 300, "370883");
  CHECK_FALSE(f.gaps().any());
  f.read_all("dispatch");
  CHECK_FALSE(f.gaps().any());
  f.read_all("escalation", 150);
  f.trim();
  CHECK(f.length() < 300);
  CHECK_FALSE(f.gaps().any());
  f.ensure("transfer");  // comes later, and knows nothing of what was before
  CHECK_FALSE(f.gaps().any());
  f.read_all("transfer", 10);
  CHECK_FALSE(f.gaps().any());
  const auto before = f.length();
  CHECK(f.rebuild().restored == 0);
  CHECK(f.length() == before);
}

TEST_CASE("trimmed before it was read: noticed by group, brought back, and settled") {
  outbox_fixture f;
  const auto numbers = f.fill("3708", 40, "370883");
  f.read_all("dispatch", 30);
  SUBCASE("before anybody reads on") { f.sealed().exec("XTRIM", events, "MAXLEN", 3); }
  SUBCASE("emptied") { f.sealed().exec("XTRIM", events, "MAXLEN", 0); }
  SUBCASE("and the readers went on, and others write") {
    f.sealed().exec("XTRIM", events, "MAXLEN", 3);
    f.read_all("dispatch");
    f.read_all("escalation");
    ticket_shape next;
    next.no = "3708-20261123-00099";
    f.commit(nullptr, new_ticket(next));
  }
  const auto found = f.gaps();
  CHECK(found.lost.at("dispatch") == 10 - std::min<std::int64_t>(f.length(), 3));
  CHECK(found.lost.at("escalation") == 40 - std::min<std::int64_t>(f.length(), 3));
  const auto report = f.rebuild();
  CHECK(report.restored >= found.lost.at("escalation"));
  CHECK(report.gaps.at("3708").lost == found.lost);
  CHECK_FALSE(f.gaps().any());
  auto lost_of_dispatch = firsts_of(numbers, 30);
  auto lost_of_escalation = firsts_of(numbers, 0);
  if (found.lost.at("dispatch") == 7) {
    lost_of_dispatch.resize(7);
    lost_of_escalation.resize(37);
  }
  CHECK(holds_all(f.read_all("dispatch"), lost_of_dispatch));
  CHECK(holds_all(f.read_all("escalation"), lost_of_escalation));
  CHECK_FALSE(f.gaps().any());
  CHECK(f.rebuild().restored == 0);
}

TEST_CASE("a loss larger than what is counted one by one shows once the reader has caught up") {
  outbox_fixture f;
  f.fill("3708", 700, "370883");
  f.sealed().exec("XTRIM", events, "MAXLEN", 0);
  for (int i = 701; i <= 1500; ++i) {
    ticket_shape next;
    next.no = "3708-20261123-0" + std::to_string(10'000 + i);
    f.commit(nullptr, new_ticket(next));
  }
  CHECK(f.gaps().lost.at("dispatch") == 700);  // nothing was read yet: the rest is all there is
  f.read_all("dispatch", 1);
  CHECK(f.gaps().lost.at("dispatch") == 699);  // at least
  f.read_all("dispatch", 700);
  CHECK(f.gaps().lost.at("dispatch") == 700);
  CHECK(f.rebuild().restored == 700);
  CHECK_FALSE(f.gaps().any());
}

TEST_CASE("only what may not have been handled comes back") {
  outbox_fixture f;
  const auto old = f.fill("3708", 20, "370883");
  f.read_all("dispatch");
  f.read_all("escalation");
  // Two hours later.
  const auto ticket = f.run(f.tickets->load(old[0]))->value();
  auto later = annotated(ticket);
  for (auto& event : later.events) event.set_at(to_unix_ms(monday + std::chrono::hours(2)));
  f.commit(&ticket, later);
  f.trim();
  CHECK(f.exec("HGET", "{3708}:head", "behind").string() == std::to_string(to_unix_ms(monday)));
  f.read_all("escalation");
  f.read_all("dispatch");
  f.trim();
  auto last = annotated(later.ticket);
  for (auto& event : last.events) event.set_at(to_unix_ms(monday + std::chrono::hours(2)));
  f.commit(&later.ticket, last);
  f.sealed().exec("XTRIM", events, "MAXLEN", 0);
  CHECK(f.gaps().lost.at("dispatch") == 1);
  const auto report = f.rebuild();
  CHECK(report.restored == 2);
  CHECK(f.read_all("dispatch") == std::vector<std::string>{old[0] + ":2", old[0] + ":3"});
}

TEST_CASE("deleted from the middle, handed out or not: noticed and brought back") {
  outbox_fixture f;
  const auto numbers = f.fill("3708", 6, "370883");
  const auto id = std::string(f.exec("XRANGE", events, "-", "+").at(3).at(0).string());
  SUBCASE("not handed out yet") { f.sealed().exec("XDEL", events, id); }
  SUBCASE("handed out and pending, then met by its reader") {
    f.exec("XREADGROUP", "GROUP", "dispatch", "a", "STREAMS", events, ">");
    f.sealed().exec("XTRIM", events, "MINID", id);
    f.sealed().exec("XDEL", events, id);
    f.read_all("dispatch");
    CHECK(f.gaps().missing == 4);
  }
  CHECK(f.gaps().any());
  CHECK(f.rebuild().restored > 0);
  CHECK_FALSE(f.gaps().any());
  CHECK(holds_all(f.read_all("dispatch"), {numbers[3] + ":1"}));
}

TEST_CASE("an outbox that was deleted as a whole comes back, for new groups") {
  outbox_fixture f;
  const auto numbers = f.fill("3708", 25, "370883");
  f.sealed().exec("DEL", events);
  CHECK(f.gaps().short_by == 25);
  f.ensure("dispatch");
  CHECK(f.gaps().any());
  CHECK(f.rebuild().restored == 25);
  CHECK_FALSE(f.gaps().any());
  f.ensure("escalation");
  CHECK(holds_all(f.read_all("dispatch"), firsts_of(numbers, 0)));
  CHECK(holds_all(f.read_all("escalation"), firsts_of(numbers, 0)));
  CHECK_FALSE(f.gaps().any());
}

TEST_CASE("the events of a ticket come back in order, and not into another data set") {
  outbox_fixture f;
  const auto no = f.fill("3708", 1, "370883").front();
  auto ticket = f.run(f.tickets->load(no))->value();
  for (int i = 0; i < 250; ++i) {
    const auto next = annotated(ticket);
    f.commit(&ticket, next);
    ticket = next.ticket;
  }
  f.sealed().exec("XTRIM", events, "MAXLEN", 0);
  store::rebuild_options other;
  other.data_set = std::string(32, 'a');
  other.shards = {"3708"};
  const auto refused = f.run(store::rebuild_outboxes(*f.redis.client, other));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::wrong_data_set);
  CHECK(f.length() == 0);
  CHECK(f.rebuild().restored == 251);
  const auto seen = f.read_all("dispatch");
  REQUIRE(seen.size() == 251);
  for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == no + ":" + std::to_string(i + 1));
}

TEST_CASE("a chain that has not begun misses what is gone before it was sealed") {
  outbox_fixture f;
  f.fill("3708", 10, "370883");
  f.read_all("dispatch");
  f.read_all("escalation");
  f.exec("XTRIM", events, "MAXLEN", 0);
  CHECK(f.gaps().lost.at("audit") == 10);
  CHECK(f.rebuild().restored == 10);
  CHECK_FALSE(f.gaps().any());
  CHECK(f.rebuild().restored == 0);
}

TEST_CASE("Redis that starts again and reads its file has lost nothing") {
  outbox_fixture f(true);
  f.fill("3708", 10, "370883");
  f.read_all("dispatch");
  f.read_all("escalation", 4);
  f.sealed();
  f.restart();
  CHECK_FALSE(f.gaps().any());
  CHECK(f.rebuild().restored == 0);
  // From here on a loss is seen again.
  for (const char* no : {"3708-20261123-00011", "3708-20261123-00012", "3708-20261123-00013"}) {
    ticket_shape shape;
    shape.no = no;
    shape.unit = "370883";
    f.commit(nullptr, new_ticket(shape));
  }
  f.sealed().exec("XTRIM", events, "MAXLEN", 0);
  const auto gaps = f.gaps();
  CHECK(gaps.lost.at("dispatch") == 3);
  CHECK(gaps.lost.at("escalation") == 9);
}

TEST_CASE("what was removed before Redis started again, and nobody had noticed, is missed") {
  outbox_fixture f(true);
  f.fill("3708", 10, "370883");
  f.read_all("dispatch");
  f.read_all("escalation", 4);
  f.sealed().exec("XTRIM", events, "MAXLEN", 0);
  f.restart();
  CHECK(f.gaps().lost.at("escalation") >= 6);
  CHECK_FALSE(f.gaps().lost.contains("dispatch"));
  CHECK(f.rebuild().restored == 10);
  CHECK_FALSE(f.gaps().any());
}

TEST_CASE("an operator may ask for events no gap speaks of") {
  outbox_fixture f;
  f.fill("3708", 10, "370883");
  f.read_all("dispatch");
  f.read_all("escalation");
  f.sealed().exec("XTRIM", events, "MAXLEN", 0);
  CHECK_FALSE(f.gaps().any());
  CHECK(f.rebuild().restored == 0);
  CHECK(f.rebuild(monday + std::chrono::days(1)).restored == 0);
  CHECK(f.rebuild(monday).restored == 10);
}

}  // namespace
}  // namespace hotline::test
