// GET /v1/tickets/{no}/attachments/{sha256}: for those who see the ticket's files, as they were
// kept.
#include <doctest/doctest.h>

#include "common/store/attachment_store.hpp"
#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {
namespace {

struct files_fixture : gateway_fixture {
  files_fixture() {
    auto with_files = parts(mode::live);
    with_files.files = &files;
    door = std::make_unique<gateway>(std::move(with_files));
    sha256 = *files.put(content);
    ticket_no = dispatch_ticket();
    const auto body = R"({"attachment":{"name":"工资单.pdf","reference":")" +
                      receipt_for(operator_of_province, content) + R"("}})";
    REQUIRE(
        post(operator_of_province, "/v1/tickets/" + ticket_no + ":add-attachment", body).status ==
        200);
  }
  std::string url() const { return "/v1/tickets/" + ticket_no + "/attachments/" + sha256; }

  const std::string content = "%PDF-1.7";
  store::attachment_store files{redis.directory.path() + "/files"};
  std::string sha256;
  std::string ticket_no;
};

TEST_CASE("a file comes as it was kept, to be saved and not to be shown") {
  files_fixture f;
  const auto answer = f.get(officer_of_zoucheng, f.url());
  REQUIRE(answer.status == 200);
  CHECK(answer.body == f.content);
  CHECK(answer.content_type == "application/octet-stream");
  CHECK(*answer.header("X-Content-Type-Options") == "nosniff");
  CHECK(*answer.header("Content-Disposition") ==
        "attachment; filename*=UTF-8''%E5%B7%A5%E8%B5%84%E5%8D%95.pdf");
}

TEST_CASE("who does not see the ticket, or asks for a file of another, finds nothing") {
  files_fixture f;
  CHECK(f.get({"ROLE_OFFICER", "370881", "kong"}, f.url()).status == 404);
  CHECK(f.get({"ROLE_AUDITOR", "370000", "audit"}, f.url()).status == 403);
  const auto other = f.files.put("another");
  CHECK(
      f.get(officer_of_zoucheng, "/v1/tickets/" + f.ticket_no + "/attachments/" + *other).status ==
      404);
  CHECK(f.get(officer_of_zoucheng, "/v1/tickets/" + f.ticket_no + "/attachments/x").status == 404);
  CHECK(f.get(officer_of_zoucheng, "/v1/tickets/" + f.create_ticket() + "/attachments/" + f.sha256)
            .status == 404);
}

}  // namespace
}  // namespace hotline::gateway
