// Telling partners over a real Redis: in order, at least once, and what every answer leads to.
#include "services/transfer/sender.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <map>

#include "services/transfer/http_outlet.hpp"
#include "services/transfer/teller.hpp"
#include "tests/unit/transfer/stand_in.hpp"
#include "tests/unit/transfer/transfer_fixture.hpp"

namespace hotline::test {
namespace {

namespace asio = boost::asio;
using namespace std::string_literals;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using transfer::http_outlet;
using transfer::sender;
using transfer::sender_options;

/// Everything one partner is told with.
struct line {
  line(transfer_fixture& f, const std::string& name)
      : link(f.link(name)),
        way(
            link.partner, f.kit.vault, f.file_links, f.files,
            [](std::string_view) { return "secret"; }, f.redis.context),
        returns(link.partner.config(), f.kit.tickets, f.kit.runner, f.access.province, f.clock),
        telling(f.redis.context.get_executor(), link, way, returns, f.clock,
                sender_options{.batch_max = 64, .poll = milliseconds(5)}, f.tasks, quiet_log()) {}

  transfer::partner_link& link;
  http_outlet way;
  transfer::take_back returns;
  sender telling;
};

/// The sender of each partner at work, until this ends.
class working {
 public:
  working(transfer_fixture& f, const std::vector<std::string>& names) : f_(f) {
    for (const auto& name : names) {
      lines_.push_back(std::make_unique<line>(f, name));
      ++running_;
      asio::co_spawn(f.redis.context, lines_.back()->telling.run(stopping_),
                     [this](std::exception_ptr leaked) {
                       CHECK_FALSE(leaked);
                       --running_;
                     });
    }
  }
  ~working() { stop(); }

  void stop() {
    stopping_.raise();
    run_until(f_.redis.context, [this] { return running_ == 0; });
  }

 private:
  transfer_fixture& f_;
  runtime::stop_signal stopping_{f_.redis.context.get_executor()};
  std::vector<std::unique_ptr<line>> lines_;
  int running_ = 0;
};

std::vector<std::string> ids_of(const stand_in& partner) {
  std::vector<std::string> ids;
  for (const auto& one : partner.asked) ids.push_back(*one.header("Message-Id"));
  return ids;
}

std::string said(const net::request& told, std::string_view field) {
  return std::string(boost::json::parse(told.body).as_object().at(field).as_string());
}

/// Answers with the statuses and bodies in turn, the last one for ever.
stand_in::answer_maker in_turn(std::vector<net::response> answers) {
  auto next = std::make_shared<std::size_t>(0);
  return [answers = std::move(answers), next](net::request) -> asio::awaitable<net::response> {
    const auto at = std::min((*next)++, answers.size() - 1);
    co_return answers[at];
  };
}

const net::response yes = answer_of(200, R"({"code":"0"})");
const net::response no = answer_of(200, R"({"code":"9","message":"要素不全"})");
const net::response down = answer_of(503, "");
const net::response broken = answer_of(500, "");

v1::Partner changed(const std::function<void(v1::Outbound&)>& change) {
  auto made = talkative_partner();
  change(*made.mutable_outbound());
  return made;
}

bool idle(transfer_fixture& f) { return f.run(f.link().queue.backlog()) == 0; }
std::int64_t letters(transfer_fixture& f) {
  return f.run(f.link().queue.dead_letters(0, 10))->total;
}

/// How often the message has failed, and when it is tried again.
std::pair<std::int64_t, instant> standing(transfer_fixture& f, const store::message_id& id) {
  const auto out = "{p:small}:out:" + id.ticket_no;
  const auto tries = f.exec("HGET", out, "t:" + std::to_string(id.version));
  const auto due = f.exec("ZSCORE", "{p:small}:sending", id.ticket_no);
  return {tries.is_nil() ? 0 : std::stoll(std::string(tries.string())),
          due.is_nil() ? instant() : from_unix_ms(std::stoll(std::string(due.string())))};
}

}  // namespace

TEST_CASE("a message is signed, named, written as agreed, and told once") {
  transfer_fixture f({changed([](v1::Outbound& out) {
    auto& signature = *out.mutable_signature();
    signature.set_scheme(v1::SIGNATURE_SCHEME_HMAC_SHA256);
    auto& key = *signature.add_keys();
    key.set_id("k1");
    key.set_secret_file("small.key");
  })});
  const auto id = f.put(f.link(), 1);
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().sent == 1; });
  REQUIRE(f.partner().asked.size() == 1);
  const auto& told = f.partner().asked[0];
  CHECK(told.verb == net::method::post);
  CHECK(told.target == "/told");
  CHECK(*told.header("Message-Id") == to_string(id));
  CHECK(*told.header("Content-Type") == "application/json");
  const auto& rules = f.link().partner.config().outbound().signature();
  const exchange::signed_request as_sent{.method = "POST",
                                         .target = told.target,
                                         .body = told.body,
                                         .headers = told.headers,
                                         .peer_address = "127.0.0.1"};
  CHECK(exchange::verify(rules, [](std::string_view) { return "secret"; }, as_sent, f.clock.now()));
  CHECK(said(told, "event") == "progress");
  CHECK(said(told, "serial") == to_string(id));
  w.stop();
  CHECK(idle(f));
}

