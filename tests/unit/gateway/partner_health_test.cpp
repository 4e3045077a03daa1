// How the exchange goes, over the API: who may look, who may compare, and what is on record.
#include <boost/json/array.hpp>

#include "common/store/exchange_feed.hpp"
#include "common/store/exchange_ledger.hpp"
#include "common/store/exchange_queue.hpp"
#include "services/gateway/partner_health.hpp"
#include "tests/unit/gateway/cast.hpp"

namespace hotline::gateway {
namespace {

const sender dispatcher_of_jining{"ROLE_DISPATCHER", "370800", "zhao"};
const sender administrator_of_jining{"ROLE_ADMINISTRATOR", "370800", "jin"};
const sender supervisor_of_province{"ROLE_SUPERVISOR", "370000", "lu"};

struct partner_fixture : gateway_fixture {
  partner_fixture() {
    partner_health = std::make_unique<partner_health_parts>(partner_health_parts{
        .partners = {{"jining-12345", "济宁市12345热线", "p-12345-370800", {"弱签名"}, true},
                     {"shandong-12345", "山东省12345热线", "p-12345-370000", {}, false}},
        .redis = *redis.client,
        .data_set = data_set(),
        .compare = [this](std::string name, std::chrono::year_month_day day, bool repair,
                          std::string by, std::string reason) {
          return compare(std::move(name), day, repair, std::move(by), std::move(reason));
        }});
    renew_feed();
    REQUIRE(redis.run(feed_of_jining.adopt()));
  }
  ~partner_fixture() { stop_feed(); }

  boost::asio::awaitable<result<v1::ReconciliationReport>> compare(std::string name,
                                                                   std::chrono::year_month_day day,
                                                                   bool repair, std::string by,
                                                                   std::string reason) {
    CHECK(name == "jining-12345");
    v1::ReconciliationReport report;
    report.set_day(
        fmt::format("{}-{}", static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day())));
    report.set_by(std::move(by));
    report.set_reason(std::move(reason));
    report.set_resent(repair ? 1 : 0);
    report.set_agreed(3);
    const auto kept = co_await ledger.keep(report);
    if (!kept) co_return pass(kept);
    co_return report;
  }

  std::vector<std::string> names(const sender& who) {
    const auto answer = get(who, "/v1/partners");
    CHECK(answer.status == 200);
    std::vector<std::string> found;
    const auto body = parse(answer);
    const auto* const list = body.as_object().if_contains("partners");
    if (list == nullptr) return found;
    for (const auto& one : list->as_array()) {
      found.emplace_back(one.as_object().at("name").as_string());
    }
    return found;
  }

