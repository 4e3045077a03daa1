// Who is told what of a ticket: put before the event is acknowledged, once.
#include "services/transfer/teller.hpp"

#include <doctest/doctest.h>

#include "common/domain/exchange_out.hpp"
#include "common/domain/personal.hpp"
#include "common/store/stream_keeper.hpp"
#include "tests/unit/transfer/transfer_fixture.hpp"

namespace hotline::test {
namespace {

using runtime::handled;
using transfer::teller;

struct telling_fixture : transfer_fixture {
  telling_fixture()
      : transfer_fixture({talkative_partner(), talkative_partner("other", other_partner_unit)}) {}

  void react(const std::vector<v1::Event>& events) {
    for (const auto& event : events) {
      if (teller::may_want(event.kind())) CHECK(run(all.handle(event)) == handled::done);
    }
  }
  std::vector<store::taken_message> waiting(std::string_view name = "small") {
    return *run(link(name).queue.take(clock.now(), milliseconds(1), 100));
  }

  teller all{links, *tickets, province(), clock};
};

TEST_CASE("a ticket a partner has sent: that partner is told, and no other") {
  telling_fixture f;
  const auto no = f.sent_in("JN-1");
  f.react(f.history(no));
  const auto messages = f.waiting();
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].id == store::message_id{no, 1});
  CHECK(messages[0].message.event().kind() == v1::PARTNER_EVENT_KIND_ACCEPT);
  CHECK(messages[0].message.event().external_no() == "JN-1");
  CHECK(f.waiting("other").empty());

  const auto before = f.digest();
  f.react(f.history(no));  // the event comes again
  CHECK(f.digest() == before);
}

TEST_CASE("a ticket of ours is nobody's business until it is handed over") {
  telling_fixture f;
  const auto no = f.handed_over(other_partner_unit);
  f.react(f.history(no));
  CHECK(f.waiting().empty());
  const auto messages = f.waiting("other");
  REQUIRE(messages.size() == 1);
  const auto& told = messages[0].message.event();
  CHECK(told.kind() == v1::PARTNER_EVENT_KIND_CREATE);
  CHECK(domain::is_sealed(told.intake().caller().phone()));
  CHECK(told.intake().caller().name().empty());  // not on the partner's list
}

TEST_CASE("Redis that is away puts the event off") {
  telling_fixture f;
  const auto events = f.history(f.sent_in("JN-1"));
  f.redis.client->stop();
  CHECK(f.run(f.all.handle(events.front())) == handled::retry);
}

TEST_CASE("no kind of event that partners are told of is left unread") {
  const auto& kinds = *v1::EventKind_descriptor();
  // Every kind, as an event of a ticket that has come from the partner, and as one that ends it.
  const auto partner = talkative_partner();
  for (int i = 0; i < kinds.value_count(); ++i) {
    const auto kind = static_cast<v1::EventKind>(kinds.value(i)->number());
    if (teller::may_want(kind)) continue;
    CAPTURE(kinds.value(i)->name());
    v1::Ticket ticket;
    ticket.set_no("3708-20261123-00001");
    auto& transfer = *ticket.add_transfers();
    transfer.set_partner(partner_unit);
    v1::Event event;
    event.set_kind(kind);
    event.set_version(3);
    for (const char* from : {"", partner_unit}) {
      ticket.mutable_intake()->set_external_partner(from);
      CHECK_FALSE(domain::told_to(partner, ticket, event, shipped_province()->org));
    }
  }
}

TEST_CASE("a group nobody reads for any more is taken away and no longer holds up trimming") {
  transfer_fixture f;
  constexpr const char* shard = "3708";
  REQUIRE(f.run(store::ensure_group(*f.redis.client, shard, "transfer")));
  f.fill(shard, 3, "370883");
  const auto groups = [&] { return f.run(store::report_stream(*f.redis.client, shard))->groups; };
  REQUIRE(groups().size() == 1);
  CHECK(*f.run(store::drop_group(*f.redis.client, shard, "transfer")));
  CHECK(groups().empty());
  CHECK_FALSE(*f.run(store::drop_group(*f.redis.client, shard, "transfer")));
}

}  // namespace
}  // namespace hotline::test
