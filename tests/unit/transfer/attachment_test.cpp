// Files partners refer to: told by their bytes, kept once, added to their ticket as the partner.
#include "services/transfer/attachment_fetcher.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "common/store/file_type.hpp"
#include "tests/unit/transfer/transfer_fixture.hpp"

namespace hotline::test {
namespace {

using namespace std::string_literals;
using store::type_of_file;
using transfer::attachment_fetcher;

const std::string png = "\x89PNG\r\n\x1A\n and more"s;
const std::string pdf = "%PDF-1.7 and more";

TEST_CASE("a file is what its bytes say") {
  const std::string word =
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
  const std::string excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  const std::string compound = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"s;
  struct row {
    std::string bytes;
    std::string type;
  };
  for (const auto& r : {
           row{png, "image/png"},
           row{"\xFF\xD8\xFF\xE0 jpeg", "image/jpeg"},
           row{"GIF87a…", "image/gif"},
           row{"GIF89a…", "image/gif"},
           row{pdf, "application/pdf"},
           row{"PK\x03\x04 [Content_Types].xml word/document.xml", word},
           row{"PK\x03\x04 [Content_Types].xml xl/workbook.xml", excel},
           row{"PK\x03\x04 photo.jpg", "application/zip"},
           row{compound + "W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"s, "application/msword"},
           row{compound + "W\0o\0r\0k\0b\0o\0o\0k\0"s, "application/vnd.ms-excel"},
           row{compound + "something else", ""},
           row{"ID3\x04 sound", "audio/mpeg"},
           row{"\xFF\xFB\x90 sound", "audio/mpeg"},
           row{"RIFF\1\2\3\4WAVEfmt ", "audio/wav"},
           row{"RIFF\1\2\3\4AVI fmt ", ""},
           row{"#!AMR\n…", "audio/amr"},
           row{"\0\0\0\x20"
               "ftypisom"s,
               "video/mp4"},
           row{"拖欠工资明细\r\n", "text/plain"},
           row{"\xCD\xCF\xC7\xB7\xB9\xA4\xD7\xCA", "text/plain"},  // the same in GB18030
           row{"", ""},
           row{"\x7F"
               "ELF",
               ""},
           row{"MZ\x90\0\3"s, ""},
           row{"\xFF\xFE", ""},
       }) {
    CAPTURE(r.bytes);
    CHECK(type_of_file(r.bytes) == r.type);
    if (!r.type.empty()) CHECK_FALSE(store::suffix_of_type(r.type).empty());
  }
}

TEST_CASE("bytes are kept once, by what they are, and only as long as they are that") {
  temporary_directory directory;
  const store::attachment_store files(directory.path());
  const auto digest = files.put(png);
  REQUIRE(digest);
  CHECK(*files.put(png) == *digest);
  CHECK(*files.get(*digest) == png);
  CHECK(files.get(std::string(64, '0')).error().code == errc::not_found);
  CHECK(files.get("../../etc/passwd").error().code == errc::not_found);
  CHECK(store::digest_of_reference(store::stored_reference(*digest)) == *digest);
  CHECK_FALSE(store::digest_of_reference("sha256:../x"));
  CHECK_FALSE(store::digest_of_reference("http://a.cn/x"));
  const auto path = directory.path() + "/" + digest->substr(0, 2) + "/" + *digest;
  std::ofstream(path, std::ios::app) << "x";
  CHECK(files.get(*digest).error().code == errc::corrupt_data);
}

v1::Partner with_rules(const std::function<void(v1::AttachmentRules&)>& change = {}) {
  auto made = talkative_partner();
  made.mutable_outbound()->add_retry("1min");
  auto& rules = *made.mutable_attachments();
  rules.set_size_bytes_max(100);
  rules.add_types("image/png");
  rules.add_types("application/pdf");
  if (change) change(rules);
  return made;
}

struct fetching_fixture : transfer_fixture {
  explicit fetching_fixture(v1::Partner config = with_rules())
      : transfer_fixture({std::move(config)}) {
    partner().answer = [this](net::request asked) -> boost::asio::awaitable<net::response> {
      const auto found = content.find(asked.path);
      co_return found == content.end() ? answer_of(404, "") : answer_of(200, found->second);
    };
    ticket_no = sent_in("JN-1");
  }

