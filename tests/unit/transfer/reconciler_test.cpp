// Comparing both sides of an exchange over a real Redis and a partner that lists what it likes.
#include "services/transfer/reconciler.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <string>

#include "common/domain/civil.hpp"
#include "common/runtime/config_loader.hpp"
#include "services/transfer/reconcilers.hpp"
#include "tests/store/store_fixture.hpp"
#include "tests/unit/transfer/stand_in.hpp"

namespace hotline::test {
namespace {

using namespace std::chrono_literals;

const v1::Partner& shipped_partner() {
  static const v1::Partner found = [] {
    const auto config = runtime::load_config(HOTLINE_CONFIG_DIRECTORY);
    if (!config) throw std::runtime_error(config.error().detail);
    for (const auto& one : config->partners()) {
      if (one.name() == "jining-12345") return one;
    }
    throw std::runtime_error("no such partner is shipped");
  }();
  return found;
}

struct reconcile_fixture : store_fixture {
  explicit reconcile_fixture(const std::function<void(v1::Partner&)>& change = {})
      : partner_server(redis.context,
                       [this](net::request request) { return give_list(std::move(request)); }),
        access{redis.server.endpoint(), {}, options(), floor, province(), clock, keys_for_tests()},
        kit(redis.context.get_executor(), access, "reconcile", quiet_log()),
        links(book(change), kit, access, counters),
        comparing({.context = redis.context,
                   .links = links,
                   .kit = kit,
                   .access = access,
                   .secrets = [](std::string_view) { return std::optional<std::string>("secret"); },
                   .log = quiet_log()}) {
    REQUIRE(run(kit.redis.wait_connected(steady_now() + 10s)));
    REQUIRE(run(links.adopt()));
  }
  ~reconcile_fixture() { kit.redis.stop(); }

  exchange::partner_book book(const std::function<void(v1::Partner&)>& change) {
    v1::Partner config = shipped_partner();
    config.set_inactive(false);
    config.set_internal(true);
    config.mutable_reconciliation()->set_list_url(partner_server.url("/list?day={day}"));
    if (change) change(config);
    auto made = exchange::partner::compile(config, *land);
    if (!made) throw std::runtime_error(made.error().front().reason);
    return exchange::partner_book({*std::move(made)});
  }

  boost::asio::awaitable<net::response> give_list(net::request request) {
    const std::string* const day = request.query_value("day");
    const auto found = day == nullptr ? lists.end() : lists.find(*day);
    co_return answer_of(status, found == lists.end() ? R"({"data":{"list":[]}})" : found->second);
  }

  /// They list this for a day, "JN1 1, JN2 0": numbers and states.
  void list(const std::string& day, const std::vector<std::pair<std::string, std::string>>& what) {
    std::string items;
    for (const auto& [number, state] : what) {
      if (!items.empty()) items += ',';
      items += fmt::format(R"({{"workOrderCode":"{}","state":"{}"}})", number, state);
    }
    lists[day] = R"({"data":{"list":[)" + items + "]}}";
  }

  /// They have given us a ticket, and it is dispatched: state "0".
  std::string take_in(const std::string& external_no) {
    auto create = create_command("create-" + external_no);
    auto& intake = *create.mutable_create()->mutable_intake();
    intake.set_source(v1::SOURCE_HOTLINE_12345);
    intake.set_external_partner("p-12345-370800");
    intake.set_external_no(external_no);
    intake.mutable_caller()->set_consent_to_share(true);
    const auto made = run(runner->run(std::move(create)));
    REQUIRE(made);
    const std::string no = made->answer.ticket_no();
    act(no, v1::ROLE_DISPATCHER, "370000",
        [](v1::Command& c) { c.mutable_dispatch()->set_unit("370883"); });
    receive(external_no, no);
    return no;
  }
  void receive(const std::string& external_no, const std::string& no, bool applied = true) {
    store::feed_document document;
    auto& entry = document.entries.emplace_back();
    auto& event = *entry.item.mutable_event();
    event.set_external_no(external_no);
    event.set_kind(v1::PARTNER_EVENT_KIND_CREATE);
    event.set_serial("1");
    entry.proposed_no = no;
    REQUIRE(run(link().feed.put(std::move(document), clock.now(), 300s)));
    if (!applied) return;
    const auto waiting = run(link().feed.waiting(external_no));
    REQUIRE(waiting);
    REQUIRE(run(link().feed.settle(external_no, waiting->items.at(0), {}, clock.now())).value());
  }
  void act(const std::string& no, v1::Role role, const std::string& unit, auto body) {
    auto command = command_of(no, role, unit);
    command.set_id(fmt::format("command-{}", ++commands));
    body(command);
    REQUIRE(run(runner->run(std::move(command))));
  }
  void sign(const std::string& no) {
    act(no, v1::ROLE_OFFICER, "370883", [](v1::Command& c) { c.mutable_sign(); });
  }

