// A city's hotline that tells us something, and what that asks for.
#pragma once

#include <doctest/doctest.h>
#include <google/protobuf/text_format.h>

#include <string>

#include "common/domain/civil.hpp"
#include "common/domain/exchange_in.hpp"
#include "tests/unit/domain/decide/story.hpp"

namespace hotline::domain {

inline const instant now = *parse_civil_minute("2026-11-23 10:00");

inline v1::Partner city() {
  v1::Partner p;
  p.set_name("jining-12345");
  p.set_unit("p-12345-370800");
  p.set_source(v1::SOURCE_HOTLINE_12345);
  return p;
}

inline v1::PartnerEvent told(v1::PartnerEventKind kind, const std::string& more = "") {
  v1::PartnerEvent event;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(more, &event));
  event.set_kind(kind);
  event.set_external_no("JN1");
  return event;
}

inline v1::Ticket sent_by_city(v1::State state) {
  v1::Ticket ticket;
  ticket.set_no("3708-20261123-00001");
  ticket.set_state(state);
  ticket.mutable_intake()->set_external_partner("p-12345-370800");
  ticket.mutable_intake()->set_external_no("JN1");
  return ticket;
}

inline v1::Ticket given_to_city() {
  v1::Ticket ticket;
  ticket.set_state(v1::STATE_TRANSFERRED);
  auto& transfer = *ticket.add_transfers();
  transfer.set_id(1);
  transfer.set_partner("p-12345-370800");
  transfer.set_sent_at(1);
  return ticket;
}

/// What an event of the city asks for that was received just now.
inline asked_for told_us(const v1::PartnerEvent& event, const v1::Ticket* ticket,
                         const heard_before& before = {}) {
  v1::FeedItem item;
  *item.mutable_event() = event;
  item.set_received_at(to_unix_ms(now));
  return commands_of(item, city(), ticket, before, test::shipped_province(), now);
}

/// "urge,set_partner_due", "annotate,!exchange.late" where a person looks at it as well, "" where
/// there is nothing to do.
inline std::string asked(const v1::PartnerEvent& event, const v1::Ticket* ticket,
                         const heard_before& before = {}) {
  const auto made = told_us(event, ticket, before);
  std::string names;
  const auto add = [&](const std::string& name) { names += (names.empty() ? "" : ",") + name; };
  for (const v1::Command& one : made.commands) {
    CHECK(one.actor().role() == v1::ROLE_PARTNER);
    CHECK(one.actor().unit() == "p-12345-370800");
    add(v1::Command::descriptor()->FindFieldByNumber(one.body_case())->name());
  }
  if (made.review) {
    CHECK(!made.review->text().empty());
    add("!" + made.review->rule());
  }
  return names;
}

inline v1::Command only(const v1::PartnerEvent& event, const v1::Ticket* ticket) {
  const auto made = told_us(event, ticket);
  CHECK(!made.review);
  REQUIRE(made.commands.size() == 1);
  return made.commands.front();
}

/// What was carried out of a message of the city before.
inline heard_before carried_out(v1::EventKind kind, std::int64_t sequence,
                                std::int64_t occurred_at) {
  v1::PartnerEvent said;
  said.set_sequence(sequence);
  said.set_occurred_at(occurred_at);
  v1::Event event;
  event.set_version(2);
  event.set_kind(kind);
  event.set_command_id(feed_command_id("feed:00ff", 0, said));
  event.mutable_actor()->set_unit("p-12345-370800");
  heard_before before;
  before.add(event, "p-12345-370800");
  return before;
}

}  // namespace hotline::domain