  /// The partner tells of files at these paths; runs until nothing is to be fetched now.
  void tell(const std::vector<std::string>& paths) {
    std::vector<v1::Attachment> files_told(paths.size());
    for (std::size_t i = 0; i < paths.size(); ++i)
      files_told[i].set_reference(partner().url(paths[i]));
    tell_of(files_told);
  }
  void tell_of(const std::vector<v1::Attachment>& files_told) {
    v1::PartnerEvent event;
    event.set_kind(v1::PARTNER_EVENT_KIND_ATTACH);
    event.set_external_no("JN-1");
    event.set_serial("s1");
    for (const auto& file : files_told) *event.add_attachments() = file;
    auto order = transfer::take_out_files(event, ticket_no);
    REQUIRE(order);
    CHECK(event.attachments().empty());
    REQUIRE(run(link().fetches.put(*std::move(order), clock.now())));
    fetch();
  }
  void fetch() {
    runtime::stop_signal stopping(redis.context.get_executor());
    attachment_fetcher fetcher(redis.context, link(), kit, files, {}, clock,
                               {.poll = milliseconds(5)}, tasks, quiet_log());
    bool ended = false;
    boost::asio::co_spawn(redis.context, fetcher.run(stopping),
                          [&](std::exception_ptr) { ended = true; });
    run_until(redis.context, [&] {
      const auto due =
          exec("ZCOUNT", "{p:small}:fetches:due", "-inf", to_unix_ms(clock.now()) + 900'000);
      const auto soon = exec("ZCOUNT", "{p:small}:fetches:due", to_unix_ms(clock.now()) + 1,
                             to_unix_ms(clock.now()) + 90'000);
      return due.integer() == soon.integer();  // done, or put off for a minute
    });
    stopping.raise();
    run_until(redis.context, [&] { return ended; });
  }
  std::int64_t waiting() { return exec("ZCARD", "{p:small}:fetches:due").integer(); }
  store::review_page reviews() { return *run(link().feed.reviews(0, 10)); }

  std::map<std::string, std::string> content;
  std::string ticket_no;
};

TEST_CASE("files are fetched, kept, and added to the ticket as the partner, once") {
  fetching_fixture f;
  f.content = {{"/a.png", png}, {"/doc", pdf}};
  f.tell({"/a.png", "/doc"});
  const auto ticket = f.ticket(f.ticket_no);
  REQUIRE(ticket.intake().attachments_size() == 2);
  const auto& first = ticket.intake().attachments(0);
  CHECK(first.name() == "a.png");
  CHECK(first.size_bytes() == static_cast<std::int64_t>(png.size()));
  CHECK(ticket.intake().attachments(1).name() == "doc.pdf");
  CHECK(*f.files.get(*store::digest_of_reference(first.reference())) == png);
  CHECK(f.history(f.ticket_no).back().actor().unit() == partner_unit);
  CHECK(f.waiting() == 0);
  CHECK(f.reviews().total == 0);

  f.tell({"/a.png", "/doc"});
  CHECK(f.ticket(f.ticket_no).version() == ticket.version());
}

TEST_CASE("what is not there, too large or of another type is for a person; the rest is added") {
  fetching_fixture f;
  f.content = {{"/good.png", png}, {"/evil.png", "MZ\x90\0\3 program"s}, {"/empty.png", ""}};
  f.tell({"/good.png", "/evil.png", "/gone.png", "/empty.png"});
  CHECK(f.ticket(f.ticket_no).intake().attachments_size() == 1);
  CHECK(f.waiting() == 0);
  const auto page = f.reviews();
  REQUIRE(page.reviews.size() == 1);
  const auto& review = page.reviews[0].review;
  CHECK(review.reason() == v1::REVIEW_REASON_ATTACHMENT);
  CHECK(review.text() ==
        "evil.png：不是约定的文件类型；gone.png：对方回应 404；empty.png：文件为空");
  CHECK(review.item().event().ticket_no() == f.ticket_no);
}

TEST_CASE("what a partner says of a file is compared with what comes") {
  const temporary_directory other;
  const auto digest = *store::attachment_store(other.path()).put(png);
  std::string upper = digest;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  struct row {
    std::string sha256;
    std::int64_t size;
    std::string review;
  };
  for (const auto& r : {row{digest, 17, ""}, row{upper, 0, ""},
                        row{std::string(64, 'a'), 17, "a.png：摘要与对方所述不符"},
                        row{digest, 16, "a.png：大小与对方所述不符"},
                        row{"md5-of-it", 0, "a.png：摘要与对方所述不符"}}) {
    CAPTURE(r.sha256);
    fetching_fixture f;
    f.content = {{"/a.png", png}};
    v1::Attachment file;
    file.set_reference(f.partner().url("/a.png"));
    file.set_sha256(r.sha256);
    file.set_size_bytes(r.size);
    f.tell_of({file});
    CHECK(f.partner().asked.size() == 1);
    CHECK(f.ticket(f.ticket_no).intake().attachments_size() == (r.review.empty() ? 1 : 0));
    const auto page = f.reviews();
    REQUIRE(page.total == (r.review.empty() ? 0 : 1));
    if (page.total > 0) CHECK(page.reviews[0].review.text() == r.review);
  }
}

TEST_CASE("a partner that names a file somebody else has given us gets a person to look") {
  fetching_fixture f;
  const auto digest = *f.files.put(pdf);
  v1::Attachment file;
  file.set_name("工资单.pdf");
  file.set_reference(store::stored_reference(digest));
  file.set_sha256(digest);
  file.set_size_bytes(static_cast<std::int64_t>(pdf.size()));
  f.tell_of({file});
  CHECK(f.ticket(f.ticket_no).intake().attachments().empty());
  REQUIRE(f.reviews().total == 1);
  CHECK(f.reviews().reviews[0].review.reason() == v1::REVIEW_REASON_ATTACHMENT);
  CHECK(f.reviews().reviews[0].review.text() == "工资单.pdf：地址无效");
}

TEST_CASE("files anywhere in an event are fetched, not believed") {
  v1::PartnerEvent event;
  event.add_attachments()->set_reference("http://a.cn/1");
  event.mutable_intake()->add_attachments()->set_reference("http://a.cn/2");
  event.mutable_reply()->add_evidence()->set_reference("http://a.cn/3");
  for (auto* file : {event.mutable_attachments(0), event.mutable_intake()->mutable_attachments(0),
                     event.mutable_reply()->mutable_evidence(0)})
    file->set_sha256(std::string(64, 'a'));
  const auto order = transfer::take_out_files(event, "3708-20261123-00001");
  REQUIRE(order);
  CHECK(order->event().attachments_size() == 3);
  CHECK(event.attachments().empty());
  CHECK(event.intake().attachments().empty());
  CHECK(event.reply().evidence().empty());
}

TEST_CASE("an internal partner's messages lead to no other service of ours, unless they may") {
  for (const bool may : {false, true}) {
    CAPTURE(may);
    fetching_fixture f(with_rules([&](auto& rules) { rules.set_internal(may); }));
    stand_in inside(f.redis.context, [](net::request) -> boost::asio::awaitable<net::response> {
      co_return answer_of(200, png);
    });
    v1::Attachment file;
    file.set_reference(inside.url("/secret.png"));
    f.tell_of({file});
    CHECK(inside.connections() == (may ? 1 : 0));
    CHECK(f.ticket(f.ticket_no).intake().attachments_size() == (may ? 1 : 0));
  }
}

TEST_CASE("what may still come is tried again by the plan, then it is for a person") {
  fetching_fixture f;
  f.content = {{"/big.png", png + std::string(200, 'x')}};
  f.tell({"/big.png"});
  CHECK(f.waiting() == 1);
  CHECK(f.reviews().total == 0);
  f.clock.set(f.clock.now() + std::chrono::seconds(70), 0);
  SUBCASE("it does not") {
    f.fetch();
    CHECK(f.waiting() == 0);
    REQUIRE(f.reviews().total == 1);
    CHECK(f.reviews().reviews[0].review.text().starts_with("big.png：未能取得："));
  }
  SUBCASE("it does") {
    f.content["/big.png"] = png;
    f.fetch();
    CHECK(f.waiting() == 0);
    CHECK(f.reviews().total == 0);
    CHECK(f.ticket(f.ticket_no).intake().attachments_size() == 1);
  }
}

TEST_CASE("a ticket takes no more files than agreed") {
  fetching_fixture f(with_rules([](v1::AttachmentRules& rules) { rules.set_count_max(1); }));
  f.content = {{"/a.png", png}, {"/b.pdf", pdf}};
  f.tell({"/a.png", "/b.pdf"});
  CHECK(f.ticket(f.ticket_no).intake().attachments_size() == 1);
  CHECK(f.reviews().reviews.at(0).review.text() == "b.pdf：附件超过 1 个");
}

}  // namespace
}  // namespace hotline::test
