#include "common/exchange/read_message.hpp"

#include <doctest/doctest.h>

#include <string>

#include "tests/unit/exchange/exchange_kit.hpp"

namespace hotline::exchange {
namespace {

std::string faults_of(const partner& from, std::string_view bytes) {
  const auto read = read_message(from, bytes);
  if (!read) return to_string({read.error()});
  REQUIRE(read->size() == 1);
  return read->front().event ? "" : to_string(read->front().event.error());
}

v1::PartnerEvent event_of(const partner& from, std::string_view bytes) {
  const auto read = read_message(from, bytes);
  REQUIRE(read.has_value());
  REQUIRE(read->size() == 1);
  REQUIRE_MESSAGE(read->front().event.has_value(), faults_of(from, bytes));
  return *read->front().event;
}

/// The small partner with one more field.
partner with(std::string_view theirs, std::string_view ours,
             const std::function<void(v1::FieldMapping&, v1::Partner&)>& change = {}) {
  return ready([&](v1::Partner& p) {
    v1::FieldMapping& field = map_in(p, theirs, ours);
    if (change) change(field, p);
  });
}

constexpr std::string_view head = R"({"event":"urge","no":"A1")";

std::string urge(std::string_view members) {
  return std::string(head) + "," + std::string(members) + "}";
}

}  // namespace

TEST_CASE("the kind comes from their word") {
  const partner from = ready(small_partner());
  const auto event = event_of(from, R"({"event":"new","no":" A1 ","content":"欠薪"})");
  CHECK(event.kind() == v1::PARTNER_EVENT_KIND_CREATE);
  CHECK(event.partner() == "small");
  CHECK(event.external_no() == "A1");
  CHECK(event.intake().matter().content() == "欠薪");
  // A rule for one kind does not hold for the others.
  CHECK(event_of(from, R"({"event":"urge","no":"A1"})").kind() == v1::PARTNER_EVENT_KIND_URGE);
}

TEST_CASE("what is wrong names their path") {
  const partner from = ready(small_partner());
  CHECK(faults_of(from, R"({"no":"A1"})") == "event：缺少事件类型");
  CHECK(faults_of(from, R"({"event":"other","no":"A1"})") == "event：未约定的事件类型");
  CHECK(faults_of(from, R"({"event":"new"})") == "no：缺少必填内容；content：缺少必填内容");
  CHECK(faults_of(from, R"({"event":"urge","no":["A1"]})") == "no：此处应为单个值，不是列表");
  CHECK(faults_of(from, R"({"event":"urge","no":{"a":1}})") == "no：此处应为单个值，不是对象");
  CHECK(faults_of(from, R"([])") == "此处应为对象");
  CHECK(faults_of(from, "\xB9\xA4").starts_with("不是合法的 UTF-8 编码"));
  CHECK(faults_of(from, "{").starts_with("不是合法的 JSON"));
  CHECK(faults_of(with("a", "text"), urge(R"("a":"x\u0007y")")) == "a：含有不允许的控制字符");
}

TEST_CASE("tables, otherwise and default") {
  const auto change = [](v1::FieldMapping& field, v1::Partner& p) {
    field.set_table("level");
    auto& table = *p.add_tables();
    table.set_name("level");
    for (const auto& [theirs, ours] :
         {std::pair{"1", "URGENCY_NORMAL"}, {"2", "URGENCY_URGENT"}, {"2", "URGENCY_CRITICAL"}}) {
      table.add_entries()->set_theirs(theirs);
      table.mutable_entries(table.entries_size() - 1)->set_ours(ours);
    }
  };
  const partner from = with("level", "intake.urgency", change);
  CHECK(event_of(from, urge(R"("level":2)")).intake().urgency() == v1::URGENCY_URGENT);
  CHECK(!event_of(from, urge(R"("level":null)")).has_intake());
  CHECK(faults_of(from, urge(R"("level":"9")")) == "level：代码表 level 中没有此代码");
  const partner lenient = with("level", "intake.urgency", [&](auto& field, auto& p) {
    change(field, p);
    p.mutable_tables(0)->set_otherwise_ours("URGENCY_CRITICAL");
    field.set_default_value("URGENCY_NORMAL");
  });
  CHECK(event_of(lenient, urge(R"("level":"9")")).intake().urgency() == v1::URGENCY_CRITICAL);
  CHECK(event_of(lenient, urge(R"("level":" ")")).intake().urgency() == v1::URGENCY_NORMAL);
}

TEST_CASE("places are recognised, and only when they are certain") {
  const partner from = with("area", "intake.matter.region",
                            [](auto& field, auto&) { field.set_recognise_place(true); });
  const auto region = [&](const std::string& name) {
    return event_of(from, urge("\"area\":\"" + name + "\"")).intake().matter().region();
  };
  CHECK(region("济宁市邹城市") == "370883");
  CHECK(region("山东省济南市市中区经七路") == "370103");
  CHECK(faults_of(from, urge(R"("area":"市中区")")) == "area：地名不能确定");
  CHECK(faults_of(from, urge(R"("area":"辽宁省大连市")")) == "area：地名不在本省");
  CHECK(faults_of(from, urge(R"("area":"不详")")) == "area：地名不能确定");
}

TEST_CASE("lists keep what belongs together") {
  const partner from = ready([](v1::Partner& p) {
    map_in(p, "files[].name", "attachments[].name");
    map_in(p, "files[].url", "attachments[].reference");
    map_in(p, "proof[]", "intake.matter.evidence[]");
    map_in(p, "tags", "intake.matter.tags[]").set_separator("、");
  });
  const auto event =
      event_of(from, urge(R"("files":[{"url":"u0"},{"name":"n1","url":"u1"}],"proof":["a","","b"],)"
                          R"("tags":"群体、 媒体、")"));
  REQUIRE(event.attachments_size() == 2);
  CHECK(event.attachments(0).name() == "");
  CHECK(event.attachments(0).reference() == "u0");
  CHECK(event.attachments(1).name() == "n1");
  REQUIRE(event.intake().matter().evidence_size() == 2);
  CHECK(event.intake().matter().evidence(1) == "b");
  REQUIRE(event.intake().matter().tags_size() == 2);
  CHECK(event.intake().matter().tags(1) == "媒体");
  CHECK(faults_of(from, urge(R"("files":{"url":"u"})")) == "files[]：此处应为列表");
  CHECK(event_of(from, urge(R"("files":[])")).attachments_size() == 0);
}

TEST_CASE("each item stands for itself and can be read again alone") {
  for (const v1::Syntax syntax : {v1::SYNTAX_JSON, v1::SYNTAX_XML}) {
    CAPTURE(v1::Syntax_Name(syntax));
    const partner from = ready([&](v1::Partner& p) {
      p.mutable_inbound()->mutable_format()->set_syntax(syntax);
      p.mutable_inbound()->mutable_format()->set_items(syntax == v1::SYNTAX_XML ? "r.b.i" : "b.i");
    });
    const std::string bytes =
        syntax == v1::SYNTAX_XML
            ? "<r><h>1</h><b><i><event>urge</event><no>1</no></i><i><event>?</event></i>"
              "<i><event>urge</event><no>3</no></i></b></r>"
            : R"({"h":1,"b":{"i":[{"event":"urge","no":1},{"event":"?"},{"event":"urge","no":3}]}})";
    const auto read = read_message(from, bytes);
    REQUIRE(read.has_value());
    REQUIRE(read->size() == 3);
    CHECK((*read)[0].event.has_value());
    CHECK(!(*read)[1].event.has_value());
    CHECK((*read)[2].event.has_value());
    for (const read_item& item : *read) {
      const auto again = read_message(from, item.original);
      REQUIRE(again.has_value());
      REQUIRE(again->size() == 1);
      CHECK(again->front().original == item.original);
      CHECK(again->front().event.has_value() == item.event.has_value());
      if (item.event)
        CHECK(again->front().event->SerializeAsString() == item.event->SerializeAsString());
    }
  }
}

TEST_CASE("a document of another kind does not pass for an empty list") {
  const partner json = shipped("jining-12345");
  CHECK(read_message(json, R"({"data":{"list":[]}})")->empty());
  CHECK(read_message(json, R"({"data":{"list":null}})")->empty());
  for (const std::string other : {R"({})", R"({"data":{}})", R"({"data":null})", R"([])",
                                  R"({"data":{"list":{}}})", R"({"data":[{"list":[]}]})"}) {
    CAPTURE(other);
    CHECK(!read_message(json, other).has_value());
    CHECK(!explain_message(json, other).has_value());
  }
  CHECK(faults_of(json, R"({"data":{"list":[null]}})") == "此处应为对象");
  const partner xml = shipped("shandong-12345");
  CHECK(read_message(xml, "<Response><Body/></Response>")->empty());
  for (const std::string other : {"<Response/>", "<html><body/></html>", "<Body><Case/></Body>"}) {
    CAPTURE(other);
    CHECK(!read_message(xml, other).has_value());
  }
}

TEST_CASE("an XML document in another charset than agreed") {
  const partner from = ready([](v1::Partner& p) {
    p.mutable_inbound()->mutable_format()->set_syntax(v1::SYNTAX_XML);
    p.mutable_inbound()->mutable_format()->set_charset(v1::CHARSET_GB18030);
  });
  CHECK(faults_of(from, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><m><event>urge</event></m>") ==
        "XML 声明的编码与约定不符");
  CHECK(faults_of(from,
                  "<?xml version=\"1.0\" encoding=\"GBK\"?><m><event>urge</event>"
                  "<no>A1</no></m>") == "");
  CHECK(faults_of(from, "<m>\xFF</m>").starts_with("不是合法的 GB18030 编码"));
}

TEST_CASE("the cursor and the nightly list") {
  const partner from = shipped("shandong-12345");
  CHECK(read_page(from, sample("shandong-12345.xml"))->next_cursor == "20261123091500-7");
  const partner jining = shipped("jining-12345");
  const auto list = read_list(
      jining, R"({"data":{"list":[{"workOrderCode":"A","state":"1"},{"workOrderCode":"B"}]}})");
  REQUIRE(list.has_value());
  REQUIRE(list->size() == 2);
  CHECK((*list)[0].external_no == "A");
  CHECK((*list)[0].state == "1");
  CHECK((*list)[1].state == "");
  CHECK(!read_list(jining, R"({"data":{"list":[{"state":"1"}]}})").has_value());
}

TEST_CASE("explaining says what reading does") {
  const partner from = shipped("jining-12345");
  const auto told = explain_message(from, sample("jining-12345.json"));
  REQUIRE(told.has_value());
  REQUIRE(told->size() == 1);
  const auto field = [&](std::string_view theirs) {
    for (const read_field& one : told->front().fields)
      if (one.theirs == theirs) return one;
    FAIL("no such field");
    return read_field{};
  };
  CHECK(field("action").our_value == "PARTNER_EVENT_KIND_CREATE");
  CHECK(field("amountYuan").their_value == "186000.50");
  CHECK(field("amountYuan").our_value == "18600050");
  CHECK(field("area").our_value == "370883");
  CHECK(field("processLimited").our_value == "2026-12-04T23:59:59.999+08:00");

  const partner provincial = shipped("shandong-12345");
  const auto page = explain_message(provincial, sample("shandong-12345.xml"));
  REQUIRE(page.has_value());
  for (const read_field& one : page->front().fields)
    if (one.theirs == "Caller.Secret") CHECK(one.our_value == "false");

  const auto wrong = explain_message(
      from, R"({"data":{"list":[{"action":"派单","area":"某地"},{"action":"?"}]}})");
  REQUIRE(wrong.has_value());
  REQUIRE(wrong->size() == 2);
  std::string faults;
  for (const read_field& one : wrong->front().fields)
    if (!one.fault.empty()) faults += one.theirs + "：" + one.fault + "\n";
  CHECK(faults ==
        "workOrderCode：缺少必填内容\nserial：缺少必填内容\neventTime：缺少必填内容\n"
        "workOrderContent：缺少必填内容\narea：代码表 area 中没有此代码\n");
  CHECK(wrong->back().fields.size() == 1);
  CHECK(wrong->back().fields.front().fault == "未约定的事件类型");
}

TEST_CASE("what no field reads is listed, and names are no longer than the store keeps them") {
  const partner from = ready([](v1::Partner& p) {
    map_in(p, "files[].url", "attachments[].reference");
    map_in(p, "serial", "serial");
    map_in(p, "why", "text").add_events(v1::PARTNER_EVENT_KIND_URGE);
  });
  const auto told = explain_message(
      from, R"({"event":"new","no":"1","content":"c","why":"x","odd":{"a":1,"b":[{"c":1},{"c":2}]},
               "files":[{"url":"http://a","size":3}],"none":null})");
  REQUIRE(told.has_value());
  CHECK(told->front().unmapped ==
        std::vector<std::string>{"files[].size", "none", "odd.a", "odd.b[].c", "why"});
  const auto outcome = [&](std::size_t number, std::size_t serial) {
    const auto read =
        read_message(from, R"({"event":"new","content":"c","no":")" + std::string(number, '1') +
                               R"(","serial":")" + std::string(serial, '2') + "\"}");
    REQUIRE(read.has_value());
    return read->front().event ? std::string() : to_string(read->front().event.error());
  };
  CHECK(outcome(200, 200) == "");
  CHECK(outcome(201, 1) == "对方工单号过长");
  CHECK(outcome(1, 201) == "对方消息编号过长");
}

}  // namespace hotline::exchange