  store::exchange_vault exchange_keys{test::keys_for_tests()};
  store::exchange_feed feed_of_jining{*redis.client, exchange_keys, "jining-12345", data_set()};
  store::exchange_queue queue_of_jining{*redis.client, exchange_keys, "jining-12345", data_set()};
  store::exchange_ledger ledger{*redis.client, "jining-12345", data_set()};
};

using names = std::vector<std::string>;

TEST_CASE("partners are listed to those whose part of the tree they hang in") {
  partner_fixture f;
  const names both{"jining-12345", "shandong-12345"};
  CHECK(f.names(supervisor_of_province) == both);
  CHECK(f.names(administrator) == both);
  CHECK(f.names(dispatcher_of_jining) == names{"jining-12345"});
  CHECK(f.names(administrator_of_jining) == names{"jining-12345"});
  CHECK(f.names({"ROLE_SUPERVISOR", "370200", "qing"}).empty());
  for (const sender& who : {officer_of_zoucheng, operator_of_province, auditor, security}) {
    CAPTURE(who.role);
    CHECK(f.get(who, "/v1/partners").status == 403);
  }
}

TEST_CASE("a partner one may not look at is answered like one that does not exist") {
  partner_fixture f;
  const auto none = f.get(dispatcher_of_jining, "/v1/partners/nobody");
  CHECK(none.status == 404);
  for (const char* tail : {"", "/reconciliations"}) {
    const auto hidden =
        f.get(dispatcher_of_jining, fmt::format("/v1/partners/shandong-12345{}", tail));
    CHECK(hidden.status == 404);
    CHECK(text_at(hidden, "code") == text_at(none, "code"));
    CHECK(f.get(officer_of_zoucheng, fmt::format("/v1/partners/jining-12345{}", tail)).status ==
          404);
  }
}

TEST_CASE("health shows what waits") {
  partner_fixture f;
  REQUIRE(f.redis.run(f.queue_of_jining.put({"3708-20261123-00001", 1}, {}, f.clock.now())));
  REQUIRE(f.redis.run(f.ledger.put_signs({to_unix_ms(f.clock.now()), "HTTP 503", 4, 0})));
  const auto answer = f.get(dispatcher_of_jining, "/v1/partners/jining-12345");
  CHECK(answer.status == 200);
  CHECK(text_at(answer, "title") == "济宁市12345热线");
  CHECK(text_at(answer, "last_failure") == "HTTP 503");
  CHECK(number_at(answer, "failures_in_row") == 4);
  CHECK(number_at(answer, "unsent") == 1);
  CHECK(text_at(answer, "unsent_since_at") == "2026-11-23T09:00:00.000+08:00");
  CHECK(parse(answer).at("warnings").as_array().at(0).as_string() == "弱签名");
}

TEST_CASE("comparing takes a right, a reason and a day that is over, and is on record") {
  partner_fixture f;
  const std::string target = "/v1/partners/jining-12345:reconcile";
  const auto done = f.post(dispatcher_of_jining, target,
                           R"({"day":"2026-11-20","repair":true,"reason":"对方反映缺单"})");
  CHECK(done.status == 200);
  CHECK(text_at(done, "day") == "11-20");
  CHECK(text_at(done, "by") == "zhao");
  CHECK(number_at(done, "resent") == 1);
  const auto records = f.redis.run(f.audit().page(std::nullopt, 10));
  REQUIRE(records);
  REQUIRE_FALSE(records->records.empty());
  const auto& record = records->records.front().record;
  CHECK(record.action() == "partner.reconcile");
  CHECK(record.object() == "jining-12345");
  CHECK(record.actor().user() == "zhao");
  CHECK(record.reason() == "对方反映缺单");
  CHECK(record.detail() == "day 2026-11-20, repair");
  const auto page = f.get(dispatcher_of_jining, "/v1/partners/jining-12345/reconciliations");
  CHECK(parse(page).at("reports").as_array().size() == 1);

  const auto yesterday = f.post(dispatcher_of_jining, target, R"({"reason":"核对"})");
  CHECK(text_at(yesterday, "day") == "11-22");
}

TEST_CASE("what may not or cannot be compared is refused, and nothing is on record") {
  partner_fixture f;
  const std::string target = "/v1/partners/jining-12345:reconcile";
  const auto status = [&](const sender& who, std::string_view body, const std::string& to) {
    return f.post(who, to, body).status;
  };
  CHECK(status(administrator_of_jining, R"({"reason":"核对"})", target) == 403);
  CHECK(status(officer_of_zoucheng, R"({"reason":"核对"})", target) == 404);
  CHECK(status(dispatcher_of_jining, R"({"reason":"核对"})", "/v1/partners/nobody:reconcile") ==
        404);
  CHECK(status(dispatcher_of_jining, "{}", target) == 422);
  CHECK(status(dispatcher_of_jining, R"({"reason":"核对","day":"2026-11-23"})", target) == 422);
  CHECK(status(dispatcher_of_jining, R"({"reason":"核对","day":"昨天"})", target) == 422);
  CHECK(status(dispatcher_of_jining, R"({"reason":"核对","days":1})", target) == 400);
  const auto without = f.post(supervisor_of_province, "/v1/partners/shandong-12345:reconcile",
                              R"({"reason":"核对"})");
  CHECK(without.status == 409);
  CHECK(text_at(without, "code") == "partner_without_list");
  const auto records = f.redis.run(f.audit().page(std::nullopt, 10));
  REQUIRE(records);
  for (const auto& one : records->records) CHECK(one.record.action() != "partner.reconcile");
  CHECK(f.redis.run(f.ledger.reports(10))->empty());
}

}  // namespace
}  // namespace hotline::gateway
