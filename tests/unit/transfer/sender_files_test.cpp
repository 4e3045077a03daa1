// Files of ours that partners are told of.
#include <doctest/doctest.h>

#include "tests/unit/transfer/sender_kit.hpp"

namespace hotline::test {

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

}  // namespace hotline::test
