// GET /v1/files/{token}: to partners that were told of a file, at the address they were given.
#include "common/store/file_link.hpp"

#include <doctest/doctest.h>

#include "tests/unit/gateway/cast.hpp"
#include "tests/unit/gateway/feed_fixture.hpp"

namespace hotline::gateway {
namespace {

using store::file_link;

struct served_fixture : feed_fixture {
  served_fixture() {
    auto with_files = parts(mode::live);
    with_files.files = &files;
    with_files.links = &links;
    door = std::make_unique<gateway>(std::move(with_files));
    sha256 = *files.put(content);
    ticket_no = dispatch_ticket();
    const auto body = R"({"attachment":{"name":"工资单.pdf","reference":")" +
                      receipt_for(operator_of_province, content) + R"("}})";
    REQUIRE(
        post(operator_of_province, "/v1/tickets/" + ticket_no + ":add-attachment", body).status ==
        200);
  }
  /// Of the file on the ticket, for "small", good for an hour.
  file_link good() const {
    return {"small", ticket_no, sha256, clock.now() + std::chrono::hours(1)};
  }
  net::response get_token(const std::string& token) {
    return send(net::method::get, "/v1/files/" + token, {});
  }
  net::response get_link(const file_link& link) { return get_token(links.token_of(link)); }

  const std::string content = "%PDF-1.7";
  const store::file_links links{test::keys_for_tests()};
  store::attachment_store files{redis.directory.path() + "/files"};
  std::string sha256;
  std::string ticket_no;
};

TEST_CASE("a partner gets the file it was told of, without a session, and that is on record") {
  served_fixture f;
  const auto answer = f.get_link(f.good());
  REQUIRE(answer.status == 200);
  CHECK(answer.body == f.content);
  CHECK(answer.content_type == "application/pdf");
  CHECK(*answer.header("X-Content-Type-Options") == "nosniff");
  CHECK(*answer.header("Content-Disposition") ==
        "attachment; filename*=UTF-8''%E5%B7%A5%E8%B5%84%E5%8D%95.pdf");
  const auto page = f.redis.run(f.audit().page(std::nullopt, 50));
  REQUIRE(page);
  const auto& last = page->records.at(0).record;
  CHECK(last.action() == "file.served");
  CHECK(last.object() == f.ticket_no);
  CHECK(last.actor().user() == "small");
  CHECK(last.actor().unit() == "p-12345-370800");
  CHECK(last.actor().role() == v1::ROLE_PARTNER);
}

TEST_CASE("whatever is not as it was given is not there") {
  served_fixture f;
  const auto other_ticket = f.create_ticket();
  const auto other_file = *f.files.put("another");
  auto link = f.good();
  SUBCASE("another ticket") { link.ticket_no = other_ticket; }
  SUBCASE("a file of another") { link.sha256 = other_file; }
  SUBCASE("no ticket") { link.ticket_no = "3708-20261123-99999"; }
  SUBCASE("no partner") { link.partner = "nobody"; }
  SUBCASE("a partner that is switched off") { link.partner = "asleep"; }
  SUBCASE("it is over") { link.until = f.clock.now(); }
  CHECK(f.get_link(link).status == 404);
}

TEST_CASE("an address that was changed anywhere is not there") {
  served_fixture f;
  const auto token = f.links.token_of(f.good());
  for (std::size_t at = 0; at < token.size(); at += 7) {
    auto changed = token;
    changed[at] = changed[at] == 'a' ? 'b' : 'a';
    CAPTURE(changed);
    CHECK(f.get_token(changed).status == 404);
  }
  // Signed for one ticket, asked for another.
  const auto other = f.create_ticket();
  auto moved = token;
  moved.replace(moved.find(f.ticket_no), f.ticket_no.size(), other);
  CHECK(f.get_token(moved).status == 404);
  CHECK(f.get_token("x").status == 404);
  CHECK(f.get_token("....").status == 404);
  CHECK(f.get_token(token).status == 200);
}

TEST_CASE("after its days an address is not there") {
  served_fixture f;
  const auto link = f.good();
  f.clock.set(link.until - std::chrono::seconds(1), 0);
  CHECK(f.get_link(link).status == 200);
  f.clock.set(link.until, 0);
  CHECK(f.get_link(link).status == 404);
}

}  // namespace
}  // namespace hotline::gateway
