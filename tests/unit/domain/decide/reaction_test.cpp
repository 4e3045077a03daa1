// Whom an event concerns: the lanes it is put into.
#include <doctest/doctest.h>

#include <string>

#include "common/domain/reaction.hpp"
#include "tests/unit/domain/decide/story.hpp"

namespace hotline::test {
namespace {

std::string lanes(const story& s) {
  std::string all;
  for (const auto& event : s.events()) {
    if (!all.empty()) all += ", ";
    all += domain::lanes_of(event);
  }
  return all;
}

TEST_CASE("a ticket that comes to the desk concerns dispatch, and its way through a unit nobody") {
  story s;
  s.accepted();
  CHECK(lanes(s) == "dispatch");
  s.dispatched();
  CHECK(lanes(s) == "");
  s.play("+5min OFFICER@370883 sign -> HANDLING");
  CHECK(lanes(s) == "");
}

TEST_CASE("what may be missing to be dispatched concerns dispatch again") {
  v1::Event event;
  for (const auto kind : {v1::EVENT_KIND_SUPPLEMENTED, v1::EVENT_KIND_REFUSAL_DECIDED}) {
    event.set_kind(kind);
    CHECK(domain::lanes_of(event) == "dispatch");
  }
  // It has left the desk with that very event.
  event.mutable_change()->set_state(v1::STATE_DISPATCHED);
  CHECK(domain::lanes_of(event).empty());
}

TEST_CASE("merging, parting, and every end concern those who keep merged tickets together") {
  v1::Event event;
  for (const auto kind : {v1::EVENT_KIND_MERGED, v1::EVENT_KIND_UNMERGED}) {
    event.set_kind(kind);
    CHECK(domain::calls_for_merge_care(event));
    CHECK(domain::lanes_of(event) == "dispatch");
  }
  event.set_kind(v1::EVENT_KIND_CLOSED);
  for (const auto state :
       {v1::STATE_CLOSED, v1::STATE_REJECTED, v1::STATE_WITHDRAWN, v1::STATE_TERMINATED}) {
    event.mutable_change()->set_state(state);
    CHECK(domain::lanes_of(event) == "dispatch");
  }
  event.mutable_change()->set_state(v1::STATE_ARCHIVED);
  CHECK(domain::lanes_of(event).empty());
}

TEST_CASE("a breach concerns escalation if its rung goes up, and only then") {
  v1::Event event;
  for (const auto kind : {v1::EVENT_KIND_DEADLINE_MISSED, v1::EVENT_KIND_BREACH_LASTING}) {
    event.set_kind(kind);
    event.mutable_rung()->set_escalates(false);
    CHECK(domain::lanes_of(event).empty());
    event.mutable_rung()->set_escalates(true);
    CHECK(domain::lanes_of(event) == "escalation");
  }
  event.set_kind(v1::EVENT_KIND_DEADLINE_NEAR);
  CHECK(domain::lanes_of(event).empty());
}

TEST_CASE("a missed deadline that ends the ticket as well is put before both") {
  v1::Event event;
  event.set_kind(v1::EVENT_KIND_DEADLINE_MISSED);
  event.mutable_rung()->set_escalates(true);
  event.mutable_change()->set_state(v1::STATE_CLOSED);
  CHECK(domain::lanes_of(event) == "dispatch escalation");
}

TEST_CASE("a lane nobody reads concerns no event") {
  v1::Event event;
  event.set_kind(v1::EVENT_KIND_MERGED);
  CHECK_FALSE(domain::concerns("live", event));
}

}  // namespace
}  // namespace hotline::test
