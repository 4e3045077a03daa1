// Telling partners over a real Redis: in order, and what every answer leads to.
#include "services/transfer/sender.hpp"

#include <doctest/doctest.h>

#include "tests/unit/transfer/sender_kit.hpp"

namespace hotline::test {

TEST_CASE("a message is signed, named, written as agreed, and told once") {
  transfer_fixture f({changed([](v1::Outbound& out) {
    auto& signature = *out.mutable_signature();
    signature.set_scheme(v1::SIGNATURE_SCHEME_HMAC_SHA256);
    auto& key = *signature.add_keys();
    key.set_id("k1");
    key.set_secret_file("small.key");
  })});
  const auto id = f.put(f.link(), 1);
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().sent == 1; });
  REQUIRE(f.partner().asked.size() == 1);
  const auto& told = f.partner().asked[0];
  CHECK(told.verb == net::method::post);
  CHECK(told.target == "/told");
  CHECK(*told.header("Message-Id") == to_string(id));
  CHECK(*told.header("Content-Type") == "application/json");
  const auto& rules = f.link().partner.config().outbound().signature();
  const exchange::signed_request as_sent{.method = "POST",
                                         .target = told.target,
                                         .body = told.body,
                                         .headers = told.headers,
                                         .peer_address = "127.0.0.1"};
  CHECK(exchange::verify(rules, [](std::string_view) { return "secret"; }, as_sent, f.clock.now()));
  CHECK(said(told, "event") == "progress");
  CHECK(said(told, "serial") == to_string(id));
  w.stop();
  CHECK(idle(f));
}

TEST_CASE("of one ticket in order, of many at the same time") {
  transfer_fixture f;
  constexpr int tickets_count = 40, versions = 5;
  for (int version = 1; version <= versions; ++version)
    for (int serial = 1; serial <= tickets_count; ++serial) f.put(f.link(), serial, version);
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().sent == tickets_count * versions; });
  w.stop();
  std::map<std::string, std::int64_t> last;
  for (const auto& text : ids_of(f.partner())) {
    const auto id = store::parse_message_id(text);
    REQUIRE(id);
    CHECK(id->version == ++last[id->ticket_no]);
  }
  CHECK(last.size() == tickets_count);
  CHECK(f.partner().connections() > 1);
  CHECK(f.partner().connections() <= 8);
}

TEST_CASE("what the partner refuses for good is for a person at once") {
  transfer_fixture f;
  f.partner().answer = in_turn({no});
  const auto id = f.put(f.link(), 1);
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().given_up == 1; });
  w.stop();
  CHECK(f.partner().asked.size() == 1);
  CHECK(f.counted().refused == 1);
  CHECK((**f.run(f.link().queue.find_dead_letter(id))).failure.text() == "要素不全");
}

TEST_CASE("what cannot be written is for a person without the partner being asked") {
  transfer_fixture f({changed([](v1::Outbound& out) {
    for (auto& field : *out.mutable_fields())
      if (field.theirs() == "no") field.set_required(true);
  })});
  const auto id = f.put(f.link(), 1);  // without a number of theirs
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().given_up == 1; });
  w.stop();
  CHECK(f.partner().asked.empty());
  const auto letter = f.run(f.link().queue.find_dead_letter(id));
  CHECK((**letter).failure.text().find("no：") != std::string::npos);
}

TEST_CASE("a ticket handed over gets the partner's number, and its secrets are opened on the way") {
  transfer_fixture f;
  const auto ticket_no = f.handed_over();
  const auto events = f.history(ticket_no);
  transfer::teller teller(f.links, *f.tickets, f.province(), f.clock);
  for (const auto& event : events) CHECK(f.run(teller.handle(event)) == runtime::handled::done);
  v1::OutMessage urge;
  urge.mutable_event()->set_kind(v1::PARTNER_EVENT_KIND_URGE);
  CHECK(*f.run(f.link().queue.put({ticket_no, 99}, urge, f.clock.now())));
  f.partner().answer = in_turn({answer_of(200, R"({"code":"0","no":"JN-9"})"), yes});
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().sent == 2; });
  w.stop();
  CHECK(said(f.partner().asked[0], "event") == "create");
  CHECK(said(f.partner().asked[0], "phone") == "13800001234");
  CHECK(said(f.partner().asked[1], "no") == "JN-9");
  CHECK(f.run(f.link().feed.waiting("JN-9"))->ticket_no == ticket_no);
}

TEST_CASE("a ticket the partner does not take comes back to the dispatcher, once") {
  transfer_fixture f;
  const auto ticket_no = f.handed_over();
  transfer::teller teller(f.links, *f.tickets, f.province(), f.clock);
  for (const auto& event : f.history(ticket_no)) f.run(teller.handle(event));
  f.partner().answer = in_turn({no});
  {
    working w(f, {"small"});
    run_until(f.redis.context, [&] { return f.counted().refused == 1 && idle(f); });
  }
  auto back = f.ticket(ticket_no);
  CHECK(back.state() == v1::STATE_ACCEPTED);
  CHECK(back.transfers(0).refused());
  CHECK(back.transfers(0).answer() == "要素不全（9）");
  CHECK(letters(f) == 0);

  // The answer was acted on, and its settling got lost.
  store::taken_message again;
  again.id = {ticket_no, 2};
  again.message.mutable_event()->set_kind(v1::PARTNER_EVENT_KIND_CREATE);
  again.message.mutable_event()->set_occurred_at(back.transfers(0).sent_at());
  v1::SendFailure other_words;
  other_words.set_text("还是不行");
  transfer::take_back returns(f.link().partner.config(), *f.tickets, *f.runner, f.access.province,
                              f.clock);
  CHECK(f.run(returns.run(again, other_words)));
  CHECK(f.ticket(ticket_no).version() == back.version());
}

TEST_CASE(
    "a crash between the telling and its settling: the partner is told again, under the same "
    "name") {
  transfer_fixture f;
  const auto id = f.put(f.link(), 1);
  // Another instance took it, told it, and died.
  REQUIRE(f.run(f.link().queue.take(f.clock.now(), seconds(50), 10))->size() == 1);
  working w(f, {"small"});
  f.clock.set(f.clock.now() + seconds(50), 0);
  run_until(f.redis.context, [&] { return f.counted().sent == 1; });
  CHECK(ids_of(f.partner()) == std::vector{to_string(id)});
}

}  // namespace hotline::test
