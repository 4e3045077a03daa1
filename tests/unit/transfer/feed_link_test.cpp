// Whose ticket a message is about that names one of ours, by a number of theirs we never heard.
#include "tests/unit/transfer/feed_kit.hpp"
#include "tests/unit/transfer/inlet_kit.hpp"

namespace hotline::test {
namespace {

constexpr const char* way = R"(
  push {}
  events { kind: PARTNER_EVENT_KIND_SIGN theirs: "assign" }
  events { kind: PARTNER_EVENT_KIND_FINISH theirs: "done" }
  fields { theirs: "ours" ours: "ticket_no" }
  fields { theirs: "answer" ours: "reply.text" events: [PARTNER_EVENT_KIND_FINISH] })";

struct link_fixture : feed_kit {
  link_fixture()
      : feed_kit({fetched_partner(way), talkative_partner("other", other_partner_unit)}) {}

  void push(const std::string& what, const std::string& their, const std::string& ours) {
    const auto message = fmt::format(
        R"({{"event":"{}","no":"{}","serial":"s{}","ours":"{}","answer":"已付清","text":"催"}})",
        what, their, ++pushed_, ours);
    const auto taken = run(intake_.take_in(document_of({message}), {}, clock.now()));
    REQUIRE(taken);
    CHECK_FALSE(taken->unreadable);
    answered = taken->answer.outcomes.at(0).ticket_no;
  }

  std::string answered;  ///< the number of ours the last one was answered with

 private:
  int pushed_ = 0;
  runtime::feed_intake intake_{link().partner, link().feed, kit.tickets, kit.numbers,
                               access.province};
};

TEST_CASE("a number of ours they handle is enough") {
  link_fixture f;
  const auto no = f.handed_over();
  f.push("assign", "FY1", no);
  f.push("done", "FY1", no);
  f.work();
  const auto ticket = f.ticket(no);
  CHECK(ticket.transfers(0).signed_at() != 0);
  CHECK(ticket.state() == v1::STATE_REVIEWED);
  CHECK(ticket.reply().text() == "已付清");
  CHECK(f.answered == no);
  CHECK(f.reviews().empty());
}

TEST_CASE("under a number of theirs whose case they have opened anew, too") {
  link_fixture f;
  const auto no = f.handed_over();
  f.push("assign", "FY1", no);
  f.push("done", "FY2", no);
  f.work();
  CHECK(f.ticket(no).state() == v1::STATE_REVIEWED);
}

TEST_CASE("a number of ours gives nobody another's ticket") {
  link_fixture f;
  const auto others = f.handed_over(other_partner_unit);
  const auto nobodys = f.sent_in("JN-9");  // theirs, and not handed over
  for (const auto& no : {others, nobodys, std::string("3708-20261123-09999"), std::string("FY")}) {
    CAPTURE(no);
    f.push("done", "FY-" + no, no);
    CHECK(f.answered.empty());
    CHECK(f.our_no("FY-" + no).empty());
  }
  const auto before = f.ticket(others).version();
  f.work();
  f.pass(std::chrono::hours(24));
  f.work();
  CHECK(f.ticket(others).version() == before);
  CHECK(f.reviews().size() == 4);
  for (const auto& one : f.reviews()) CHECK(one.review.reason() == v1::REVIEW_REASON_GAP);
}

TEST_CASE("a number of theirs stays with its ticket, and a person sees that two do not match") {
  link_fixture f;
  const auto first = f.handed_over();
  const auto second = f.handed_over();
  f.push("assign", "FY1", first);
  f.push("done", "FY1", second);
  f.work();
  CHECK(f.ticket(second).state() == v1::STATE_TRANSFERRED);
  CHECK(f.ticket(first).state() == v1::STATE_TRANSFERRED);
  REQUIRE(f.reviews().size() == 1);
  CHECK(f.reviews()[0].review.text().find("exchange.other-number") != std::string::npos);
}

TEST_CASE("what they say after their answer finds the ticket, and a person") {
  link_fixture f;
  const auto no = f.handed_over();
  f.push("done", "FY1", no);
  f.work();
  f.push("assign", "FY2", no);
  f.push("done", "FY2", no);
  f.work();
  // The same answer again is none; who has signed meanwhile is passed.
  CHECK(f.reviews().empty());
  f.push("urge", "FY2", no);
  f.work();
  REQUIRE(f.reviews().size() == 1);
  CHECK(f.reviews()[0].review.text().find("exchange.too-late") != std::string::npos);
}

}  // namespace
}  // namespace hotline::test
