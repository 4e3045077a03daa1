// Commands with the real rules: created, repeated, refused, raced for.
#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "common/domain/ticket_no.hpp"
#include "common/store/records.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using boost::asio::awaitable;

store::executed must(store::run_result done) {
  if (!done) {
    const auto& no = done.error();
    throw std::runtime_error(to_string(no.why) +
                             (no.rejection ? no.rejection->ShortDebugString() : ""));
  }
  return *std::move(done);
}

std::string dispatched_ticket(store_fixture& f, const std::string& unit = "370883") {
  const auto created = must(f.run(f.runner->run(create_command())));
  auto dispatch = command_of(created.answer.ticket_no(), v1::ROLE_DISPATCHER, "370000");
  dispatch.mutable_dispatch()->set_unit(unit);
  must(f.run(f.runner->run(dispatch)));
  return created.answer.ticket_no();
}

TEST_CASE("a create gets a number of the region's shard and an answer that tells the ticket") {
  store_fixture f;
  const auto created = must(f.run(f.runner->run(create_command())));
  CHECK(created.answer.ticket_no() == "3708-20261123-00001");
  CHECK(created.answer.version() == 1);
  CHECK(created.answer.state() == v1::STATE_ACCEPTED);
  CHECK(created.answer.unit() == "370000");
  CHECK(created.answer.due_at() > to_unix_ms(monday));
  REQUIRE(created.answer.events_size() == 1);
  CHECK(created.answer.events(0) == v1::EVENT_KIND_ACCEPTED);
  CHECK(created.commit_no == 1);
  REQUIRE(created.ticket);
  const auto stored = f.run(f.tickets->load(created.answer.ticket_no()));
  CHECK((*stored)->SerializeAsString() == created.ticket->SerializeAsString());

  auto nowhere = create_command();
  nowhere.mutable_create()->mutable_intake()->mutable_matter()->clear_region();
  CHECK(must(f.run(f.runner->run(nowhere))).answer.ticket_no().starts_with("3700-"));
}

TEST_CASE("a repeated create is the same ticket, to the letter") {
  store_fixture f;
  const auto first = must(f.run(f.runner->run(create_command("k1"), "body")));
  const auto again = must(f.run(f.runner->run(create_command("k1"), "body")));
  CHECK_FALSE(first.replayed);
  CHECK(again.replayed);
  CHECK(again.answer.SerializeAsString() == first.answer.SerializeAsString());
  const auto other = f.run(f.runner->run(create_command("k1"), "another body"));
  REQUIRE_FALSE(other);
  CHECK(other.error().why.code == errc::key_reused);
  CHECK(f.exec("ZCARD", "{3708}:all").integer() == 1);
}

TEST_CASE("a create takes the number that was reserved for it, once") {
  store_fixture f;
  const auto reserved = f.run(f.numbers->next("3708", monday));
  REQUIRE(reserved);
  auto create = create_command("k1");
  create.set_ticket_no(*reserved);
  const auto first = must(f.run(f.runner->run(create, "body")));
  CHECK(first.answer.ticket_no() == *reserved);
  CHECK(first.commit_no == 1);
  const auto again = must(f.run(f.runner->run(create, "body")));
  CHECK(again.replayed);
  CHECK(again.answer.SerializeAsString() == first.answer.SerializeAsString());

  // Another create never gets the number of this one, nor another number in its place.
  auto other = create_command("k2");
  other.set_ticket_no(*reserved);
  const auto refused = f.run(f.runner->run(other, "other body"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().why.code == errc::conflict);
  CHECK(f.exec("ZCARD", "{3708}:all").integer() == 1);
}

TEST_CASE("a reserved number of another shard, or that is none, is refused") {
  store_fixture f;
  for (const auto* no : {"3701-20261123-00001", "nonsense", "{3708}:head"}) {
    CAPTURE(no);
    auto create = create_command();
    create.set_ticket_no(no);
    const auto refused = f.run(f.runner->run(create));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().why.code == errc::invalid_argument);
  }
  CHECK(f.exec("EXISTS", "{3708}:all").integer() == 0);
}

TEST_CASE("a key is used up for every region and every ticket, in other processes too") {
  store_fixture f;
  must(f.run(f.runner->run(create_command("k1"), "body")));
  auto elsewhere = create_command("k1");
  elsewhere.mutable_create()->mutable_intake()->mutable_matter()->set_region("370102");
  const auto other = f.run(f.runner->run(elsewhere, "body of another region"));
  REQUIRE_FALSE(other);
  CHECK(other.error().why.code == errc::key_reused);
  CHECK(f.exec("EXISTS", "{3701}:all").integer() == 0);
  auto sign = command_of(dispatched_ticket(f), v1::ROLE_OFFICER, "370883");
  sign.set_id("k1");
  sign.mutable_sign();
  const auto reused = f.run(f.runner->run(sign, "sign"));
  REQUIRE_FALSE(reused);
  CHECK(reused.error().why.code == errc::key_reused);
}

TEST_CASE(
    "what is kept of a request gives nothing of it away to whoever tries all telephone numbers") {
  store_fixture f;
  const std::string request = "POST 13812345678";
  must(f.run(f.runner->run(create_command("k1"), request)));
  const auto records = f.exec("HVALS", "{0000}:idem:20261123");
  REQUIRE(records.size() == 1);
  CHECK_FALSE(records.at(0).string().starts_with(store::shorten_fingerprint(request)));
}