TEST_CASE("of one ticket in order, of many at the same time") {
  transfer_fixture f;
  constexpr int tickets_count = 40, versions = 5;
  for (int version = 1; version <= versions; ++version)
    for (int serial = 1; serial <= tickets_count; ++serial) f.put(f.link(), serial, version);
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().sent == tickets_count * versions; });
  w.stop();
  std::map<std::string, std::int64_t> last;
  for (const auto& text : ids_of(f.partner())) {
    const auto id = store::parse_message_id(text);
    REQUIRE(id);
    CHECK(id->version == ++last[id->ticket_no]);
  }
  CHECK(last.size() == tickets_count);
  CHECK(f.partner().connections() > 1);
  CHECK(f.partner().connections() <= 8);
}

TEST_CASE("an unclear answer is tried again by the plan, then given up with its reason") {
  transfer_fixture f({changed([](v1::Outbound& out) { out.set_breaker_failures(100); })});
  f.partner().answer = in_turn({broken, broken, broken, broken, broken,
                                answer_of(500, R"({"code":"4","message":"系统错误"})")});
  const auto id = f.put(f.link(), 1);
  working w(f, {"small"});
  const std::vector<milliseconds> waits{minutes(1), minutes(5), minutes(30), hours(2), hours(6)};
  std::int64_t tries = 0;
  for (const auto wait : waits) {
    ++tries;
    run_until(f.redis.context, [&] { return standing(f, id).first == tries; });
    const auto next = standing(f, id).second;
    CHECK(next >= f.clock.now() + wait);
    CHECK(next <= f.clock.now() + wait + wait / 10);
    f.clock.set(next, 0);
  }
  run_until(f.redis.context, [&] { return f.counted().given_up == 1; });
  w.stop();
  CHECK(f.partner().asked.size() == 6);
  CHECK(ids_of(f.partner()) == std::vector<std::string>(6, to_string(id)));
  const auto letter = f.run(f.link().queue.find_dead_letter(id));
  REQUIRE(*letter);
  CHECK((**letter).failure.http_status() == 500);
  CHECK((**letter).failure.code() == "4");
  CHECK((**letter).failure.text() == "系统错误");
  CHECK((**letter).tries == 6);
}

TEST_CASE("what the partner refuses for good is for a person at once") {
  transfer_fixture f;
  f.partner().answer = in_turn({no});
  const auto id = f.put(f.link(), 1);
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().given_up == 1; });
  w.stop();
  CHECK(f.partner().asked.size() == 1);
  CHECK(f.counted().refused == 1);
  CHECK((**f.run(f.link().queue.find_dead_letter(id))).failure.text() == "要素不全");
}

