// Days of exchange with partners that misbehave, and servers that die in the middle: at the end
// both sides agree on every ticket.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <stdlib.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <map>
#include <string>
#include <vector>

#include "common/crypto/digest.hpp"
#include "tests/partner/partner_door.hpp"
#include "tests/system/exchange_world.hpp"

namespace hotline::test {
namespace {

namespace json = boost::json;

constexpr int tickets_by_default = 200;
constexpr std::chrono::milliseconds per_ticket{60};  ///< allowed for each step of a run

/// HOTLINE_EXCHANGE_TICKETS: how many tickets; ten thousand take some minutes.
int tickets_wanted() {
  const char* given = ::getenv("HOTLINE_EXCHANGE_TICKETS");
  return given ? std::max(20, std::atoi(given)) : tickets_by_default;
}

actor officer_of(const std::string& unit) { return {"o-" + unit, unit, "ROLE_OFFICER"}; }
actor lead_of(const std::string& unit) { return {"l-" + unit, unit, "ROLE_LEAD"}; }
const actor reviewer{"r-370800", "370800", "ROLE_SUPERVISOR"};
const actor dispatcher_of_province{"d-370000", "370000", "ROLE_DISPATCHER"};

/// A caller of ours who wants legal aid and agrees to be named to it.
std::string create_for_legal_aid(exchange_world& world, story kind, const std::string& unit) {
  const auto made = world.post("/v1/tickets", operator_of_province,
                               fmt::format(R"({{"intake":{{"source":"SOURCE_PHONE",
            "caller":{{"name":"王师傅","phone":"13800001234","consent_to_share":true}},
            "matter":{{"kind":"KIND_COMPLAINT","category":"wages.arrears","content":"{}",
                       "region":"{}"}}}}}})",
                                           words_for_legal_aid(kind), unit));
  REQUIRE(made.status == 201);
  return made.text("ticket_no");
}

void transfer_out(exchange_world& world, const std::string& no, const std::string& unit,
                  const std::string& reason) {
  world.command(no, "transfer-out", dispatcher_of_province,
                fmt::format(R"({{"partner":"{}","reason":"{}"}})", unit, reason));
}

bool wants_time(exchange_world& world, const std::string& no) {
  const auto ticket = world.ticket(no);
  const auto* requests = ticket.if_contains("requests");
  if (requests == nullptr) return false;
  return std::ranges::any_of(requests->as_array(), [](const boost::json::value& one) {
    return one.at("kind") == "REQUEST_KIND_PARTNER_EXTENSION" &&
           one.at("state") == "REQUEST_STATE_OPEN";
  });
}

void grant_time(exchange_world& world, const std::string& no) {
  world.command(no, "decide-partner-extension", dispatcher_of_province, R"({"grant":true})");
}

/// Nothing is on the way any more, and nobody has to look at anything.
void nothing_left(exchange_world& world, const stand_in& partner) {
  const auto left = world.left_of(partner);
  CHECK(left.waiting == 0);
  CHECK(left.sending == 0);
  CHECK(left.dead_letters == 0);
  CHECK(left.reviews == 0);
  CHECK(left.files == 0);
}

void no_breaches(stand_in& partner) {
  for (const auto& words : partner.look([](const ledger& books) { return books.breaches(); }))
    FAIL_CHECK(words);
}

/// A run of many tickets, in steps of a day.
class exchange_days {
 public:
  exchange_days(exchange_world& world, int tickets) : world_(world), plots_(plots_of(tickets)) {
    world_.set_limit(std::chrono::seconds(60) +
                     std::chrono::duration_cast<std::chrono::seconds>(per_ticket * tickets));
  }

  void run() {
    world_.start();
    open();
    world_.next_day(9);
    take_on();
    world_.next_day(9);
    press();
    world_.next_day(9);
    finish();
    world_.next_day(9);
    finish_again();
    agree();
  }

 private:
  /// The tickets with this story, or all.
  template <class F>
  void each(F f) {
    for (auto& p : plots_) f(p);
  }

