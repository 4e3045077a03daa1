// POST /v1/files, and what becomes of the receipts it gives: in commands of staff and in what
// public channels hand in.
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "common/store/file_rules.hpp"
#include "tests/unit/gateway/intake_kit.hpp"

namespace hotline::gateway {
namespace {

namespace asio = boost::asio;

const sender another_operator{"ROLE_OPERATOR", "370000", "he"};

std::string picture(std::size_t bytes = 300'000) {
  std::string png("\x89PNG\r\n\x1A\n");
  for (std::size_t i = 0; png.size() < bytes; ++i) png += static_cast<char>(i * 7 % 251);
  return png;
}

/// {"name", "reference"} as an element of `attachments`, or alone.
std::string file_json(std::string_view reference, std::string_view name = "合同.png") {
  return fmt::format(R"({{"name":"{}","reference":"{}"}})", name, reference);
}

std::string attach_json(std::string_view reference) {
  return R"({"attachment":)" + file_json(reference) + "}";
}

std::string with_files(std::string_view file) {
  return fmt::format(R"(,"attachments":[{}])", file);
}

/// A create of staff with one file.
std::string create_with(std::string_view reference) {
  return create_body(with_files(file_json(reference)));
}

struct upload_fixture : intake_fixture {
  upload_fixture() { open_door(); }

  void open_door() {
    auto with_store = parts(mode::live);
    with_store.files = &files;
    door = std::make_unique<gateway>(std::move(with_store));
  }
  /// The receipt for a file that must be taken.
  std::string handed_in(const sender& who, std::string_view bytes) {
    const auto answer = upload(who, bytes, "合同.png");
    REQUIRE_MESSAGE(answer.status == 201, answer.body);
    return text_at(answer, "reference");
  }
  std::string attach(const sender& who, const std::string& no, std::string_view reference) {
    const auto answer = post(who, "/v1/tickets/" + no + ":add-attachment", attach_json(reference));
    return answer.status == 200 ? "" : text_at(answer, "code") + " " + text_at(answer, "field");
  }

  store::attachment_store files{redis.directory.path() + "/files"};
};

/// A client that says what it is about to send, and sends none of it.
class slow_client {
 public:
  slow_client(gateway_fixture& f, const sender* who, std::size_t length, std::string_view more = "")
      : f_(f) {
    socket_.connect({asio::ip::address_v4::loopback(), f.port()});
    std::string head = "POST /v1/files?name=a.png HTTP/1.1\r\nHost: a\r\n";
    if (who != nullptr) {
      for (const auto& [name, value] : headers_of(*who)) head += name + ": " + value + "\r\n";
    }
    head += fmt::format("Content-Length: {}\r\n{}\r\n", length, more);
    asio::write(socket_, asio::buffer(head));
  }
  /// What is answered while nothing of the body was sent.
  std::string answer() {
    test::run_until(f_.redis.context, [this] { return socket_.available() > 0; });
    std::string bytes(socket_.available(), '\0');
    bytes.resize(socket_.read_some(asio::buffer(bytes)));
    return bytes;
  }