TEST_CASE("what cannot be written is for a person without the partner being asked") {
  transfer_fixture f({changed([](v1::Outbound& out) {
    for (auto& field : *out.mutable_fields())
      if (field.theirs() == "no") field.set_required(true);
  })});
  const auto id = f.put(f.link(), 1);  // without a number of theirs
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().given_up == 1; });
  w.stop();
  CHECK(f.partner().asked.empty());
  const auto letter = f.run(f.link().queue.find_dead_letter(id));
  CHECK((**letter).failure.text().find("no：") != std::string::npos);
}

TEST_CASE("a ticket handed over gets the partner's number, and its secrets are opened on the way") {
  transfer_fixture f;
  const auto ticket_no = f.handed_over();
  const auto events = f.history(ticket_no);
  transfer::teller teller(f.links, *f.tickets, f.province(), f.clock);
  for (const auto& event : events) CHECK(f.run(teller.handle(event)) == runtime::handled::done);
  v1::OutMessage urge;
  urge.mutable_event()->set_kind(v1::PARTNER_EVENT_KIND_URGE);
  CHECK(*f.run(f.link().queue.put({ticket_no, 99}, urge, f.clock.now())));
  f.partner().answer = in_turn({answer_of(200, R"({"code":"0","no":"JN-9"})"), yes});
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().sent == 2; });
  w.stop();
  CHECK(said(f.partner().asked[0], "event") == "create");
  CHECK(said(f.partner().asked[0], "phone") == "13800001234");
  CHECK(said(f.partner().asked[1], "no") == "JN-9");
  CHECK(f.run(f.link().feed.waiting("JN-9"))->ticket_no == ticket_no);
}

TEST_CASE("files of ours are uploaded first and referred to as the partner says") {
  auto config = talkative_partner();
  config.mutable_attachments()->set_upload_reference_path("url");
  auto& field = *config.mutable_outbound()->add_fields();
  field.set_theirs("files");
  field.set_ours("attachments[].reference");
  field.set_separator(",");
  SUBCASE("where it takes uploads") { config.mutable_attachments()->set_upload_url("/upload"); }
  SUBCASE("where it does not, they are left out") {}
  const bool uploads = !config.attachments().upload_url().empty();
  transfer_fixture f({config});
  const auto sha256 = f.files.put("%PDF-1.7 工资单");
  v1::OutMessage message;
  message.mutable_event()->set_kind(v1::PARTNER_EVENT_KIND_PROGRESS);
  for (const std::string& reference : {store::stored_reference(*sha256), "http://a.cn/x"s}) {
    auto& file = *message.mutable_event()->add_attachments();
    file.set_name("工资单.pdf");
    file.set_reference(reference);
  }
  CHECK(*f.run(f.link().queue.put({"3708-20261123-00001", 1}, message, f.clock.now())));
  f.partner().answer = [](net::request asked) -> asio::awaitable<net::response> {
    co_return asked.path == "/upload" ? answer_of(201, R"({"url":"/f/7"})") : yes;
  };
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().sent == 1; });
  w.stop();
  REQUIRE(f.partner().asked.size() == (uploads ? 2 : 1));
  CHECK(said(f.partner().asked.back(), "files") ==
        (uploads ? "/f/7,http://a.cn/x" : "http://a.cn/x"));
  if (!uploads) return;
  const auto& upload = f.partner().asked[0];
  CHECK(*upload.header("Content-Type") == "application/pdf");
  CHECK(upload.header("Content-Disposition")->find("%E5%B7%A5%E8%B5%84%E5%8D%95.pdf") !=
        std::string::npos);
  CHECK(upload.body == "%PDF-1.7 工资单");
}