  /// Whether for all of these tickets it is so in the books of their partner.
  bool books_say(const std::function<bool(const plot&)>& whose,
                 const std::function<bool(const plot&, const book_entry&)>& so) {
    return std::ranges::all_of(world_.all(), [&](stand_in* one) {
      return one->look([&](const ledger& books) {
        return std::ranges::all_of(plots_, [&](const plot& p) {
          if (&world_.of(p.partner) != one || !whose(p)) return true;
          const auto found = books.tickets().find(p.external_no);
          return found != books.tickets().end() && so(p, found->second);
        });
      });
    });
  }

  void idle(const std::string& what) {
    world_.settle(what, [&] {
      return std::ranges::all_of(world_.all(), [](stand_in* one) { return one->work().idle; });
    });
  }

  /// Day 1: everybody's tickets, while the server is killed once.
  void open() {
    each([&](const plot& p) {
      if (p.is_from_partner()) world_.of(p.partner).say(create_of(p));
    });
    world_.settle("half of the tickets are known", [&] { return known() * 2 > from_partners(); });
    world_.kill_server();
    each([&](plot& p) {
      if (!p.is_from_partner()) p.ticket_no = create_for_legal_aid(world_, p.kind, p.where.unit);
    });
    world_.settle("every ticket is dispatched", [&] {
      return books_say(&plot::is_from_partner, [](const plot&, const book_entry& entry) {
        return entry.was_told(v1::PARTNER_EVENT_KIND_ACCEPT) &&
               entry.was_told(v1::PARTNER_EVENT_KIND_PROGRESS);
      });
    });
    learn_numbers();
  }

  std::ptrdiff_t from_partners() { return std::ranges::count_if(plots_, &plot::is_from_partner); }

  std::ptrdiff_t known() {
    std::ptrdiff_t count = 0;
    for (auto* one : world_.all())
      count += one->look([](const ledger& books) {
        return std::ranges::count_if(books.tickets(),
                                     [](const auto& one) { return !one.second.ticket_no.empty(); });
      });
    return count;
  }

  void learn_numbers() {
    for (auto& p : plots_) {
      if (!p.is_from_partner()) continue;
      p.ticket_no = world_.of(p.partner).look(
          [&](const ledger& books) { return books.tickets().at(p.external_no).ticket_no; });
    }
  }

  /// Day 2: the counties sign; what is no union's matter goes back; some is given to legal aid.
  void take_on() {
    each([&](plot& p) {
      switch (p.kind) {
        case story::handed_back:
          transfer_out(world_, p.ticket_no, "p-12345-370800", "非工会职责");
          break;
        case story::granted:
        case story::refused:
        case story::declined: transfer_out(world_, p.ticket_no, "p-12348", "申请法律援助"); break;
        default: sign(p);
      }
    });
    const auto granted = [](const plot& p) { return p.kind == story::granted; };
    world_.settle("legal aid has asked for time", [&] {
      return std::ranges::all_of(
          plots_, [&](const plot& p) { return !granted(p) || wants_time(world_, p.ticket_no); });
    });
    each([&](const plot& p) {
      if (granted(p)) grant_time(world_, p.ticket_no);
    });
    world_.settle("what was given away is answered", [&] {
      return std::ranges::all_of(
          plots_, [&](const plot& p) { return p.is_from_partner() || is_answered(p); });
    });
  }

  bool is_answered(const plot& p) {
    return world_.ticket(p.ticket_no).at("state").as_string() != "STATE_TRANSFERRED";
  }

  void sign(const plot& p) {
    const auto& unit = p.where.unit;
    world_.command(p.ticket_no, "sign", officer_of(unit));
    world_.command(
        p.ticket_no, "record-contact", officer_of(unit),
        fmt::format(
            R"({{"number":"13800001234","contacted_at":"{}","reached":true,"result":"已核实"}})",
            world_.get("/v1/clock").text("now")));
    if (p.kind != story::extended) return;
    world_.command(p.ticket_no, "request-extension", lead_of(unit),
                   R"({"days":3,"reason":"需与用人单位协商","caller_told":true})");
    world_.command(p.ticket_no, "decide-extension", reviewer, R"({"grant":true})");
  }

