// Both sides of an exchange: a real Redis, and a partner that lists what it likes.
#pragma once

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <algorithm>
#include <map>
#include <string>

#include "common/domain/civil.hpp"
#include "common/runtime/config_loader.hpp"
#include "services/transfer/reconciler.hpp"
#include "services/transfer/reconcilers.hpp"
#include "tests/store/store_fixture.hpp"
#include "tests/unit/transfer/stand_in.hpp"

namespace hotline::test {

using namespace std::chrono_literals;

inline const v1::Partner& shipped_partner() {
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

}  // namespace hotline::test