TEST_CASE("files of ours are served at addresses of the partner, the ticket and some days") {
  auto config = talkative_partner();
  config.mutable_attachments()->set_serve_url("https://12351.example/v1/files");
  config.mutable_attachments()->set_serve_days(3);
  auto& field = *config.mutable_outbound()->add_fields();
  field.set_theirs("files");
  field.set_ours("attachments[].reference");
  field.set_separator(",");
  transfer_fixture f({config});
  const auto sha256 = *f.files.put("%PDF-1.7 工资单");
  const std::string ticket_no = "3708-20261123-00001";
  v1::OutMessage message;
  message.mutable_event()->set_kind(v1::PARTNER_EVENT_KIND_PROGRESS);
  // Nothing personal goes out with the files that would not without them.
  message.mutable_event()->mutable_intake()->mutable_caller()->set_phone("13800001234");
  for (const std::string& reference : {store::stored_reference(sha256), "http://a.cn/x"s})
    message.mutable_event()->add_attachments()->set_reference(reference);
  for (const std::int64_t version : {1, 2})
    CHECK(*f.run(f.link().queue.put({ticket_no, version}, message, f.clock.now())));
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().sent == 2; });
  w.stop();
  const auto told = said(f.partner().asked.at(0), "files");
  CHECK(told == said(f.partner().asked.at(1), "files"));  // a repeat has the same words
  CHECK(f.partner().asked[0].body.find("13800001234") == std::string::npos);
  const std::string base = "https://12351.example/v1/files/";
  REQUIRE(told.starts_with(base));
  REQUIRE(told.ends_with(",http://a.cn/x"));
  const auto token = told.substr(base.size(), told.find(',') - base.size());
  const auto link = f.file_links.read(token, f.clock.now());
  REQUIRE(link);
  CHECK(link->partner == "small");
  CHECK(link->ticket_no == ticket_no);
  CHECK(link->sha256 == sha256);
  CHECK(link->until > f.clock.now() + std::chrono::days(3));
  CHECK(link->until <= f.clock.now() + std::chrono::days(4));
}

TEST_CASE("a message that does not open is for a person, and keeps no other one waiting") {
  transfer_fixture f;
  const auto damaged = f.put(f.link(), 1);
  f.put(f.link(), 2);
  f.exec("HSET", "{p:small}:out:" + damaged.ticket_no, "m:1", "nonsense");
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().sent == 1 && letters(f) == 1; });
  w.stop();
  CHECK(f.counted().given_up == 1);
  const auto page = f.run(f.link().queue.dead_letters(0, 10));
  REQUIRE(page);
  REQUIRE(page->letters.size() == 1);
  CHECK(page->letters[0].id == damaged);
  CHECK(page->letters[0].failure.text() == "消息已损坏，无法打开");
}

TEST_CASE("a ticket the partner does not take comes back to the dispatcher, once") {
  transfer_fixture f;
  const auto ticket_no = f.handed_over();
  transfer::teller teller(f.links, *f.tickets, f.province(), f.clock);
  for (const auto& event : f.history(ticket_no)) f.run(teller.handle(event));
  f.partner().answer = in_turn({no});
  {
    working w(f, {"small"});
    run_until(f.redis.context, [&] { return f.counted().refused == 1 && idle(f); });
  }
  auto back = f.ticket(ticket_no);
  CHECK(back.state() == v1::STATE_ACCEPTED);
  CHECK(back.transfers(0).refused());
  CHECK(back.transfers(0).answer() == "要素不全（9）");
  CHECK(letters(f) == 0);

  // The answer was acted on, and its settling got lost.
  store::taken_message again;
  again.id = {ticket_no, 2};
  again.message.mutable_event()->set_kind(v1::PARTNER_EVENT_KIND_CREATE);
  again.message.mutable_event()->set_occurred_at(back.transfers(0).sent_at());
  v1::SendFailure other_words;
  other_words.set_text("还是不行");
  transfer::take_back returns(f.link().partner.config(), *f.tickets, *f.runner, f.access.province,
                              f.clock);
  CHECK(f.run(returns.run(again, other_words)));
  CHECK(f.ticket(ticket_no).version() == back.version());
}