 private:
  gateway_fixture& f_;
  asio::io_context context_;
  asio::ip::tcp::socket socket_{context_};
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST_CASE("a file that was handed in hangs on the ticket it is named in, byte for byte") {
  upload_fixture f;
  const auto bytes = picture();
  const auto told = f.upload(operator_of_province, bytes, "合同.png");
  REQUIRE_MESSAGE(told.status == 201, told.body);
  CHECK(text_at(told, "name") == "合同.png");
  CHECK(text_at(told, "type") == "image/png");
  CHECK(number_at(told, "size_bytes") == static_cast<std::int64_t>(bytes.size()));
  CHECK(text_at(told, "expires_at").starts_with("2026-11-24T09:00:00"));
  const auto sha256 = text_at(told, "sha256");
  const std::string no = made(f, create_with(text_at(told, "reference")));
  const auto kept = f.stored(no).intake().attachments(0);
  CHECK(kept.reference() == store::stored_reference(sha256));
  CHECK(kept.sha256() == sha256);
  CHECK(kept.size_bytes() == static_cast<std::int64_t>(bytes.size()));
  const auto got = f.get(officer_of_zoucheng, "/v1/tickets/" + no + "/attachments/" + sha256);
  CHECK(got.status == 200);
  CHECK(got.body == bytes);
}

TEST_CASE("a receipt stands for its file wherever a command takes one, and none is kept") {
  upload_fixture f;
  const auto first = f.handed_in(officer_of_zoucheng, picture(100));
  const auto second = f.handed_in(officer_of_zoucheng, picture(101));
  const std::string no = f.dispatch_ticket();
  const std::string ticket = "/v1/tickets/" + no;
  REQUIRE(f.post(officer_of_zoucheng, ticket + ":sign").status == 200);
  CHECK(f.attach(officer_of_zoucheng, no, first) == "");
  const auto contacted =
      f.post(officer_of_zoucheng, ticket + ":record-contact",
             R"({"number":"13805310001","contacted_at":"2026-11-23T09:00:00+08:00",
                 "reached":true,"result":"已核实"})");
  REQUIRE_MESSAGE(contacted.status == 200, contacted.body);
  // The one by its receipt, the other by the digest the ticket shows.
  const auto digest = f.stored(no).intake().attachments(0).reference();
  const auto replied =
      f.post(officer_of_zoucheng, ticket + ":reply",
             fmt::format(R"({{"reply":{{"result":"RESULT_SOLVED","text":"已付清","people_helped":1,
                      "amount_claimed_fen":1,"amount_paid_fen":1,"evidence":[{},{}]}}}})",
                         file_json(second), file_json(digest)));
  REQUIRE_MESSAGE(replied.status == 200, replied.body);
  const auto stored = f.stored(no);
  CHECK(stored.reply().evidence(1).reference() == digest);
  CHECK(stored.reply().evidence(1).size_bytes() == 100);
  CHECK_FALSE(has(stored.SerializeAsString(), "upload:"));
  const auto events = f.redis.run(f.tickets().history(no, 1, 100));
  REQUIRE(events.has_value());
  for (const auto& event : *events) CHECK_FALSE(has(event.SerializeAsString(), "upload:"));
}

TEST_CASE("what is no file to be taken is refused by name") {
  upload_fixture f;
  struct row {
    std::string bytes, name, code;
  };
  const std::vector<row> rows{
      {"MZ\x90\x01 a program", "合同.png", "file_type_not_taken"},
      {"", "空.txt", "file_empty"},
      {"text", "", "file_name_wrong"},
      {"text", std::string(201, 'a'), "file_name_wrong"},
      {"text", "../passwd", "file_name_wrong"},
      {"text", "a\\b.txt", "file_name_wrong"},
      {"text", "a\nb.txt", "file_name_wrong"},
      {"text", "x\u202Egnp.txt", "file_name_wrong"},
      {"text", "..", "file_name_wrong"},
  };
  for (const auto& r : rows) {
    CAPTURE(r.name);
    const auto answer = f.upload(operator_of_province, r.bytes, r.name);
    CHECK(answer.status == 422);
    CHECK(text_at(answer, "code") == r.code);
  }
  CHECK(f.send(net::method::post, "/v1/files", headers_of(operator_of_province), "text").status ==
        422);
  // A text that would be started by who opens it is called what it is.
  CHECK(text_at(f.upload(operator_of_province, "del *", "a.bat"), "name") == "a.bat.txt");
}

TEST_CASE("a disk that is nearly full takes no files, since tickets need it") {
  upload_fixture f;
  const auto left = f.files.free_bytes();
  REQUIRE(left.has_value());
  f.uploads.free_bytes_min = *left * 2 + 1;
  const auto answer = f.upload(operator_of_province, "text", "a.txt");
  CHECK(answer.status == 503);
  CHECK(text_at(answer, "code") == "files_full");
  CHECK(answer.header("Retry-After") != nullptr);
}

TEST_CASE("who may put nothing on a ticket hands nothing in") {
  upload_fixture f;
  for (const sender& who : {administrator, auditor, security, supervisor_of_jining,
                            sender{"ROLE_CHANNEL", "370000", "unlisted"}}) {
    CAPTURE(who.role);
    CHECK(f.upload(who, "text", "a.txt").status == 403);
  }
  for (const sender& who : {officer_of_zoucheng, lead_of_zoucheng, dispatcher_of_province, web}) {
    CAPTURE(who.role);
    CHECK(f.upload(who, "text", "a.txt").status == 201);
  }
}

