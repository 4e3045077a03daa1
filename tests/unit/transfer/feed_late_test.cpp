// What a partner says late, or when its ticket is over, over a real Redis: nothing goes backwards
// and nothing is lost.
#include <google/protobuf/text_format.h>

#include <algorithm>

#include "tests/unit/transfer/feed_kit.hpp"

namespace hotline::test {
namespace {

using std::chrono::hours;

struct late_fixture : feed_kit {
  v1::FeedItem supplied(std::int64_t sequence, std::int64_t second, const std::string& place,
                        int people = 0) {
    return told(v1::PARTNER_EVENT_KIND_SUPPLEMENT, sequence, [&](auto& event) {
      event.set_occurred_at(to_unix_ms(monday) + second * 1000);
      auto& matter = *event.mutable_intake()->mutable_matter();
      matter.set_place(place);
      matter.set_people(people);
      event.mutable_intake()->mutable_caller()->set_phone("1390000000" + std::to_string(second));
      event.set_text("地点" + place);
    });
  }
  v1::FeedItem extended(std::int64_t sequence, std::int64_t second, int days) {
    return told(v1::PARTNER_EVENT_KIND_EXTEND_RESP, sequence, [&](auto& event) {
      event.set_occurred_at(to_unix_ms(monday) + second * 1000);
      event.set_granted(true);
      event.set_due_at(to_unix_ms(monday + std::chrono::days(days)));
    });
  }
  v1::FeedItem withdrawn(std::int64_t sequence) {
    return told(v1::PARTNER_EVENT_KIND_WITHDRAW, sequence,
                [](auto& event) { event.set_text("重复派单"); });
  }
  v1::FeedItem demanded(v1::PartnerEventKind kind) {
    return told(kind, 0, [](auto& event) { event.set_text("公司又反悔，未付款"); });
  }
  void archive() {
    auto command = command_of(our_no(), v1::ROLE_SYSTEM, "370000");
    command.mutable_archive();
    REQUIRE(run(runner->run(std::move(command))));
  }
  bool is_noted(const std::string& words) {
    return std::ranges::any_of(history(our_no()), [&](const v1::Event& event) {
      return event.kind() == v1::EVENT_KIND_ANNOTATED &&
             event.cause().annotate().text().find(words) != std::string::npos;
    });
  }
  std::vector<std::string> rules() {
    std::vector<std::string> found;
    for (const auto& one : reviews()) {
      CHECK(one.review.reason() == v1::REVIEW_REASON_REJECTED);
      const auto& text = one.review.text();
      const auto from = text.rfind("（") + std::string_view("（").size();
      found.push_back(text.substr(from, text.rfind("）") - from));
    }
    return found;
  }
};

using texts = std::vector<std::string>;

TEST_CASE("values a partner counts do not go back to those of a late message") {
  late_fixture f;
  f.told(v1::PARTNER_EVENT_KIND_CREATE, 1);
  f.supplied(4, 3, "三");  // its predecessors are given up
  f.work();
  f.pass(hours(24));
  f.work();
  f.supplied(5, 5, "五");
  f.extended(6, 6, 9);
  f.work();
  const auto before = f.ticket(f.our_no());
  CHECK(before.intake().matter().place() == "五");
  const auto known = f.reviews().size();

  f.supplied(2, 2, "二", 7);
  f.extended(3, 3, 5);
  f.work();
  const auto after = f.ticket(f.our_no());
  CHECK(after.intake().matter().place() == "五");
  CHECK(after.intake().caller().phone() == before.intake().caller().phone());
  CHECK(after.intake().matter().people() == 7);  // nobody had said how many
  CHECK(after.intake().partner_due_at() == before.intake().partner_due_at());
  CHECK(f.is_noted("对方答复延期（迟到），期限 2026-11-28"));
  CHECK(f.reviews().size() == known + 1);
  CHECK(std::ranges::any_of(f.reviews(), [](const store::stored_review& one) {
    return one.review.text().find("exchange.late") != std::string::npos;
  }));
  CHECK(f.waiting().items.empty());
}

TEST_CASE("values of a partner that does not count go by the time they were said") {
  late_fixture f;
  f.told(v1::PARTNER_EVENT_KIND_CREATE);
  f.supplied(0, 2, "二");
  f.extended(0, 4, 9);
  f.supplied(0, 1, "一");
  f.extended(0, 3, 5);
  f.work();
  const auto made = f.ticket(f.our_no());
  CHECK(made.intake().matter().place() == "二");
  CHECK(made.intake().partner_due_at() == to_unix_ms(monday + std::chrono::days(9)));
  CHECK(f.is_noted("对方补充（迟到）：地点一"));
  CHECK(f.rules() == texts{"exchange.late"});

  f.supplied(0, 2, "二又");  // of the same second: as it came
  f.supplied(0, 3, "三");
  f.work();
  CHECK(f.ticket(f.our_no()).intake().matter().place() == "三");
  CHECK(f.rules().size() == 1);
}

TEST_CASE(
    "a late message that says what is known already contradicts nothing, of the caller neither") {
  late_fixture f;
  f.told(v1::PARTNER_EVENT_KIND_CREATE);
  f.supplied(0, 2, "二");
  f.work();
  f.told(v1::PARTNER_EVENT_KIND_SUPPLEMENT, 0, [](auto& event) {
    event.set_occurred_at(to_unix_ms(monday) + 1000);
    event.mutable_intake()->mutable_matter()->set_people(7);
    event.mutable_intake()->mutable_caller()->set_phone("13900000002");
  });
  f.work();
  CHECK(f.ticket(f.our_no()).intake().matter().people() == 7);
  CHECK(f.rules().empty());
}

TEST_CASE("what came before is found behind all that happened since") {
  late_fixture f;
  f.told(v1::PARTNER_EVENT_KIND_CREATE);
  f.supplied(0, 2, "二");
  for (int i = 0; i < 60; ++i) f.urged(0, "催");  // more events than are looked at first
  f.work();
  f.pass(hours(1));
  f.supplied(0, 1, "一");
  f.work();
  CHECK(f.ticket(f.our_no()).intake().matter().place() == "二");
}

TEST_CASE("a late message whose review is tried again has no second effect") {
  late_fixture f;
  f.told(v1::PARTNER_EVENT_KIND_CREATE);
  f.supplied(0, 2, "二");
  const auto late = f.supplied(0, 1, "一", 7);
  f.work();
  const auto version = f.ticket(f.our_no()).version();
  const auto reviews = f.reviews();
  REQUIRE(reviews.size() == 1);
  store::feed_entry entry{.item = late, .proposed_no = {}, .faults = {}};
  const auto again = f.run(f.link().feed.let_in(reviews[0].id, v1::REVIEW_REASON_REJECTED,
                                                std::move(entry), f.clock.now()));
  REQUIRE(again);
  CHECK(again->how == store::let_in_answer::end::taken);
  f.work();
  CHECK(f.ticket(f.our_no()).version() == version);
  CHECK(f.rules() == texts{"exchange.late"});
}

TEST_CASE("a late message does not move a ticket backwards") {
  late_fixture f;
  f.told(v1::PARTNER_EVENT_KIND_CREATE, 1);
  f.withdrawn(3);
  f.pass(hours(24));
  f.urged(4, "四");
  f.work();  // 3 is given up, 4 is applied
  const auto no = f.our_no();
  f.withdrawn(5);
  f.work();
  const auto ended = f.ticket(no);
  CHECK(ended.state() == v1::STATE_WITHDRAWN);
  CHECK(f.reviews().size() == 1);
  f.urged(2, "二");
  f.told(v1::PARTNER_EVENT_KIND_CREATE, 1);
  f.work();
  CHECK(f.ticket(no).version() == ended.version());
  CHECK(f.waiting().items.empty());
  CHECK(f.waiting().applied == 5);
  CHECK(f.reviews().size() == 2);  // what it urged to is for a person
  CHECK(f.counted().settled == 1);
}

TEST_CASE("what is said about an archived ticket waits for a person, with the rule") {
  late_fixture f;
  f.told(v1::PARTNER_EVENT_KIND_CREATE);
  f.withdrawn(0);
  f.work();
  f.archive();
  const auto archived = f.ticket(f.our_no());
  for (const auto kind : {v1::PARTNER_EVENT_KIND_REWORK, v1::PARTNER_EVENT_KIND_VISIT_RESULT,
                          v1::PARTNER_EVENT_KIND_SUPPLEMENT, v1::PARTNER_EVENT_KIND_URGE}) {
    f.demanded(kind);
  }
  f.work();
  CHECK(f.rules() == texts(4, "exchange.too-late"));
  CHECK(f.reviews()[0].review.item().event().text() == "公司又反悔，未付款");
  CHECK(f.ticket(f.our_no()).version() == archived.version());
  CHECK(f.waiting().items.empty());
}

TEST_CASE("words and files of a late message reach its ticket, what cannot be done a person") {
  late_fixture f;
  f.told(v1::PARTNER_EVENT_KIND_CREATE);
  f.supplied(0, 2, "二");
  f.told(v1::PARTNER_EVENT_KIND_SUPPLEMENT, 0, [](auto& event) {
    event.set_occurred_at(to_unix_ms(monday) + 1000);
    event.mutable_intake()->mutable_matter()->set_place("一");
    event.add_attachments()->set_reference("http://127.0.0.1:1/b.png");
  });
  f.withdrawn(0);
  f.work();
  CHECK(f.rules() == texts{"exchange.late"});
  CHECK(f.run(f.link().fetches.take(f.clock.now(), milliseconds(1000), 10))->size() == 1);

  f.told(v1::PARTNER_EVENT_KIND_SUPPLEMENT, 0,
         [](auto& event) { event.add_attachments()->set_reference("http://127.0.0.1:1/c.png"); });
  f.work();  // nothing of it can be done: the person has its files as well
  CHECK(f.rules().size() == 2);
  CHECK(f.run(f.link().fetches.take(f.clock.now(), milliseconds(1000), 10))->empty());
}

}  // namespace
}  // namespace hotline::test
