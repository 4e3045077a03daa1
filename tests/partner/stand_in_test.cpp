// The stand-in itself: what the hotline's side writes it reads, what it writes the hotline's side
// reads, and it misbehaves as its seed says.
#include "tests/partner/stand_in.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <set>

#include "common/domain/province.hpp"
#include "common/exchange/partner.hpp"
#include "common/exchange/read_message.hpp"
#include "common/exchange/write_message.hpp"
#include "common/net/http_client.hpp"
#include "common/runtime/config_loader.hpp"
#include "tests/partner/mirror.hpp"
#include "tests/partner/mischief.hpp"
#include "tests/partner/outbox.hpp"
#include "tests/partner/partner_door.hpp"
#include "tests/support/run_coro.hpp"

namespace hotline::test {
namespace {

const instant morning = from_unix_ms(1795654800000);  // 2026-11-26 09:00 +08:00

struct province {
  v1::HotlineConfig config = *runtime::load_config(HOTLINE_CONFIG_DIR);
  domain::province land = *domain::build_province(config);
};

const province& shipped() {
  static const province all;
  return all;
}

const v1::Partner& partner_called(std::string_view name) {
  for (const auto& one : shipped().config.partners())
    if (one.name() == name) return one;
  throw std::runtime_error("no such partner");
}

v1::PartnerEvent matter(const std::string& number) {
  v1::PartnerEvent event;
  event.set_kind(v1::PARTNER_EVENT_KIND_CREATE);
  event.set_external_no(number);
  event.set_occurred_at(to_unix_ms(morning));
  auto& intake = *event.mutable_intake();
  intake.set_title("工地拖欠工资");
  intake.mutable_caller()->set_name("张㙍");
  intake.mutable_caller()->set_phone("13805370001");
  auto& matter = *intake.mutable_matter();
  matter.set_kind(v1::KIND_COMPLAINT);
  matter.set_category("wages.arrears");
  matter.set_content("拖欠三个月工资");
  return event;
}

v1::PartnerEvent told_progress(const std::string& number, int version) {
  v1::PartnerEvent event;
  event.set_kind(v1::PARTNER_EVENT_KIND_PROGRESS);
  event.set_external_no(number);
  event.set_ticket_no("3708-20261126-00001");
  event.set_serial("3708-20261126-00001:" + std::to_string(version));
  event.set_sequence(version);
  event.set_occurred_at(to_unix_ms(morning));
  event.set_text("正在核实");
  event.set_state("1");
  return event;
}

/// The hotline's side, as far as a test of the stand-in needs it.
class hotline_side {
 public:
  explicit hotline_side(const stand_in& other)
      : partner_(*exchange::partner::compile(other.config(), shipped().land)) {}

  result<net::response> tell(const v1::PartnerEvent& event) {
    const auto& out = partner_.config().outbound();
    const auto message = exchange::write_message(partner_, event);
    REQUIRE(message.has_value());
    const auto target = out.url().substr(out.url().find('/', 8));
    auto headers = exchange::sign(
        out.signature(), [](std::string_view file) { return stand_in::secret_of(file); }, "POST",
        target, message->body, morning, "nonce-of-test-" + std::to_string(++nonces_));
    headers.emplace_back("Message-Id", event.serial());
    return send(net::method::post, target, headers, message->body);
  }

  result<net::response> send(net::method verb, const std::string& target,
                             const net::field_list& headers, const std::string& body) {
    const auto& url = partner_.config().outbound().url();
    const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    net::http_client http(context_, "127.0.0.1", port);
    return run_coro(context_, http.send(verb, target, headers, body, std::chrono::seconds(5)));
  }

  const exchange::partner& partner() const { return partner_; }

