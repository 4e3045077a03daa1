#include "common/exchange/write_message.hpp"

#include <doctest/doctest.h>

#include <string>

#include "common/exchange/charset.hpp"
#include "common/exchange/read_message.hpp"
#include "tests/unit/exchange/exchange_kit.hpp"

namespace hotline::exchange {
namespace {

using verdict = partner_answer::verdict;

v1::PartnerEvent progress() {
  v1::PartnerEvent event;
  event.set_kind(v1::PARTNER_EVENT_KIND_PROGRESS);
  event.set_external_no("A1");
  return event;
}

std::string body(const partner& to, const v1::PartnerEvent& event) {
  const auto made = write_message(to, event);
  return made ? made->body : "!" + made.error().path + " " + made.error().reason;
}

}  // namespace

TEST_CASE("values in their words and their types") {
  const partner to = ready([](v1::Partner& p) {
    map_out(p, "head.from", "").set_fixed("工会");
    map_out(p, "paid", "reply.amount_paid_fen").set_scale(100);
    map_out(p, "at", "occurred_at").set_date_format("unix_ms");
    map_out(p, "day", "due_at").set_date_format("yyyy-MM-dd");
    map_out(p, "ok", "granted");
    map_out(p, "files[].u", "attachments[].reference");
    map_out(p, "urls", "attachments[].reference").set_separator(",");
    map_out(p, "note", "text").set_default_value("无");
  });
  v1::PartnerEvent event = progress();
  CHECK(body(to, event) == R"({"event":"progress","no":"A1","head":{"from":"工会"},"note":"无"})");
  event.mutable_reply()->set_amount_paid_fen(18600050);
  event.set_occurred_at(1795406400000);
  event.set_due_at(1795406400000);
  event.set_granted(true);
  event.add_attachments()->set_reference("a");
  event.add_attachments()->set_reference("b");
  event.set_text("x");
  CHECK(
      body(to, event) ==
      R"({"event":"progress","no":"A1","head":{"from":"工会"},"paid":186000.5,"at":1795406400000,)"
      R"("day":"2026-11-23","ok":true,"files":[{"u":"a"},{"u":"b"}],"urls":"a,b","note":"x"})");
  event.mutable_attachments(0)->set_reference("a,c");
  CHECK(body(to, event) == "!urls 内容含有列表分隔符");
}

TEST_CASE("no is an answer where one is required") {
  v1::PartnerEvent event = progress();
  const auto written = [&](const char* table) {
    const partner to = ready([&](v1::Partner& p) {
      auto& field = map_out(p, "agree", "granted");
      field.set_required(true);
      field.set_table(table);
      auto& words = *p.add_tables();
      words.set_name("yes_no");
      auto& entry = *words.add_entries();
      entry.set_ours("false");
      entry.set_theirs("否");
    });
    return body(to, event);
  };
  CHECK(written("") == R"({"event":"progress","no":"A1","agree":false})");
  CHECK(written("yes_no") == R"({"event":"progress","no":"A1","agree":"否"})");
}

TEST_CASE("what must not go out does not") {
  const partner to = ready([](v1::Partner& p) {
    map_out(p, "phone", "intake.caller.phone");
    map_out(p, "text", "text");
  });
  v1::PartnerEvent event = progress();
  event.clear_external_no();
  CHECK(body(to, event) == "!no 缺少必填内容");
  event = progress();
  event.set_kind(v1::PARTNER_EVENT_KIND_FINISH);
  CHECK(body(to, event) == "! 未约定向对方告知此类事件");
  event = progress();
  event.mutable_intake()->mutable_caller()->set_phone("~sealed");
  CHECK(body(to, event) == "!phone 个人信息未解密");
  event = progress();
  event.set_text("a\x02");
  CHECK(body(to, event) == "!text 含有不允许的控制字符");
}

TEST_CASE("XML in GB18030") {
  const partner to = shipped("shandong-12345");
  v1::PartnerEvent event;
  event.set_kind(v1::PARTNER_EVENT_KIND_FINISH);
  event.set_external_no("SD1");
  event.set_ticket_no("3702-20261123-00001");
  event.set_serial("3702-20261123-00001:9");
  event.set_occurred_at(1795406400000);
  event.mutable_reply()->set_result(v1::RESULT_SOLVED);
  event.mutable_reply()->set_text("已补签合同 <&> 𠮷");
  const auto made = write_message(to, event);
  REQUIRE(made.has_value());
  CHECK(made->content_type == "text/xml; charset=GB18030");
  CHECK(to_utf8(made->body, v1::CHARSET_GB18030) ==
        "<?xml version=\"1.0\" encoding=\"GB18030\"?><Request><Head><Sender>SDGH12351</Sender>"
        "<Serial>3702-20261123-00001:9</Serial><Time>20261123120000</Time></Head><Body>"
        "<Case type=\"16\"><CaseNo>SD1</CaseNo><UnionNo>3702-20261123-00001</UnionNo>"
        "<Result>00</Result><Reply>已补签合同 &lt;&amp;&gt; 𠮷</Reply></Case></Body></Request>");
}

TEST_CASE("their answers") {
  const partner from = shipped("jining-12345");
  struct example {
    int status;
    std::string body;
    verdict outcome;
  };
  for (const auto& [status, text, outcome] : {
           example{200, R"({"code":10000,"message":"ok","data":{"workOrderCode":"JN9"}})",
                   verdict::accepted},
           example{200, R"({"code":"10001"})", verdict::accepted},
           example{200, R"({"code":"20000","message":"无此工单"})", verdict::refused},
           example{500, R"({"code":"20000"})", verdict::refused},
           example{200, R"({"code":"99999"})", verdict::unclear},
           example{200, "", verdict::unclear},
           example{200, "<html>", verdict::unclear},
           example{500, R"({"code":"10000"})", verdict::unclear},
           example{429, "", verdict::unclear},
           example{401, "", verdict::unclear},
           example{404, "", verdict::unclear},
           example{302, "", verdict::unclear},
           example{400, "", verdict::refused},
           example{413, "", verdict::refused},
       }) {
    CAPTURE(status);
    CAPTURE(text);
    CHECK(read_answer(from, status, text).outcome == outcome);
  }
  const auto first =
      read_answer(from, 200, R"({"code":10000,"message":"ok","data":{"workOrderCode":"JN9"}})");
  CHECK(first.code == "10000");
  CHECK(first.message == "ok");
  CHECK(first.external_no == "JN9");
  // Without a code the status counts.
  const partner plain = ready(small_partner());
  CHECK(read_answer(plain, 204, "").outcome == verdict::accepted);
  CHECK(read_answer(plain, 503, "").outcome == verdict::unclear);
}

TEST_CASE("our answers") {
  const partner to = shipped("jining-12345");
  CHECK(write_answer(to, answer_kind::ok, "成功", "3708-20261123-00001").body ==
        R"({"code":"10000","message":"成功","ticketNo":"3708-20261123-00001"})");
  CHECK(write_answer(to, answer_kind::duplicate, "", "").body == R"({"code":"10001"})");
  CHECK(write_answer(to, answer_kind::refused, "缺少必填内容", "").body ==
        R"({"code":"20000","message":"缺少必填内容"})");
  const partner xml = ready([](v1::Partner& p) {
    p.mutable_inbound()->mutable_format()->set_syntax(v1::SYNTAX_XML);
    p.mutable_inbound()->mutable_format()->set_charset(v1::CHARSET_GB18030);
  });
  const auto answer = write_answer(xml, answer_kind::duplicate, "", "");
  CHECK(answer.body ==
        "<?xml version=\"1.0\" encoding=\"GB18030\"?><response><code>0</code></response>");
  CHECK(answer.content_type == "application/xml; charset=GB18030");
}

TEST_CASE("the reference of an uploaded file") {
  const partner from = ready(
      [](v1::Partner& p) { p.mutable_attachments()->set_upload_reference_path("data.path"); });
  CHECK(read_upload_reference(from, R"({"data":{"path":"/f/1"}})") == "/f/1");
  CHECK(read_upload_reference(from, R"({"data":{}})") == "");
  CHECK(read_upload_reference(from, "?") == "");
}

}  // namespace hotline::exchange