  /// Day 3: what the partners have to add, while Redis is killed once.
  void press() {
    each([&](const plot& p) {
      if (!p.is_from_partner()) return;
      for (auto& event : pressure_of(p)) world_.of(p.partner).say(std::move(event));
    });
    world_.kill_redis();
    idle("what the partners add is taken");
    world_.settle("what was taken back has ended", [&] {
      return std::ranges::all_of(plots_, [&](const plot& p) {
        return p.kind != story::withdrawn || state_of(p) == "STATE_WITHDRAWN";
      });
    });
  }

  std::string state_of(const plot& p) {
    return std::string(world_.ticket(p.ticket_no).at("state").as_string());
  }

  /// Day 4: results, while a partner is out of order for hours and the server is killed once.
  void finish() {
    world_.city().set_outage(true);
    std::size_t done = 0;
    each([&](const plot& p) {
      if (!is_handled(p)) return;
      reply_and_review(p);
      if (++done == plots_.size() / 4) world_.kill_server();
    });
    for (int hour = 0; hour < 4; ++hour) world_.advance(std::chrono::hours(1));
    world_.city().set_outage(false);
    wait_for_results(1);
  }

  static bool is_handled(const plot& p) {
    return p.is_from_partner() && p.kind != story::withdrawn && p.kind != story::handed_back;
  }

