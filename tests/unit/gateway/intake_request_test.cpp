// What public channels hand in for citizens: who may, what becomes of it, and how much is too much.
#include <optional>

#include "tests/unit/gateway/intake_kit.hpp"

namespace hotline::gateway {
namespace {

/// Answers as it is told, and keeps what it was asked.
class captcha_service {
 public:
  explicit captcha_service(intake_fixture& f)
      : server_(
            f.redis.context, net::server_options(),
            [this](net::request r) { return answer(std::move(r)); }, test::quiet_log()) {
    REQUIRE(server_.listen().has_value());
    server_.start();
    auto url = net::parse_http_url(fmt::format("http://127.0.0.1:{}/verify", server_.port()));
    REQUIRE(url.has_value());
    check_.emplace(f.redis.context, *std::move(url), std::chrono::milliseconds(300));
    f.settings().mutable_channels(0)->set_captcha(true);
    f.intake->check = &*check_;
  }

  int status = 200;
  std::string body = R"({"passed":true})";
  std::vector<std::string> asked;

 private:
  boost::asio::awaitable<net::response> answer(net::request r) {
    asked.push_back(r.path + " " + r.body);
    net::response out;
    out.status = status;
    out.content_type = "application/json";
    out.body = body;
    co_return out;
  }

  net::http_server server_;
  std::optional<captcha> check_;
};

TEST_CASE(
    "a citizen's request becomes a ticket of its channel, and its number is all that is told") {
  intake_fixture f;
  const auto answer = f.post(web, "/v1/intake/requests", citizen_request());
  REQUIRE_MESSAGE(answer.status == 201, answer.body);
  const std::string no = text_at(answer, "ticket_no");
  CHECK_FALSE(text_at(answer, "hint").empty());
  CHECK(parse(answer).as_object().size() == 2);
  const auto ticket = f.stored(no);
  CHECK(ticket.state() == v1::STATE_ACCEPTED);
  CHECK(ticket.intake().source() == v1::SOURCE_WEB);
  CHECK(ticket.desk() == "370000");
  CHECK(ticket.created_by() == "web");
}

TEST_CASE("what is incomplete waits for an operator; what makes no sense is refused") {
  intake_fixture f;
  const std::string no =
      f.taken(web, R"({"caller":{"phone":"138-0531-0001"},"matter":{"content":"老板不发工资"}})");
  CHECK(f.stored(no).state() == v1::STATE_DRAFT);
  struct row {
    const char* body;
    const char* rule;
  };
  const std::vector<row> rows{
      {R"({"caller":{"phone":"1380"},"matter":{"content":"c"}})", "intake.phone"},
      {R"({"matter":{"content":"c"}})", "request.phone"},
      {R"({"caller":{"phone":"13805310001"},"matter":{"content":"c","region":"110000"}})",
       "intake.region"},
      {R"({"caller":{"phone":"13805310001","tags":["x"]},"matter":{"content":"c"}})",
       "request.for-the-hotline-to-judge"},
      {R"({"source":"SOURCE_PHONE","caller":{"phone":"13805310001"},"matter":{"content":"c"}})",
       "request.own-source"},
  };
  for (const auto& r : rows) {
    const auto answer = f.post(web, "/v1/intake/requests", r.body);
    CHECK(answer.status == 422);
    CHECK(text_at(answer, "rule") == r.rule);
  }
}

TEST_CASE("only a configured channel hands in, and it can do nothing else") {
  intake_fixture f;
  const sender unknown{"ROLE_CHANNEL", "370000", "stranger"};
  for (const sender& who : {operator_of_province, administrator, unknown}) {
    CHECK(f.post(who, "/v1/intake/requests", citizen_request()).status == 403);
  }
  const std::string no = f.taken(web, citizen_request());
  for (const auto& op : f.door->routes().operations()) {
    if (!op.needs_actor || op.self_service || op.for_channels) continue;
    std::string path = op.pattern;
    for (auto at = path.find('{'); at != std::string::npos; at = path.find('{')) {
      path.replace(at, path.find('}') - at + 1, no);
    }
    INFO(op.name);
    auto headers = headers_of(web);
    headers.emplace_back("Idempotency-Key", "key-of-" + op.name);
    const auto answer = f.send(op.verb, path, headers);
    CHECK(answer.status == 403);
    CHECK(text_at(answer, "rule") == "channel.role");
  }
  CHECK(f.stored(no).version() == 1);
}

TEST_CASE("a form for strangers brings a captcha, and without its service nothing is taken in") {
  intake_fixture f;
  captcha_service service(f);
  const std::string with_token = citizen_request(R"(,"captcha":"t1")");
  const auto refused = [&](std::string_view body, int status, std::string_view code) {
    const auto answer = f.post(web, "/v1/intake/requests", body);
    CHECK(answer.status == status);
    CHECK(text_at(answer, "code") == code);
    CHECK(*f.redis.run(f.parts(mode::live).index.count("all")) == 0);
    return answer;
  };
  refused(citizen_request(), 422, "captcha_failed");
  CHECK(service.asked.empty());
  service.body = R"({"passed":false})";
  refused(with_token, 422, "captcha_failed");
  // Nothing that is not a clear yes is one.
  for (const char* body : {"", "true", "{}", R"({"passed":"true"})", R"({"passed":1})"}) {
    service.body = body;
    const auto answer = refused(with_token, 503, "captcha_unavailable");
    CHECK(text_at(answer, "detail").empty());
  }
  service.body = R"({"passed":true})";
  service.status = 500;
  refused(with_token, 503, "captcha_unavailable");
  service.status = 200;
  const std::string no = f.taken(web, with_token);
  CHECK(f.stored(no).state() == v1::STATE_ACCEPTED);
  CHECK(service.asked.back() == R"(/verify {"token":"t1","address":"10.1.1.1"})");
  // Others are asked for none.
  f.taken(app, citizen_request());
}

TEST_CASE("a captcha service that is not there, or does not answer, lets nobody pass") {
  intake_fixture f;
  captcha_service service(f);
  captcha away(f.redis.context, *net::parse_http_url("http://127.0.0.1:1/"),
               std::chrono::milliseconds(300));
  f.intake->check = &away;
  const auto body = citizen_request(R"(,"captcha":"t1")");
  CHECK(text_at(f.post(web, "/v1/intake/requests", body), "code") == "captcha_unavailable");
  f.intake->check = nullptr;
  CHECK(text_at(f.post(web, "/v1/intake/requests", body), "code") == "captcha_unavailable");
}

TEST_CASE("a repeat gets the same number, asks for no captcha again, and counts once") {
  intake_fixture f;
  captcha_service service(f);
  f.settings().set_phone_per_day_max(2);
  const auto send = [&](const char* token, const char* key) {
    return f.post(web, "/v1/intake/requests",
                  citizen_request(fmt::format(R"(,"captcha":"{}")", token)), key);
  };
  const auto first = send("t1", "one");
  REQUIRE(first.status == 201);
  service.body = R"({"passed":false})";  // its token is used up
  for (const char* token : {"t1", "t2"}) {
    const auto again = send(token, "one");
    CHECK(again.status == 201);
    CHECK(text_at(again, "ticket_no") == text_at(first, "ticket_no"));
  }
  service.body = R"({"passed":true})";
  CHECK(send("t3", "two").status == 201);
  CHECK(send("t4", "three").status == 429);
  CHECK(send("t5", "one").status == 201);
}

TEST_CASE("a number hands in so often a day, however it is typed; another one is not touched") {
  intake_fixture f;
  f.settings().set_phone_per_day_max(2);
  f.taken(web, citizen_request());
  f.taken(app, citizen_request({}, "138 0531 0001"));
  const auto full = f.post(web, "/v1/intake/requests", citizen_request({}, "+8613805310001"));
  CHECK(full.status == 429);
  CHECK(text_at(full, "code") == "phone_limit");
  const auto* wait = net::find_field(full.headers, "Retry-After");
  REQUIRE(wait != nullptr);
  CHECK(*wait == std::to_string(15 * 3600));  // from 9 o'clock to midnight
  f.taken(web, citizen_request({}, "13805310002"));
  f.pass(std::chrono::hours(15));
  f.taken(web, citizen_request());
}

TEST_CASE("an address hands in so often an hour, whatever numbers are typed") {
  intake_fixture f;
  f.settings().set_address_per_hour_max(2);
  int phone = 0;
  const auto from = [&](std::string_view address) {
    return f.post(web, "/v1/intake/requests",
                  citizen_request({}, fmt::format("1380531000{}", phone++), address));
  };
  CHECK(from("203.0.113.7").status == 201);
  CHECK(from("203.0.113.7").status == 201);
  const auto full = from("203.0.113.7");
  CHECK(full.status == 429);
  CHECK(text_at(full, "code") == "address_limit");
  const auto* wait = net::find_field(full.headers, "Retry-After");
  REQUIRE(wait != nullptr);
  CHECK(*wait == "3600");
  CHECK(from("203.0.113.8").status == 201);
  // Who has many addresses of IPv6 has one network.
  CHECK(from("2001:db8::1").status == 201);
  CHECK(from("2001:db8::2").status == 201);
  CHECK(from("2001:db8::3").status == 429);
  f.taken(web, citizen_request({}, "13805310009", ""));  // the channel does not say where from
  f.pass(std::chrono::hours(1));
  CHECK(from("203.0.113.7").status == 201);
}

TEST_CASE("what a rule refuses does not count") {
  intake_fixture f;
  f.settings().set_phone_per_day_max(1);
  const std::string bad =
      R"({"caller":{"phone":"13805310001"},"matter":{"content":"c","category":"nonsense"}})";
  for (int i = 0; i < 3; ++i) CHECK(f.post(web, "/v1/intake/requests", bad).status == 422);
  f.taken(web, citizen_request());
}

TEST_CASE("a channel asks so often a minute") {
  intake_fixture f;
  f.settings().set_client_per_minute_max(3);
  for (int i = 0; i < 3; ++i) f.taken(web, citizen_request({}, fmt::format("1380531000{}", i)));
  CHECK(f.post(web, "/v1/intake/requests", citizen_request()).status == 429);
  CHECK(f.ask(claim_of("3708-20261123-00001")).status == 429);
  f.taken(app, citizen_request());
  f.pass(std::chrono::minutes(1));
  CHECK(f.post(web, "/v1/intake/requests", citizen_request()).status == 201);
}

TEST_CASE("a conversation is kept with the ticket, whole and once") {
  intake_fixture f;
  const std::string body = R"({"caller":{"phone":"13805310001"},
    "call_back":{"wanted":true},
    "conversation":[{"speaker":"CITIZEN","text":"老板不发工资"},
                    {"speaker":"MACHINE","text":"请问拖欠多久"},
                    {"speaker":"CITIZEN","text":"三个月"}]})";
  const auto first = f.post(bot, "/v1/intake/requests", body, "talk");
  REQUIRE_MESSAGE(first.status == 201, first.body);
  const std::string no = text_at(first, "ticket_no");
  REQUIRE(f.post(bot, "/v1/intake/requests", body, "talk").status == 201);
  const auto ticket = f.stored(no);
  CHECK(ticket.intake().source() == v1::SOURCE_CHATBOT);
  CHECK(ticket.desk() == "370800");
  CHECK(ticket.intake().matter().content() == "老板不发工资\n三个月");
  CHECK(ticket.intake().caller().tags(0) == "请求人工回电");
  const auto events = f.redis.run(f.tickets().history(no, 1, 10));
  REQUIRE(events.has_value());
  REQUIRE(events->size() == 2);
  CHECK(events->at(1).kind() == v1::EVENT_KIND_ANNOTATED);
  CHECK(events->at(1).cause().annotate().text().find("机器人：请问拖欠多久") != std::string::npos);
  CHECK(events->at(1).actor().role() == v1::ROLE_CHANNEL);
}