TEST_CASE("a repeat is answered before the rules are asked") {
  store_fixture f;
  const auto no = dispatched_ticket(f);
  auto sign = command_of(no, v1::ROLE_OFFICER, "370883");
  sign.set_id("sign-1");
  sign.mutable_sign();
  const auto first = must(f.run(f.runner->run(sign, "b")));
  CHECK(first.answer.state() == v1::STATE_HANDLING);
  const auto again = must(f.run(f.runner->run(sign, "b")));
  CHECK(again.replayed);
  CHECK(again.answer.SerializeAsString() == first.answer.SerializeAsString());
  const auto other = f.run(f.runner->run(sign, "c"));
  REQUIRE_FALSE(other);
  CHECK(other.error().why.code == errc::key_reused);
}

TEST_CASE("a repeat of a create that the rules would refuse by now is still answered") {
  store_fixture f;
  const auto first = must(f.run(f.runner->run(create_command("k1"), "body")));
  auto spoiled = create_command("k1");
  spoiled.mutable_create()->mutable_intake()->mutable_caller()->set_phone("1");
  const auto again = must(f.run(f.runner->run(spoiled, "body")));
  CHECK(again.answer.SerializeAsString() == first.answer.SerializeAsString());
}

TEST_CASE("a rejection travels with its code and changes nothing") {
  store_fixture f;
  const auto no = dispatched_ticket(f);
  const auto before = f.digest();
  auto sign = command_of(no, v1::ROLE_OFFICER, "370884");
  sign.mutable_sign();
  const auto refused = f.run(f.runner->run(sign));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().why.code == errc::rejected);
  CHECK(refused.error().rejection.has_value());

  auto stale = command_of(no, v1::ROLE_OFFICER, "370883");
  stale.set_expected_version(1);
  stale.mutable_sign();
  const auto mismatch = f.run(f.runner->run(stale));
  REQUIRE_FALSE(mismatch);
  CHECK(mismatch.error().rejection->code() == v1::REJECT_CODE_VERSION_MISMATCH);
  CHECK(f.digest() == before);
}

TEST_CASE("a ticket that does not exist, and a number that is none, are unknown") {
  store_fixture f;
  for (const auto* no : {"3708-20261123-00099", "nonsense", "", "{3708}:head"}) {
    CAPTURE(no);
    auto sign = command_of(no, v1::ROLE_OFFICER, "370883");
    sign.mutable_sign();
    const auto refused = f.run(f.runner->run(sign));
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().rejection);
    CHECK(refused.error().rejection->code() == v1::REJECT_CODE_TICKET_UNKNOWN);
  }
}

TEST_CASE("many at once on one ticket all get through, one after the other") {
  store_fixture f;
  const auto no = dispatched_ticket(f);
  constexpr int writers = 12;
  int running = writers;
  int done = 0;
  auto write = [&]() -> awaitable<void> {
    auto note = command_of(no, v1::ROLE_OFFICER, "370883");
    note.mutable_annotate()->set_text("note");
    const auto result = co_await f.runner->run(note);
    if (result) ++done;
    --running;
  };
  const auto before = f.run(f.tickets->load(no))->value().version();
  for (int i = 0; i < writers; ++i) {
    boost::asio::co_spawn(f.redis.context, write(), boost::asio::detached);
  }
  run_until(f.redis.context, [&] { return running == 0; });
  CHECK(done == writers);
  CHECK(f.run(f.tickets->load(no))->value().version() == before + writers);
}

TEST_CASE("the same create many times at once is one ticket") {
  store_fixture f;
  constexpr int clients = 20;
  int running = clients;
  std::set<std::string> numbers;
  auto ask = [&]() -> awaitable<void> {
    const auto result = co_await f.runner->run(create_command("same"), "body");
    if (result) numbers.insert(result->answer.ticket_no());
    --running;
  };
  for (int i = 0; i < clients; ++i) {
    boost::asio::co_spawn(f.redis.context, ask(), boost::asio::detached);
  }
  run_until(f.redis.context, [&] { return running == 0; });
  CHECK(numbers.size() == 1);
  CHECK(f.exec("ZCARD", "{3708}:all").integer() == 1);
}

TEST_CASE("a ticket the caller has is decided on without loading; an old one is noticed") {
  store_fixture f;
  const auto created = must(f.run(f.runner->run(create_command())));
  auto dispatch = command_of(created.answer.ticket_no(), v1::ROLE_DISPATCHER, "370000");
  dispatch.mutable_dispatch()->set_unit("370883");
  f.exec("CONFIG", "RESETSTAT");
  must(f.run(f.runner->run_on(*created.ticket, dispatch)));
  CHECK(f.exec("INFO", "commandstats").string().find("cmdstat_get:") == std::string_view::npos);

  // The same again with the same old ticket: the conflict makes the runner look, and the rules
  // then speak about the present one.
  const auto again = f.run(f.runner->run_on(*created.ticket, dispatch));
  if (again) {
    CHECK(again->commit_no == 0);
  } else {
    CHECK(again.error().rejection.has_value());
  }
  CHECK(f.run(f.tickets->load(created.answer.ticket_no()))->value().version() == 2);

  // An old ticket on which the rules say no does not decide either.
  auto sign = command_of(created.answer.ticket_no(), v1::ROLE_OFFICER, "370883");
  sign.mutable_sign();
  CHECK(must(f.run(f.runner->run_on(*created.ticket, sign))).answer.state() == v1::STATE_HANDLING);
}

}  // namespace
}  // namespace hotline::test