  /// The night before that day; the days whose lists were asked for, "23 24".
  std::string night(int day_of_november) {
    const auto day = std::chrono::sys_days(std::chrono::year(2026) / 11 / 1) +
                     std::chrono::days(day_of_november - 1);
    clock.set(domain::midnight(day) + 2h, 0);
    const auto before = partner_server.asked.size();
    REQUIRE(run(reconciler().compare_tonight()).value());
    std::string days;
    for (auto at = before; at < partner_server.asked.size(); ++at) {
      const auto& target = partner_server.asked[at].target;
      if (!days.empty()) days += ' ';
      days += target.substr(target.size() - 2);
    }
    return days;
  }

  transfer::partner_link& link() { return *links.all().front(); }
  transfer::reconciler& reconciler() { return *comparing.find("jining-12345"); }

  v1::ReconciliationReport compare(bool repair = false,
                                   std::chrono::year_month_day of = compared_day) {
    auto report = run(reconciler().compare_now(of, repair, {"sun", "核对"}));
    REQUIRE(report);
    return *std::move(report);
  }
  /// "JN1 STATE 0/1", one for each difference.
  static std::vector<std::string> differences(const v1::ReconciliationReport& report) {
    std::vector<std::string> lines;
    for (const auto& one : report.differences()) {
      const auto kind = v1::DifferenceKind_Name(one.kind()).substr(sizeof("DIFFERENCE_KIND"));
      lines.push_back(fmt::format("{} {} {}/{}{}", one.external_no(), kind, one.our_word(),
                                  one.their_word(), one.repair() != 0 ? " resent" : ""));
    }
    return lines;
  }
  /// Versions that wait to be told about a ticket.
  std::vector<std::int64_t> waiting(const std::string& no) {
    std::vector<std::int64_t> versions;
    const auto order = exec("ZRANGE", "{p:jining-12345}:out:" + no + ":order", 0, -1);
    for (const auto& one : order.array()) versions.push_back(std::stoll(std::string(one.string())));
    return versions;
  }

  static constexpr std::chrono::year_month_day compared_day{
      std::chrono::year(2026), std::chrono::month(11), std::chrono::day(23)};

