// Comparing both sides of an exchange: what differs is found, and repaired where it can be.
#include "services/transfer/reconciler.hpp"

#include <doctest/doctest.h>

#include "tests/unit/transfer/reconcile_kit.hpp"

namespace hotline::test {

TEST_CASE("where both sides agree nothing differs, and the question was signed") {
  reconcile_fixture f;
  f.take_in("JN1");
  f.sign(f.take_in("JN2"));
  f.list("2026-11-23", {{"JN1", "0"}, {"JN2", "1"}});
  const auto report = f.compare(true);
  CHECK(reconcile_fixture::differences(report).empty());
  CHECK(report.failure().empty());
  CHECK(report.listed() == 2);
  CHECK(report.exchanged() == 2);
  CHECK(report.agreed() == 2);
  CHECK(report.by() == "sun");
  CHECK(report.reason() == "核对");
  REQUIRE(f.partner_server.asked.size() == 1);
  const auto& asked = f.partner_server.asked.front();
  const auto verified = exchange::verify(
      f.link().partner.config().outbound().signature(),
      [](std::string_view) { return std::optional<std::string>("secret"); },
      {"GET", asked.target, asked.body, asked.headers, asked.peer}, f.clock.now());
  CHECK(verified);
}

TEST_CASE("every kind of difference is found; what can be told again is, and no ticket changes") {
  reconcile_fixture f;
  const auto lost = f.take_in("JN1");
  const auto behind = f.take_in("JN2");
  f.sign(behind);
  const auto unheard = f.take_in("JN3");
  f.sign(unheard);
  REQUIRE(f.run(f.link().queue.put({unheard, 3}, v1::OutMessage(), monday)).value());
  f.receive("JN4", "3708-20261123-09999", false);
  f.list("2026-11-23", {{"JN2", "0"}, {"JN3", "0"}, {"JN4", "0"}, {"JN5", "0"}});
  const auto report = f.compare();
  CHECK(reconcile_fixture::differences(report) ==
        lines{"JN1 MISSING_THERE 0/", "JN2 STATE 1/0", "JN3 WAITING_THERE 1/0",
              "JN4 WAITING_HERE /0", "JN5 MISSING_HERE /0"});
  CHECK(report.counts_size() == 5);
  CHECK(f.waiting(lost).empty());
  CHECK(f.waiting(behind).empty());

  const auto before = f.run(f.tickets->load(lost))->value().SerializeAsString();
  const auto repaired = f.compare(true);
  CHECK(reconcile_fixture::differences(repaired) ==
        lines{"JN1 MISSING_THERE 0/ resent", "JN2 STATE 1/0 resent", "JN3 WAITING_THERE 1/0",
              "JN4 WAITING_HERE /0", "JN5 MISSING_HERE /0"});
  CHECK(repaired.resent() == 2);
  CHECK(f.waiting(lost) == std::vector<std::int64_t>{1, 2});  // its whole story
  CHECK(f.waiting(behind) == std::vector<std::int64_t>{3});   // the last word
  CHECK(f.run(f.tickets->load(lost))->value().SerializeAsString() == before);
  const auto reports = f.run(
      store::exchange_ledger(*f.redis.client, "jining-12345", f.guard.data_set()).reports(10));
  REQUIRE(reports);
  CHECK(reports->size() == 2);
}

TEST_CASE("a number that was refused is not missing for ever") {
  reconcile_fixture f;
  store::feed_document document;
  document.entries.resize(1);
  document.entries[0].item.set_original("{?}");
  REQUIRE(f.run(f.link().feed.put(std::move(document), f.clock.now(), 300s)));
  const auto review = f.run(f.link().feed.reviews(0, 10))->reviews.at(0);
  f.list("2026-11-23", {{"JN9", "0"}});
  CHECK(reconcile_fixture::differences(f.compare()) == lines{"JN9 MISSING_HERE /0"});

  const store::message_id id{"3708-20261123-09999", store::first_refusal};
  v1::OutMessage message;
  message.mutable_event()->set_external_no("JN9");
  REQUIRE(*f.run(f.link().feed.refuse(review.id, 1, id, message, f.clock.now())) ==
          store::refuse_end::told);
  CHECK(reconcile_fixture::differences(f.compare()) == lines{"JN9 WAITING_THERE 3/0"});
  REQUIRE(f.run(f.link().queue.settle(id, "10000", {}, f.clock.now())).value());
  CHECK(reconcile_fixture::differences(f.compare(true)) == lines{"JN9 STATE 3/0"});
  CHECK(f.waiting(id.ticket_no).empty());
  f.list("2026-11-23", {{"JN9", "3"}});
  CHECK(f.compare().agreed() == 1);
  f.list("2026-11-23", {});
  CHECK(f.compare().differences().empty());
}

namespace {

void pulled_by_us(v1::Partner& partner) {
  auto& pull = *partner.mutable_inbound()->mutable_pull();
  pull.set_url("http://127.0.0.1:1/?cursor={cursor}&limit={limit}");
  pull.set_every("5min");
  pull.set_first_cursor("0");
  pull.set_next_cursor("next");
}

}  // namespace

TEST_CASE("what is missing here is pulled again where we pull") {
  reconcile_fixture f(pulled_by_us);
  store::feed_document page;
  page.cursor = store::cursor_step{"", "77"};
  REQUIRE(f.run(f.link().feed.put(std::move(page), monday, 300s)));
  f.list("2026-11-23", {{"JN7", "0"}, {"JN8", "1"}});
  CHECK(f.compare().pulled() == 0);
  CHECK(f.run(f.link().feed.cursor()).value() == "77");
  const auto report = f.compare(true);
  CHECK(report.pulled() == 2);
  CHECK(report.differences(0).repair() == v1::DIFFERENCE_REPAIR_PULLED);
  CHECK(f.run(f.link().feed.cursor()).value().empty());
  CHECK(
      f.compare(true, std::chrono::sys_days(reconcile_fixture::compared_day) - std::chrono::days(3))
          .pulled() == 0);
}

TEST_CASE("where several days miss something it is pulled again from the oldest on") {
  reconcile_fixture f(pulled_by_us);
  store::feed_document page;
  page.cursor = store::cursor_step{"", "77"};
  REQUIRE(f.run(f.link().feed.put(page, monday, 300s)));
  page.cursor = store::cursor_step{"77", "99"};
  REQUIRE(f.run(f.link().feed.put(page, monday + 48h, 300s)));
  f.take_in("JN1");  // from then on every day is compared
  f.list("2026-11-23", {{"JN1", "0"}, {"JN7", "0"}});
  f.list("2026-11-25", {{"JN8", "0"}});
  f.night(26);
  CHECK(f.run(f.link().feed.cursor()).value().empty());
}

TEST_CASE("what they were told last is not different") {
  reconcile_fixture f([](v1::Partner& partner) {
    auto& told = *partner.mutable_outbound()->mutable_events();
    const auto kept = std::remove_if(told.begin(), told.end(), [](const v1::EventWord& word) {
      return word.kind() == v1::PARTNER_EVENT_KIND_SIGN;
    });
    told.erase(kept, told.end());
  });
  f.sign(f.take_in("JN1"));
  f.list("2026-11-23", {{"JN1", "0"}});
  CHECK(reconcile_fixture::differences(f.compare()).empty());
  f.list("2026-11-23", {{"JN1", "2"}});
  CHECK(reconcile_fixture::differences(f.compare()) == lines{"JN1 STATE 1/2"});
}

TEST_CASE("around midnight they may count a ticket to the other day") {
  reconcile_fixture f;
  f.take_in("JN1");
  f.take_in("JN2");
  f.list("2026-11-22", {{"JN1", "0"}});
  f.list("2026-11-24", {{"JN2", "0"}, {"JN9", "0"}});  // JN9 is that day's matter
  CHECK(reconcile_fixture::differences(f.compare()).empty());
  CHECK(reconcile_fixture::differences(
            f.compare(false, std::chrono::sys_days(reconcile_fixture::compared_day) +
                                 std::chrono::days(1))) == lines{"JN9 MISSING_HERE /0"});
}

TEST_CASE("a list that cannot be had or read is reported, and nothing is repaired") {
  reconcile_fixture f;
  const auto no = f.take_in("JN1");
  std::string reason;
  SUBCASE("they say no") {
    f.status = 500;
    reason = "HTTP 500";
  }
  SUBCASE("no list") {
    f.lists["2026-11-23"] = "<html>";
    reason = "清单无法读取";
  }
  SUBCASE("a line without a number") {
    f.list("2026-11-23", {{"", "1"}});
    reason = "缺少对方工单号";
  }
  SUBCASE("another charset than agreed") {
    f.lists["2026-11-23"] = "{\"data\":{\"list\":[{\"workOrderCode\":\"\xBC\xC3\xC4\xFE\"}]}}";
    reason = "清单无法读取";
  }
  const auto report = f.compare(true);
  CAPTURE(report.failure());
  CHECK(report.failure().find(reason) != std::string::npos);
  CHECK(report.differences().empty());
  CHECK(f.waiting(no).empty());
}

TEST_CASE("a list in XML and GB18030 is read as such") {
  reconcile_fixture f([](v1::Partner& partner) {
    auto& format = *partner.mutable_outbound()->mutable_format();
    format.set_syntax(v1::SYNTAX_XML);
    format.set_charset(v1::CHARSET_GB18030);
    format.set_xml_root("Message");
    partner.mutable_reconciliation()->set_items("List.Item");
  });
  f.take_in("济宁1");
  f.lists["2026-11-23"] =
      "<?xml version=\"1.0\" encoding=\"GB18030\"?><List><Item><workOrderCode>\xBC\xC3\xC4\xFE"
      "1</workOrderCode><state>0</state></Item></List>";
  const auto report = f.compare();
  CHECK(report.failure() == "");
  CHECK(report.agreed() == 1);
}

TEST_CASE("a partner that is not there is reported") {
  reconcile_fixture f([](v1::Partner& partner) {
    partner.mutable_reconciliation()->set_list_url("http://127.0.0.1:1/list?day={day}");
  });
  CHECK(f.compare().failure().find("没有应答") != std::string::npos);
}

TEST_CASE("a list that differs in everything is not believed") {
  reconcile_fixture f;
  const auto no = f.take_in("JN1");
  std::vector<std::pair<std::string, std::string>> strange;
  for (std::size_t i = 0; i <= transfer::differences_max; ++i) {
    strange.emplace_back(fmt::format("X{}", i), "0");
  }
  f.list("2026-11-23", strange);
  const auto report = f.compare(true);
  CHECK(report.differences_size() == static_cast<int>(transfer::differences_max));
  CHECK(report.failure().find("差异过多") != std::string::npos);
  CHECK(report.resent() == 0);
  CHECK(f.waiting(no).empty());
  int counted = 0;
  for (const auto& kind : report.counts()) counted += kind.count();
  CHECK(counted == static_cast<int>(transfer::differences_max) + 2);
}

TEST_CASE("of a matter that has become sensitive nothing is told again") {
  reconcile_fixture f;
  const auto no = f.take_in("JN1");
  f.act(no, v1::ROLE_DISPATCHER, "370000", [](v1::Command& c) {
    auto& change = *c.mutable_supplement();
    change.set_reason("涉及举报人安全");
    change.mutable_intake()->set_sensitivity(v1::SENSITIVITY_SENSITIVE);
  });
  REQUIRE(f.run(f.tickets->load(no))->value().intake().sensitivity() == v1::SENSITIVITY_SENSITIVE);
  f.list("2026-11-23", {{"JN1", "2"}});
  CHECK(reconcile_fixture::differences(f.compare(true)).empty());
  f.list("2026-11-23", {});
  CHECK(reconcile_fixture::differences(f.compare(true)) == lines{"JN1 MISSING_THERE 0/"});
  CHECK(f.waiting(no).empty());
}

}  // namespace hotline::test