TEST_CASE("a partner that does not work is left alone; its messages do not use up their tries") {
  transfer_fixture f({changed([](v1::Outbound& out) {
    out.set_breaker_failures(3);
    out.set_in_flight_max(1);
  })});
  f.partner().answer = in_turn({down});
  for (int serial = 1; serial <= 10; ++serial) f.put(f.link(), serial);
  working w(f, {"small"});
  run_until(f.redis.context, [&] { return f.counted().breaker_until_at != 0; });
  CHECK(f.partner().asked.size() == 3);
  for (std::size_t probes = 1; probes <= 20; ++probes) {
    f.clock.set(f.clock.now() + seconds(30), 0);
    run_until(f.redis.context, [&] {
      return f.partner().asked.size() == 3 + probes &&
             f.counted().breaker_until_at > to_unix_ms(f.clock.now());
    });
  }
  CHECK(letters(f) == 0);
  f.partner().answer = in_turn({yes});
  f.clock.set(f.clock.now() + seconds(30), 0);
  run_until(f.redis.context, [&] { return idle(f); });
  w.stop();
  CHECK(f.counted().sent == 10);
  CHECK(f.counted().breaker_until_at == 0);
  CHECK(f.counted().failures_in_row == 0);
}

TEST_CASE("a partner that does not answer delays no other") {
  auto silent = talkative_partner("silent", other_partner_unit);
  transfer_fixture f({talkative_partner(), silent});
  asio::steady_timer never(f.redis.context, hours(1));
  f.partner("silent").answer = [&](net::request) -> asio::awaitable<net::response> {
    co_await never.async_wait(asio::use_awaitable);
    co_return yes;
  };
  for (int serial = 1; serial <= 50; ++serial) {
    f.put(f.link("silent"), serial);
    f.put(f.link(), serial);
  }
  working w(f, {"small", "silent"});
  // As many as are asked at once, and no more while none is answered.
  run_until(f.redis.context,
            [&] { return f.counted().sent == 50 && f.partner("silent").asked.size() >= 8; });
  CHECK(f.counted("silent").sent == 0);
  CHECK(f.partner("silent").asked.size() == 8);
  never.cancel();
  f.partner("silent").answer = in_turn({yes});
}

TEST_CASE(
    "a crash between the telling and its settling: the partner is told again, under the same "
    "name") {
  transfer_fixture f;
  const auto id = f.put(f.link(), 1);
  // Another instance took it, told it, and died.
  REQUIRE(f.run(f.link().queue.take(f.clock.now(), seconds(50), 10))->size() == 1);
  working w(f, {"small"});
  f.clock.set(f.clock.now() + seconds(50), 0);
  run_until(f.redis.context, [&] { return f.counted().sent == 1; });
  CHECK(ids_of(f.partner()) == std::vector{to_string(id)});
}

TEST_CASE("Redis that goes away for a while: nothing is lost") {
  transfer_fixture f;
  f.put(f.link(), 1);
  f.partner().answer = [&](net::request) -> asio::awaitable<net::response> {
    f.kit.redis.stop();  // the answer cannot be recorded
    co_return yes;
  };
  {
    working w(f, {"small"});
    run_until(f.redis.context, [&] { return f.counted().sent == 1; });
  }
  CHECK(f.exec("ZCARD", "{p:small}:sending").integer() == 1);
  CHECK(f.exec("HEXISTS", "{p:small}:out:3708-20261123-00001", "m:1").integer() == 1);
}

TEST_CASE("at the end what is on its way is finished and what was not begun is given back") {
  transfer_fixture f({changed([](v1::Outbound& out) { out.set_in_flight_max(1); })});
  for (int serial = 1; serial <= 5; ++serial) f.put(f.link(), serial);
  asio::steady_timer slow(f.redis.context, hours(1));
  f.partner().answer = [&](net::request) -> asio::awaitable<net::response> {
    boost::system::error_code ignored;
    co_await slow.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    co_return yes;
  };
  {
    working w(f, {"small"});
    run_until(f.redis.context, [&] { return f.partner().asked.size() == 1; });
    asio::post(f.redis.context, [&] { slow.cancel(); });
  }
  CHECK(f.counted().sent == 1);
  CHECK(f.partner().asked.size() == 1);
  CHECK(f.run(f.link().queue.take(f.clock.now(), seconds(1), 10))->size() == 4);
}

}  // namespace hotline::test