  std::shared_ptr<const domain::province> land = shipped_province();
  std::map<std::string, std::string> lists;  ///< bodies by day
  int status = 200;
  int commands = 0;
  stand_in partner_server;
  runtime::store_access access;
  runtime::store_kit kit;
  transfer::counters_by_partner counters;
  transfer::partner_links links;
  transfer::reconcilers comparing;
};

using lines = std::vector<std::string>;

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

void pulled_by_us(v1::Partner& partner) {
  auto& pull = *partner.mutable_inbound()->mutable_pull();
  pull.set_url("http://127.0.0.1:1/?cursor={cursor}&limit={limit}");
  pull.set_every("5min");
  pull.set_first_cursor("0");
  pull.set_next_cursor("next");
}

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

TEST_CASE("every night is compared once, whoever looks, and tried again where it failed") {
  reconcile_fixture f;
  f.take_in("JN1");
  f.list("2026-11-23", {{"JN1", "0"}});
  const auto tuesday = domain::midnight(std::chrono::sys_days(reconcile_fixture::compared_day) +
                                        std::chrono::days(1));
  transfer::reconcilers other({.context = f.redis.context,
                               .links = f.links,
                               .kit = f.kit,
                               .access = f.access,
                               .secrets = [](std::string_view) { return std::nullopt; },
                               .log = quiet_log()});
  const auto tonight = [&](transfer::reconcilers& who) {
    return f.run(who.find("jining-12345")->compare_tonight()).value();
  };
  f.clock.set(tuesday + 1h + 59min, 0);
  CHECK_FALSE(tonight(f.comparing));
  f.clock.set(tuesday + 2h, 0);
  f.status = 503;
  CHECK(tonight(f.comparing));
  CHECK_FALSE(tonight(f.comparing));
  f.status = 200;
  f.clock.set(tuesday + 3h, 0);
  CHECK(tonight(f.comparing));
  CHECK_FALSE(tonight(other));
  f.clock.set(tuesday + 23h, 0);
  CHECK_FALSE(tonight(f.comparing));
  store::exchange_ledger ledger(*f.redis.client, "jining-12345", f.guard.data_set());
  const auto reports = f.run(ledger.reports(10));
  REQUIRE(reports);
  REQUIRE(reports->size() == 2);
  CHECK(reports->at(0).day() == "2026-11-23");
  CHECK(reports->at(0).agreed() == 1);
  CHECK(reports->at(0).by().empty());
  CHECK_FALSE(reports->at(1).failure().empty());
}

TEST_CASE("what begins to differ days later is found and repaired") {
  reconcile_fixture f;
  const auto no = f.take_in("JN1");
  f.list("2026-11-23", {{"JN1", "0"}});
  CHECK(f.night(24) == "23");
  CHECK(f.night(25) == "24 23");  // it has not ended
  f.sign(no);
  CHECK(f.waiting(no).empty());
  f.night(29);
  CHECK(f.waiting(no).size() == 1);  // the last word
  store::exchange_ledger ledger(*f.redis.client, "jining-12345", f.guard.data_set());
  const auto last = f.run(ledger.reports(1))->at(0);  // what health and alarms look at
  CHECK(last.day() == "2026-11-23");
  CHECK(last.resent() == 1);
}

TEST_CASE("nights that were missed are made up, and nothing before the exchange began is asked") {
  reconcile_fixture f;
  CHECK(f.night(24) == "23");  // yesterday in any case
  f.clock.set(monday + 24h, 0);
  f.take_in("JN1");
  f.list("2026-11-24", {{"JN1", "0"}});
  CHECK(f.night(25) == "24");
  CHECK(f.night(29) == "28 27 26 25 24");
  CHECK(f.night(30) == "29 24");
}

TEST_CASE("no further back than it is configured") {
  reconcile_fixture f([](v1::Partner& partner) { partner.mutable_reconciliation()->set_days(2); });
  f.take_in("JN1");
  f.list("2026-11-23", {{"JN1", "0"}});
  CHECK(f.night(25) == "24 23");
  CHECK(f.night(26) == "25");
}

TEST_CASE("a day that agrees and has ended is not asked again") {
  reconcile_fixture f;
  const auto no = f.take_in("JN1");
  f.act(no, v1::ROLE_OPERATOR, "370000",
        [](v1::Command& c) { c.mutable_withdraw()->set_evidence("录音"); });
  f.list("2026-11-23", {{"JN1", "0"}});
  CHECK(f.night(24) == "23");
  f.list("2026-11-23", {{"JN1", "4"}});
  while (!f.waiting(no).empty()) {
    const store::message_id id{no, f.waiting(no).front()};
    REQUIRE(f.run(f.link().queue.settle(id, "10000", {}, f.clock.now())).value());
  }
  CHECK(f.night(25) == "24 23");
  CHECK(f.night(26) == "25");
}

TEST_CASE("a list that cannot be had is asked for again within the night, the others are not") {
  reconcile_fixture f;
  f.take_in("JN1");
  f.list("2026-11-23", {{"JN1", "0"}});
  f.lists["2026-11-25"] = "<html>";
  CHECK(f.night(27) == "26 25 24 23");
  f.clock.set(f.clock.now() + 1h, 0);
  f.list("2026-11-25", {});
  const auto before = f.partner_server.asked.size();
  CHECK(f.run(f.reconciler().compare_tonight()).value());
  REQUIRE(f.partner_server.asked.size() == before + 1);
  CHECK(f.partner_server.asked.back().target.ends_with("25"));
}

TEST_CASE("a partner that is out of order is not asked for every day of the month") {
  reconcile_fixture f;
  f.take_in("JN1");
  f.status = 503;
  CHECK(f.night(30) == "29 28 27");
  f.status = 200;
  f.list("2026-11-23", {{"JN1", "0"}});
  f.clock.set(f.clock.now() + 1h, 0);
  const auto before = f.partner_server.asked.size();
  CHECK(f.run(f.reconciler().compare_tonight()).value());
  CHECK(f.partner_server.asked.size() == before + 7);
}

TEST_CASE(
    "what was told is forgotten half a year after the ticket was archived, in the small hours") {
  reconcile_fixture f;
  store::exchange_ledger ledger(*f.redis.client, "jining-12345", f.guard.data_set());
  const auto open = f.take_in("JN1");
  ticket_shape shape;
  shape.no = "3708-20261123-00777";
  auto archived = new_ticket(shape);
  archived.ticket.set_state(v1::STATE_ARCHIVED);
  archived.events.back().mutable_change()->set_state(v1::STATE_ARCHIVED);
  f.commit(nullptr, archived);
  f.receive("JN2", shape.no);
  transfer::memory_keeper memory(ledger, *f.tickets);
  const auto remembered = [&](const char* number) {
    return f.run(ledger.look_up({number}))->front().remembered;
  };
  const auto midnight = domain::midnight(domain::civil_date(monday + transfer::remembered_for));
  CHECK(f.run(memory.tidy(midnight + 3h)).value() == 0);   // not half a year yet
  CHECK(f.run(memory.tidy(midnight + 26h)).value() == 0);  // not the hour for it
  CHECK(remembered("JN2") == 1);
  CHECK(f.run(memory.tidy(midnight + 27h)).value() == 1);
  CHECK(remembered("JN2") == 0);
  CHECK(remembered("JN1") == 1);  // open, however long
}

TEST_CASE("health is written when it has changed") {
  reconcile_fixture f;
  store::exchange_ledger ledger(*f.redis.client, "jining-12345", f.guard.data_set());
  auto& counted = f.counters.find("jining-12345")->second;
  transfer::health_keeper keeper(ledger, counted, quiet_log());
  f.run(keeper.keep());
  CHECK(f.exec("EXISTS", "{p:jining-12345}:health").integer() == 0);
  counted.failures_in_row = 3;
  counted.last_failure_at = to_unix_ms(monday);
  counted.last_failure.set("HTTP 503");
  f.run(keeper.keep());
  const auto health = f.run(ledger.health());
  REQUIRE(health);
  CHECK(health->failures_in_row() == 3);
  CHECK(health->last_failure() == "HTTP 503");
  f.exec("DEL", "{p:jining-12345}:health");
  f.run(keeper.keep());  // nothing has changed
  CHECK(f.exec("EXISTS", "{p:jining-12345}:health").integer() == 0);
}

TEST_CASE("a process that begins anew knows what failed before it, and that nothing fails now") {
  reconcile_fixture f;
  store::exchange_ledger ledger(*f.redis.client, "jining-12345", f.guard.data_set());
  REQUIRE(f.run(ledger.put_signs({to_unix_ms(monday), "HTTP 503", 9, to_unix_ms(monday + 1h)})));
  transfer::health_keeper keeper(ledger, f.counters.find("jining-12345")->second, quiet_log());
  f.run(keeper.keep());
  const auto health = f.run(ledger.health());
  REQUIRE(health);
  CHECK(health->last_failure() == "HTTP 503");
  CHECK(health->last_failure_at() == to_unix_ms(monday));
  CHECK(health->failures_in_row() == 0);
  CHECK(health->breaker_until_at() == 0);
}

}  // namespace
}  // namespace hotline::test
