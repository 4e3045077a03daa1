// A partner whose CREATE cannot be taken in hears that it is refused, through kills and mischief,
// and may send it again.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <string>
#include <vector>

#include "tests/system/exchange_world.hpp"

namespace hotline::test {
namespace {

constexpr int items_count = 12;

std::vector<std::string> numbers() {
  std::vector<std::string> made;
  for (int i = 0; i < items_count; ++i) made.push_back(fmt::format("JN-{:06}", i));
  return made;
}

v1::PartnerEvent create_of(const std::string& number, bool whole) {
  plot p;
  p.partner = "jining-12345";
  p.external_no = number;
  p.where = {"370883", "邹城市", "济宁市邹城市"};
  auto made = create_of(p);
  if (!whole) made.mutable_intake()->mutable_matter()->clear_content();
  return made;
}

std::vector<std::string> review_ids(exchange_world& world) {
  std::vector<std::string> ids;
  const auto page = world.get("/v1/partners/jining-12345/reviews?limit=200", city_dispatcher);
  if (page.status != 200) return ids;
  const auto* all = page.body.as_object().if_contains("reviews");
  if (all == nullptr) return ids;
  for (const auto& one : all->as_array())
    ids.emplace_back(one.as_object().at("id").as_string().c_str());
  return ids;
}

/// One whose answer is lost is gone when it is asked for again.
void refuse(exchange_world& world, const std::string& id) {
  const auto done =
      world.post(fmt::format("/v1/partners/jining-12345/reviews/{}:resolve", id), city_dispatcher,
                 R"({"how":"REVIEW_DECISION_DISMISS","reason":"缺少诉求内容",
                "tell_partner":"TELL_PARTNER_YES","refusal":"ITEM_REFUSAL_INCOMPLETE"})");
  CAPTURE(boost::json::serialize(done.body));
  CHECK((done.status == 200 || done.status == 404));
}

bool told_once(const ledger& books, v1::PartnerEventKind kind, const std::string& number) {
  const auto found = books.tickets().find(number);
  return found != books.tickets().end() && found->second.count_told(kind) == 1;
}

TEST_CASE("every CREATE that is refused is told once; what comes again whole becomes a ticket") {
  exchange_world world({.seed = 11, .mischief = 0.3, .repetition = 0.1});
  world.start();
  auto& city = world.city();
  for (const auto& number : numbers()) city.say(create_of(number, false));
  world.settle("all of them wait for a person",
               [&] { return review_ids(world).size() == items_count; });

  city.set_outage(true);
  const auto ids = review_ids(world);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    refuse(world, ids[i]);
    if (i == ids.size() / 2) world.kill_server();
  }
  CHECK(world.left_of(city).reviews == 0);
  CHECK(world.left_of(city).sending == items_count);
  // One comes again, whole, before its refusal is heard: it must not be heard behind the new one.
  const auto again = numbers().front();
  city.say(create_of(again, true));
  world.settle("it is taken in", [&] { return city.work().idle; });
  city.set_outage(false);

  world.settle("every refusal is heard, and the ticket accepted", [&] {
    return city.look([&](const ledger& books) {
      const auto all = numbers();
      return std::ranges::all_of(all,
                                 [&](const std::string& number) {
                                   return told_once(books, v1::PARTNER_EVENT_KIND_REFUSE, number);
                                 }) &&
             told_once(books, v1::PARTNER_EVENT_KIND_ACCEPT, again) &&
             told_once(books, v1::PARTNER_EVENT_KIND_PROGRESS, again);
    });
  });
  city.look([&](const ledger& books) {
    for (const auto& words : books.breaches()) FAIL_CHECK(words);
    for (const auto& number : numbers()) {
      CAPTURE(number);
      const auto& entry = books.tickets().at(number);
      const auto& refused = entry.told.front();
      CHECK(refused.kind() == v1::PARTNER_EVENT_KIND_REFUSE);
      CHECK(refused.reason_code() == "ITEM_REFUSAL_INCOMPLETE");
      CHECK(refused.text() == "缺少诉求内容");
      CHECK(entry.state == (number == again ? "0" : "3"));
    }
    return 0;
  });
  // An answer of theirs that was lost is asked for again.
  world.settle("nothing is on its way", [&] { return world.left_of(city).sending == 0; });
  const auto left = world.left_of(city);
  CHECK(left.dead_letters == 0);
  CHECK(left.reviews == 0);

  world.next_day(9);
  answer report;
  world.settle("the list can be had", [&] {
    report = world.post("/v1/partners/jining-12345:reconcile", supervisor_of_province,
                        R"({"day":"2026-11-25","reason":"系统测试对账"})");
    return report.status == 200 && report.text("failure").empty();
  });
  CAPTURE(boost::json::serialize(report.body));
  CHECK(report.text("listed") == std::to_string(items_count));
  CHECK(report.text("agreed") == std::to_string(items_count));
  world.verify();
}

TEST_CASE("what they could not be told is listed, shown and sent again on the command line") {
  const auto declines = [](const v1::PartnerEvent& told) { return told.text() == "缺少诉求内容"; };
  exchange_world world({.seed = 5, .mischief = 0, .repetition = 0, .city_declines = declines});
  world.start();
  auto& city = world.city();
  const std::string number = "JN-000001";
  city.say(create_of(number, false));
  world.settle("it waits for a person", [&] { return review_ids(world).size() == 1; });
  refuse(world, review_ids(world).front());
  world.settle("they do not take the refusal",
               [&] { return world.left_of(city).dead_letters == 1; });

  const auto listed = world.tool({"partner", "letters", "jining-12345"});
  CHECK(listed.code == 0);
  const auto end = listed.output.find(".-999");
  REQUIRE(end != std::string::npos);
  const auto begin = listed.output.rfind("3708-", end);
  const auto id = listed.output.substr(begin, end + std::string(".-999").size() - begin);
  CHECK(listed.output.find(number) != std::string::npos);
  const auto shown = world.tool({"partner", "letters", "jining-12345", id});
  CHECK(shown.code == 0);
  CHECK(shown.output.find("缺少诉求内容") != std::string::npos);
  CHECK(shown.output.find("内容不全") != std::string::npos);

  const auto resend = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"partner", "letters", "jining-12345", id, "--resend"};
    words.insert(words.end(), more.begin(), more.end());
    return world.tool(std::move(words)).code;
  };
  CHECK(resend({}) == 2);                                                    // no reason
  CHECK(resend({"--reason", "改文字", "--text", "电话 138****0001"}) == 2);  // masked
  CHECK(world.tool({"partner", "letters", "jining-12345", "3708-20261125-00099.1"}).code == 1);
  CHECK(world.left_of(city).dead_letters == 1);
  CHECK(resend({"--reason", "改文字", "--text", "请补充后重新派单"}) == 0);
  CHECK(resend({"--reason", "再一次"}) == 1);
  world.settle("they have heard it", [&] {
    return city.look([&](const ledger& books) {
      return told_once(books, v1::PARTNER_EVENT_KIND_REFUSE, number);
    });
  });
  CHECK(city.look([&](const ledger& books) {
    return books.tickets().at(number).told.front().text();
  }) == "请补充后重新派单");
  const auto record = world.tool({"audit", "list"});
  CHECK(record.output.find("letter.read") != std::string::npos);
  CHECK(record.output.find("letter.resend") != std::string::npos);
}

}  // namespace
}  // namespace hotline::test