TEST_CASE("a kiosk gives the place it stands at") {
  intake_fixture f;
  const std::string no = f.taken(bot, R"({"source":"SOURCE_KIOSK","station":"370883",
    "caller":{"phone":"13805310001"},"matter":{"content":"c"}})");
  CHECK(f.stored(no).intake().matter().region() == "370883");
  CHECK(no.starts_with("3708-"));
}

TEST_CASE("the same caller about the same employer within fifteen days is proposed for merging") {
  intake_fixture f;
  const std::string first = f.taken(web, citizen_request());
  f.pass(std::chrono::days(14));
  // In another city, whose numbers come before.
  const std::string second = f.taken(app, R"({"caller":{"phone":"13805310001"},
    "employer":{"name":"济宁某置业公司"},"matter":{"kind":"KIND_COMPLAINT",
    "category":"wages.arrears","region":"370102","content":"又拖欠了"}})");
  CHECK(second < first);
  const auto ticket = f.stored(second);
  REQUIRE(ticket.links_size() == 1);
  CHECK(ticket.links(0).kind() == v1::LINK_KIND_REPEAT);
  CHECK(ticket.links(0).ticket_no() == first);
  CHECK(f.stored(first).links().empty());
  const std::string other = f.taken(web, citizen_request({}, "13805310009"));
  CHECK(f.stored(other).links().empty());
}

}  // namespace
}  // namespace hotline::gateway