  void reply_and_review(const plot& p) {
    world_.command(
        p.ticket_no, "reply", lead_of(p.where.unit),
        R"({"reply":{"result":"RESULT_SOLVED","text":"公司已付清工资","amount_claimed_fen":2000000,
            "amount_paid_fen":2000000,"people_helped":1}})");
    world_.command(p.ticket_no, "review", reviewer, R"({"pass":true})");
  }

  void wait_for_results(int times) {
    world_.settle("every result is told and answered", [&] {
      const bool told = books_say(is_handled, [&](const plot& p, const book_entry& entry) {
        return entry.count_told(v1::PARTNER_EVENT_KIND_FINISH) >=
               (p.kind == story::rework ? times : 1);
      });
      return told &&
             std::ranges::all_of(world_.all(), [](stand_in* one) { return one->work().idle; });
    });
    world_.settle("every answer has had its effect", [&] {
      return std::ranges::all_of(plots_, [&](const plot& p) {
        const bool again = p.kind == story::rework && times == 1;
        return !is_handled(p) || state_of(p) == (again ? "STATE_REWORK" : "STATE_CLOSED");
      });
    });
  }

  /// Day 5: what the partners were not content with.
  void finish_again() {
    each([&](const plot& p) {
      if (p.kind == story::rework) reply_and_review(p);
    });
    wait_for_results(2);
  }

  /// Both sides, ticket by ticket, when nothing is on its way any more.
  void agree() {
    world_.settle("everything is told", [&] {
      return std::ranges::all_of(world_.all(), [&](stand_in* one) {
        const auto left = world_.left_of(*one);
        return left.waiting == 0 && left.sending == 0 && left.files == 0;
      });
    });
    for (auto* one : world_.all()) {
      no_breaches(*one);
      nothing_left(world_, *one);
      CHECK(one->work().mistreated > 0);
    }
    for (const auto& p : plots_) {
      CAPTURE(p.partner);
      CAPTURE(p.external_no);
      CAPTURE(p.ticket_no);
      const auto ticket = world_.ticket(p.ticket_no);
      CHECK(ticket.at("state").as_string() == v1::State_Name(end_of(p.kind)));
      agree_on(p, ticket);
    }
    legal_aid_agrees();
    every_mischief_happened();
    compare();
    forgotten_and_told_again();
    world_.verify();
  }

  /// Every referral arrived once, except what was declined, and ended as both sides say.
  void legal_aid_agrees() {
    const auto books = world_.legal_aid().look([](const ledger& of) { return of.tickets(); });
    std::map<std::string, book_entry> by_ticket;
    for (const auto& [no, entry] : books) {
      CAPTURE(no);
      CHECK(by_ticket.emplace(entry.ticket_no, entry).second);
      CHECK(entry.count_told(v1::PARTNER_EVENT_KIND_CREATE) == 1);
    }
    for (const auto& p : plots_) {
      if (p.is_from_partner()) continue;
      CAPTURE(p.ticket_no);
      const auto found = by_ticket.find(p.ticket_no);
      CHECK((found != by_ticket.end()) == (p.kind != story::declined));
      if (found == by_ticket.end()) continue;
      const auto end =
          p.kind == story::granted ? v1::PARTNER_EVENT_KIND_FINISH : v1::PARTNER_EVENT_KIND_REFUSE;
      CHECK(std::ranges::count(found->second.said, end) == 1);
      CHECK(found->second.count_told(v1::PARTNER_EVENT_KIND_EXTEND_RESP) ==
            (p.kind == story::granted ? 1 : 0));
    }
  }

  /// A run that is long enough has met all of it.
  void every_mischief_happened() {
    if (plots_.size() < tickets_by_default) return;
    for (std::size_t kind = 1; kind < mischief_kinds; ++kind) {
      CAPTURE(kind);
      std::int64_t times = 0;
      for (auto* one : world_.all()) times += one->work().by_mischief.at(kind);
      CHECK(times > 0);
    }
  }

  /// The city platform loses the result of a ticket of the first day: a night finds and repairs it.
  void forgotten_and_told_again() {
    const auto lost = std::ranges::find_if(plots_, [](const plot& p) {
      return p.partner == "jining-12345" && p.kind == story::plain;
    });
    REQUIRE(lost != plots_.end());
    const auto finished = [&] {
      return world_.city().look([&](const ledger& books) {
        return books.tickets().at(lost->external_no).count_told(v1::PARTNER_EVENT_KIND_FINISH);
      });
    };
    world_.city().forget_last(lost->external_no);
    REQUIRE(finished() == 0);
    world_.next_day(9);
    world_.settle("what was lost is told again", [&] { return finished() == 1; });
    nothing_left(world_, world_.city());
    compare();
  }

  /// 对账 of the first day with the city platform, which lists its tickets.
  void compare() {
    answer report;
    world_.settle("the list of the city platform can be had", [&] {
      report = world_.post("/v1/partners/jining-12345:reconcile", supervisor_of_province,
                           R"({"day":"2026-11-25","reason":"系统测试对账"})");
      REQUIRE(report.status == 200);
      return report.text("failure").empty();
    });
    const auto theirs = std::ranges::count(plots_, std::string("jining-12345"), &plot::partner);
    CAPTURE(json::serialize(report.body));
    CHECK(report.text("listed") == std::to_string(theirs));
    CHECK(report.text("agreed") == std::to_string(theirs));
    CHECK(report.text("differences").empty());
  }

  void agree_on(const plot& p, const json::object& ticket) {
    const auto kinds = world_.story(p.ticket_no);
    const auto times = [&](std::string_view kind) { return std::ranges::count(kinds, kind); };
    if (!p.is_from_partner()) {
      CHECK(times("TRANSFERRED") == 1);
      CHECK(times("PARTNER_ANSWERED") == 1);
      return;
    }
    CHECK(ticket.at("intake").as_object().at("external_no").as_string() == p.external_no);
    const auto entry = world_.of(p.partner).look(
        [&](const ledger& books) { return books.tickets().at(p.external_no); });
    CHECK(entry.ticket_no == p.ticket_no);
    if (p.kind != story::handed_back) CHECK(entry.state == word_of(p.partner, end_of(p.kind)));
    CHECK(entry.count_told(v1::PARTNER_EVENT_KIND_ACCEPT) == 1);
    CHECK(entry.count_told(v1::PARTNER_EVENT_KIND_REFUSE) == (p.kind == story::handed_back));
    CHECK(times("URGED") == (p.kind == story::urged));
    CHECK(times("SUPERVISED") == (p.kind == story::urged));
    CHECK(times("SUPPLEMENTED") == (p.kind == story::urged));
    CHECK(times("WITHDRAWN") == (p.kind == story::withdrawn));
    has_files(p, ticket);
    const int extensions = p.kind == story::extended ? 1 : 0;
    CHECK(entry.count_told(v1::PARTNER_EVENT_KIND_EXTEND_REQ) == extensions);
    CHECK(times("PARTNER_DUE_CHANGED") == extensions);
    CHECK(entry.count_told(v1::PARTNER_EVENT_KIND_PROGRESS) == 1);  // dispatched
    CHECK(entry.count_told(v1::PARTNER_EVENT_KIND_ATTACH) == 0);    // nobody is told its own
    if (!is_handled(p)) return;
    const int rounds = p.kind == story::rework ? 2 : 1;
    CHECK(entry.count_told(v1::PARTNER_EVENT_KIND_SIGN) == 1);
    CHECK(entry.count_told(v1::PARTNER_EVENT_KIND_FINISH) == rounds);
    CHECK(times("REPLIED") == rounds);
    CHECK(times("CLOSED") + times("VISITED") >= 1);
  }

  /// The files the partner gave, byte for byte, and no others.
  void has_files(const plot& p, const json::object& ticket) {
    std::map<std::string, std::string> has;
    if (const auto* list = ticket.at("intake").as_object().if_contains("attachments")) {
      for (const auto& file : list->as_array())
        has.emplace(file.at("name").as_string(), file.at("sha256").as_string());
    }
    std::map<std::string, std::string> given;
    crypto::digest sha256(v1::HASH_SUITE_SHA_256);
    if (p.kind == story::with_files) {
      for (const char* end : {"-1.jpg", "-2.pdf"}) {
        const std::string name = p.external_no + end;
        given.emplace(name, crypto::to_hex(crypto::as_bytes(sha256.of(file_content(name)))));
      }
    }
    CHECK(has == given);
  }

  std::string word_of(const std::string& partner, v1::State state) {
    const auto config = world_.of(partner).config();
    for (const auto& word : config.states())
      if (word.state() == state) return word.theirs();
    return {};
  }

  exchange_world& world_;
  std::vector<plot> plots_;
};