 private:
  exchange::partner partner_;
  boost::asio::io_context context_{1};
  int nonces_ = 0;
};

TEST_CASE("what it says is read as it was meant, in JSON and in XML of GB18030") {
  for (const auto* name : {"jining-12345", "shandong-12345", "legal-aid-12348"}) {
    CAPTURE(name);
    const auto& config = partner_called(name);
    const partner_tongue tongue(config, shipped().land, {});
    auto said = matter("P-1");
    said.set_serial("P-1-1");
    said.mutable_intake()->mutable_matter()->set_region(
        config.name() == "jining-12345" ? "370883" : "济宁市邹城市");
    const std::vector events(tongue.holds_several() ? 2 : 1, said);
    const auto ours = exchange::partner::compile(config, shipped().land);
    const auto read = exchange::read_message(*ours, tongue.write(events));
    REQUIRE(read.has_value());
    REQUIRE(read->size() == events.size());
    const auto& event = read->back().event;
    REQUIRE(event.has_value());
    CHECK(event->external_no() == "P-1");
    CHECK(event->serial() == "P-1-1");
    CHECK(event->intake().caller().name() == "张㙍");
    CHECK(event->intake().matter().region() == "370883");
  }
}

TEST_CASE("what it is told is in its books, once; another content under one name is a breach") {
  stand_in other(partner_called("jining-12345"), shipped().land, morning, {});
  hotline_side hotline(other);
  other.say(matter("P-1"));
  for (const int version : {2, 2, 5}) {
    const auto got = hotline.tell(told_progress("P-1", version));
    REQUIRE(got.has_value());
    CHECK(exchange::read_answer(hotline.partner(), got->status, got->body).outcome ==
          exchange::partner_answer::verdict::accepted);
  }
  other.look([](const ledger& books) {
    CHECK(books.tickets().at("P-1").told.size() == 2);
    CHECK(books.tickets().at("P-1").state == "1");
    CHECK(books.repetitions() == 1);
    CHECK(books.breaches().empty());
    return 0;
  });
  auto changed = told_progress("P-1", 5);
  changed.set_text("别的内容");
  CHECK(hotline.tell(changed).has_value());
  CHECK(hotline.tell(told_progress("P-1", 3)).has_value());  // behind what it knows
  CHECK(other.look([](const ledger& books) { return books.breaches().size(); }) == 2);
}

TEST_CASE("a message that is not signed as agreed is not taken") {
  stand_in other(partner_called("jining-12345"), shipped().land, morning, {});
  hotline_side hotline(other);
  const auto got = hotline.send(net::method::post, "/api/union/feedback",
                                {{"Message-Id", "x:1"}, {"X-Signature", "00"}}, "{}");
  REQUIRE(got.has_value());
  CHECK(got->status == 401);
  CHECK(other.look([](const ledger& books) { return books.messages(); }) == 0);
}

TEST_CASE("it gives pages with a cursor, and the list of a day") {
  stand_in xml(partner_called("shandong-12345"), shipped().land, morning, {});
  hotline_side hotline(xml);
  for (int i = 0; i < 3; ++i) xml.say(matter("S-" + std::to_string(i)));
  const auto page =
      hotline.send(net::method::get, "/exchange?service=query&cursor=0&limit=2", {}, {});
  REQUIRE(page.has_value());
  const auto read = exchange::read_message(hotline.partner(), page->body);
  REQUIRE(read.has_value());
  CHECK(read->size() == 2);
  CHECK(exchange::read_page(hotline.partner(), page->body)->next_cursor == "2");
  const auto last =
      hotline.send(net::method::get, "/exchange?service=query&cursor=3&limit=2", {}, {});
  REQUIRE(last.has_value());
  const auto nothing = exchange::read_message(hotline.partner(), last->body);
  REQUIRE(nothing.has_value());
  CHECK(nothing->empty());
  CHECK(xml.work().idle);

  stand_in json(partner_called("jining-12345"), shipped().land, morning, {});
  hotline_side asking(json);
  json.say(matter("P-1"));
  const auto list = asking.send(net::method::get, "/api/union/list?day=2026-11-26", {}, {});
  REQUIRE(list.has_value());
  const auto listed = exchange::read_list(asking.partner(), list->body);
  REQUIRE(listed.has_value());
  REQUIRE(listed->size() == 1);
  CHECK(listed->front().external_no == "P-1");
}

TEST_CASE("it misbehaves in every way, the same way in every run, and in the end not at all") {
  const mischief_source one(7, 0.5, 3);
  const mischief_source same(7, 0.5, 3);
  const mischief_source other(8, 0.5, 3);
  std::set<mischief> seen;
  int differs = 0;
  for (int i = 0; i < 500; ++i) {
    const auto name = std::to_string(i);
    for (int attempt = 0; attempt < 3; ++attempt) {
      const auto how = one.for_message(name, attempt);
      CHECK(how == same.for_message(name, attempt));
      differs += how != other.for_message(name, attempt) ? 1 : 0;
      seen.insert(how);
    }
    CHECK(one.for_message(name, 3) == mischief::none);
  }
  CHECK(seen.size() == 12);
  CHECK(differs > 300);
}

TEST_CASE("whatever it does to a message, told until accepted it is in the books once") {
  stand_in_options rude;
  rude.mischief = 0.9;
  rude.late = std::chrono::milliseconds(1);
  stand_in other(partner_called("jining-12345"), shipped().land, morning, rude);
  hotline_side hotline(other);
  other.say(matter("P-1"));
  int unanswered = 0;
  for (int version = 1; version <= 40; ++version) {
    for (bool accepted = false; !accepted;) {
      const auto got = hotline.tell(told_progress("P-1", version));
      unanswered += got ? 0 : 1;
      accepted = got && exchange::read_answer(hotline.partner(), got->status, got->body).outcome ==
                            exchange::partner_answer::verdict::accepted;
    }
  }
  CHECK(unanswered > 0);  // answers that were cut
  CHECK(other.look([](const ledger& books) { return books.tickets().at("P-1").told.size(); }) ==
        40);
  CHECK(other.look([](const ledger& books) { return books.breaches().size(); }) == 0);
  CHECK(other.look([](const ledger& books) { return books.repetitions(); }) > 0);
}

TEST_CASE(
    "a partner that does not count keeps the order of each ticket; one that counts does not") {
  const mischief_source choices(5, 0, 0);
  for (const bool counts : {false, true}) {
    CAPTURE(counts);
    outbox out(counts, 1, choices);
    std::vector<std::string> order;
    for (int i = 0; i < 20; ++i) {
      v1::PartnerEvent event;
      event.set_external_no(i % 2 == 0 ? "a" : "b");
      event.set_serial(std::to_string(i));
      out.add(event);
    }
    while (!out.empty()) {
      const auto first = out.take();
      const auto second = out.take();  // while the first is on its way
      if (!counts && !second.empty()) CHECK(first[0].external_no() != second[0].external_no());
      for (const auto& events : {first, second}) {
        for (const auto& event : events) order.push_back(event.serial());
        out.done(events);
      }
    }
    REQUIRE(order.size() == 20);
    CHECK(std::ranges::is_sorted(order, {}, [](const auto& s) { return std::stoi(s); }) != counts);
  }
}

}  // namespace
}  // namespace hotline::test