TEST_CASE("what is not wanted is refused before any of it was sent") {
  upload_fixture f;
  const std::size_t most = f.uploads.file_bytes_max;
  const auto too_large = slow_client(f, &operator_of_province, most + 1).answer();
  CHECK(has(too_large, "HTTP/1.1 413"));
  CHECK(has(slow_client(f, nullptr, 100'000).answer(), "HTTP/1.1 401"));
  CHECK(has(slow_client(f, &auditor, 100'000).answer(), "HTTP/1.1 403"));
  // Not even asked to go on.
  const auto expecting = slow_client(f, &auditor, 100'000, "Expect: 100-continue\r\n").answer();
  CHECK(has(expecting, "HTTP/1.1 403"));
  // Everywhere else what was large stays too large.
  CHECK(f.send(net::method::post, "/v1/tickets", headers_of(operator_of_province),
               std::string(100'000, ' '))
            .status == 413);
}

TEST_CASE("so many files are on their way at once, and fewer of one user") {
  upload_fixture f;
  const auto open = [&] { return f.uploads.room->open(); };
  const auto busy_with = [&](std::size_t many) {
    test::run_until(f.redis.context, [&] { return open() == many; });
  };
  std::optional<slow_client> a, b;
  a.emplace(f, &operator_of_province, 1'000);
  b.emplace(f, &operator_of_province, 1'000);
  busy_with(2);
  const auto full = f.upload(operator_of_province, "text", "a.txt");
  CHECK(full.status == 429);
  CHECK(text_at(full, "code") == "too_many_uploads");
  CHECK(full.header("Retry-After") != nullptr);
  CHECK(f.upload(another_operator, "text", "a.txt").status == 201);
  std::optional<slow_client> c, d;
  c.emplace(f, &another_operator, 1'000);
  d.emplace(f, &another_operator, 1'000);
  busy_with(4);
  CHECK(f.upload(officer_of_zoucheng, "text", "a.txt").status == 429);
  // Who goes away gives the place back.
  a.reset();
  busy_with(3);
  CHECK(f.upload(officer_of_zoucheng, "text", "a.txt").status == 201);
  busy_with(3);
}

TEST_CASE("a receipt is good for who handed the file in, for a day, as it was given") {
  upload_fixture f;
  const std::string no = f.create_ticket();
  const auto good = f.handed_in(operator_of_province, picture(100));
  const std::string wrong = "file_receipt_wrong attachment.reference";
  CHECK(f.attach(another_operator, no, good) == wrong);
  for (std::size_t at = 7; at < good.size(); at += 5) {
    auto forged = good;
    forged[at] = forged[at] == '1' ? '2' : '1';
    CAPTURE(forged);
    CHECK(f.attach(operator_of_province, no, forged) == wrong);
  }
  CHECK(f.attach(operator_of_province, no, "upload:") == wrong);
  // The address of a file is signed with another key.
  const store::file_links links(test::keys_for_tests());
  CHECK(f.attach(operator_of_province, no,
                 "upload:" + links.token_of({"li", no, std::string(64, 'a'),
                                             f.clock.now() + std::chrono::hours(1)})) == wrong);
  f.pass(std::chrono::hours(24) - milliseconds(1));
  CHECK(f.attach(operator_of_province, no, good) == "");
  f.pass(milliseconds(1));
  CHECK(f.attach(operator_of_province, no, good) == wrong);
  const auto create = f.post(operator_of_province, "/v1/tickets", create_with(good));
  CHECK(create.status == 422);
  CHECK(text_at(create, "field") == "intake.attachments[0].reference");
}

TEST_CASE("a digest alone names no file but one of that ticket") {
  upload_fixture f;
  const auto digest = store::stored_reference(*f.files.put(picture(100)));
  const std::string no = f.dispatch_ticket();
  const std::string refused = "file_not_handed_in attachment.reference";
  CHECK(f.attach(operator_of_province, no, digest) == refused);
  CHECK(f.attach(operator_of_province, no, "SHA256:x") == refused);
  CHECK(f.post(operator_of_province, "/v1/tickets", create_with(digest)).status == 422);
  CHECK(f.attach(operator_of_province, no, f.handed_in(operator_of_province, picture(100))) == "");
  CHECK(f.attach(officer_of_zoucheng, no, digest) == "");  // nothing new
  CHECK(f.stored(no).intake().attachments_size() == 1);
  // On another ticket it still is nobody's.
  CHECK(f.attach(operator_of_province, f.create_ticket(), digest) == refused);
  // Whether it hangs on a ticket is not for who does not see that.
  const sender elsewhere{"ROLE_OFFICER", "370881", "kong"};
  CHECK(f.attach(elsewhere, no, digest) == "ticket_unknown ");
  const auto other = store::stored_reference(std::string(64, 'b'));
  CHECK(f.attach(elsewhere, no, other) == "ticket_unknown ");
  // Pages of the unions' own systems are as they were.
  const auto page = f.post(operator_of_province, "/v1/tickets/" + no + ":add-attachment",
                           R"({"attachment":{"name":"通知","reference":"http://oa/1","size_bytes":1,
                               "sha256":")" +
                               std::string(64, 'c') + R"("}})");
  CHECK_MESSAGE(page.status == 200, page.body);
}

TEST_CASE("a repeat has its answer after the receipt has run out, another request has not") {
  upload_fixture f;
  const std::string no = f.create_ticket();
  const auto good = f.handed_in(operator_of_province, picture(100));
  const auto target = "/v1/tickets/" + no + ":add-attachment";
  const auto first = f.post(operator_of_province, target, attach_json(good), "k1");
  REQUIRE_MESSAGE(first.status == 200, first.body);
  const auto created = f.post(operator_of_province, "/v1/tickets", create_with(good), "k2");
  REQUIRE(created.status == 201);
  f.pass(std::chrono::hours(20));
  CHECK(f.post(operator_of_province, target, attach_json(good), "k1").body == first.body);
  f.pass(std::chrono::hours(4));
  const auto again = f.post(operator_of_province, target, attach_json(good), "k1");
  CHECK(again.status == 200);
  CHECK(again.body == first.body);
  CHECK(again.header("Idempotency-Replayed") != nullptr);
  const auto twice = f.post(operator_of_province, "/v1/tickets", create_with(good), "k2");
  CHECK(twice.status == 201);
  CHECK(text_at(twice, "ticket_no") == text_at(created, "ticket_no"));
  const auto other = f.post(operator_of_province, target, attach_json(good + "0"), "k1");
  CHECK(text_at(other, "code") == "key_reused");
  const auto late = f.post(operator_of_province, target, attach_json(good), "k3");
  CHECK(text_at(late, "code") == "file_receipt_wrong");
}

TEST_CASE("a citizen's files come with the request and with a supplement, once each") {
  upload_fixture f;
  const auto contract = f.handed_in(web, picture(100));
  const auto body = citizen_request(with_files(file_json(contract)));
  const auto taken = f.post(web, "/v1/intake/requests", body, "r1");
  REQUIRE_MESSAGE(taken.status == 201, taken.body);
  const std::string no = text_at(taken, "ticket_no");
  CHECK(f.stored(no).intake().attachments(0).size_bytes() == 100);

  const auto more = "{" + claim_of(no) + R"(,"text":"补充工资条")" +
                    with_files(file_json(f.handed_in(web, picture(200)))) + "}";
  const auto added = f.post(web, "/v1/intake/supplement", more, "s1");
  REQUIRE_MESSAGE(added.status == 200, added.body);
  const auto ticket = f.stored(no);
  REQUIRE(ticket.intake().attachments_size() == 2);
  CHECK(ticket.intake().attachments(1).size_bytes() == 200);
  CHECK_FALSE(has(added.body, "sha256"));
  const auto events = f.redis.run(f.tickets().history(no, 1, 100));
  REQUIRE(events.has_value());
  REQUIRE(events->size() == 3);
  CHECK((*events)[1].kind() == v1::EVENT_KIND_SUPPLEMENTED);
  CHECK(events->back().kind() == v1::EVENT_KIND_ATTACHED);
  CHECK(events->back().actor().user() == "web");
  const auto& named = ticket.intake().attachments(1).sha256();
  const auto file = "/v1/tickets/" + no + "/attachments/" + named;
  CHECK(f.get(operator_of_province, file).body == picture(200));
  CHECK(f.get(web, file).status == 403);
  // The same again, when the receipts have run out.
  f.pass(std::chrono::hours(24));
  const auto request_again = f.post(web, "/v1/intake/requests", body, "r1");
  CHECK_MESSAGE(request_again.status == 201, request_again.body);
  CHECK(text_at(request_again, "ticket_no") == no);
  const auto again = f.post(web, "/v1/intake/supplement", more, "s1");
  CHECK_MESSAGE(again.status == 200, again.body);
  CHECK(again.header("Idempotency-Replayed") != nullptr);
  CHECK(f.stored(no).intake().attachments_size() == 2);
}

TEST_CASE("a channel refers to what it has handed in itself, and to little at once") {
  upload_fixture f;
  const std::string no = f.taken(web, citizen_request());
  const auto code_of = [&](std::string_view file) {
    const auto answer = f.post(web, "/v1/intake/supplement",
                               "{" + claim_of(no) + R"(,"text":"补充")" + with_files(file) + "}");
    return text_at(answer, "code");
  };
  CHECK(code_of(file_json("http://evil.example/x.jpg")) == "file_not_handed_in");
  CHECK(code_of(file_json("")) == "file_not_handed_in");
  const auto digest = store::stored_reference(*f.files.put(picture(100)));
  CHECK(code_of(file_json(digest)) == "file_not_handed_in");
  CHECK(code_of(file_json(f.receipt_for(app, picture(100)))) == "file_receipt_wrong");
  CHECK(code_of(file_json(f.receipt_for(web, picture(100)), "../x")) == "file_name_wrong");
  std::string many;
  for (std::size_t i = 0; i < 11; ++i) {
    many += (i == 0 ? "" : ",") + file_json(f.receipt_for(web, picture(100 + i)));
  }
  CHECK(code_of(many) == "field_too_long");
  const auto request = f.post(web, "/v1/intake/requests", citizen_request(with_files(many)));
  CHECK(text_at(request, "rule") == "request.files");
  CHECK(f.stored(no).intake().attachments().empty());
  CHECK(f.stored(no).version() == 1);
}

TEST_CASE("files count as requests of their channel") {
  upload_fixture f;
  f.settings().set_client_per_minute_max(2);
  CHECK(f.upload(web, "text", "a.txt").status == 201);
  CHECK(f.upload(web, "text", "a.txt").status == 201);
  const auto full = f.upload(web, "text", "a.txt");
  CHECK(full.status == 429);
  CHECK(text_at(full, "code") == "too_many_requests");
  CHECK(f.ask(claim_of("3708-20261123-00001")).status == 429);
  CHECK(f.upload(app, "text", "a.txt").status == 201);
}

TEST_CASE("files of a sensitive ticket and of a confidential caller stay with who sees those") {
  upload_fixture f;
  const auto receipt = f.handed_in(operator_of_province, picture(100));
  const auto file_of = [&](const std::string& no) {
    return "/v1/tickets/" + no + "/attachments/" + f.stored(no).intake().attachments(0).sha256();
  };
  const auto sensitive = made(
      f, create_body(R"(,"sensitivity":"SENSITIVITY_SENSITIVE")" + with_files(file_json(receipt))));
  CHECK(f.get(operator_of_province, file_of(sensitive)).status == 200);
  CHECK(f.get(another_operator, file_of(sensitive)).status == 404);
  const auto confidential =
      made(f, create_body(with_files(file_json(receipt)), R"(,"confidential":true)"));
  REQUIRE(f.post(officer_of_zoucheng, "/v1/tickets/" + confidential + ":sign").status == 200);
  CHECK(f.get(officer_of_zoucheng, file_of(confidential)).status == 200);
  CHECK(f.get(lead_of_zoucheng, file_of(confidential)).status == 404);
  const auto history = f.get(lead_of_zoucheng, "/v1/tickets/" + confidential + "/history");
  REQUIRE(history.status == 200);
  CHECK_FALSE(has(history.body, "sha256"));
}

TEST_CASE("without a place for files there is no route, and no receipt is good") {
  gateway_fixture f;
  CHECK(f.upload(operator_of_province, "text", "a.txt").status == 404);
  f.uploads.file_bytes_max = 20;
  const std::string no = f.create_ticket();
  auto without = f.parts(mode::live);
  without.uploads = nullptr;
  f.door = std::make_unique<gateway>(std::move(without));
  const auto answer = f.post(operator_of_province, "/v1/tickets/" + no + ":add-attachment",
                             attach_json(f.receipt_for(operator_of_province, "text")));
  CHECK(text_at(answer, "code") == "file_receipt_wrong");
}

TEST_CASE("openapi.json knows how a file is handed in") {
  upload_fixture f;
  const auto document = parse(f.send(net::method::get, "/openapi.json", {}));
  const auto& post = document.at("paths").at("/v1/files").at("post");
  CHECK(post.at("requestBody").at("content").as_object().contains("application/octet-stream"));
  CHECK(post.at("responses").as_object().contains("201"));
}

}  // namespace
}  // namespace hotline::gateway