TEST_CASE(
    "what is given away arrives once through kills and mischief; what is declined comes back") {
  exchange_world world({.seed = 7, .mischief = 0.3, .repetition = 0});
  world.start();
  std::map<std::string, story> given;
  for (int i = 0; i < 40; ++i) {
    const auto kind = i % 2 == 0 ? story::declined : story::granted;
    given.emplace(create_for_legal_aid(world, kind, "370883"), kind);
  }
  int done = 0;
  for (const auto& [no, kind] : given) {
    world.eventually_state(no, "DISPATCHED");
    transfer_out(world, no, "p-12348", "申请法律援助");
    if (++done == 10) world.kill_redis();
    if (done == 30) world.kill_server();
  }
  world.settle("legal aid has asked for time", [&] {
    return std::ranges::all_of(given, [&](const auto& one) {
      return one.second != story::granted || wants_time(world, one.first);
    });
  });
  world.kill_server();
  for (const auto& [no, kind] : given) {
    if (kind == story::granted) grant_time(world, no);
  }
  world.settle("every referral is answered", [&] {
    return std::ranges::all_of(given, [&](const auto& one) {
      return world.count_in_story(one.first, "PARTNER_ANSWERED") == 1;
    });
  });
  no_breaches(world.legal_aid());
  // Of each case it takes the referral, and the time it is given.
  CHECK(world.legal_aid().look([](const ledger& books) { return books.messages(); }) == 40);
  for (const auto& [no, kind] : given) {
    CAPTURE(no);
    CHECK(world.ticket(no).at("state").as_string() == v1::State_Name(end_of(kind)));
    CHECK(world.count_in_story(no, "PARTNER_ANSWERED") == 1);
  }
  world.verify();
}

TEST_CASE("days of exchange with partners that misbehave: both sides agree on every ticket") {
  exchange_world world;
  exchange_days(world, tickets_wanted()).run();
}

}  // namespace
}  // namespace hotline::test
