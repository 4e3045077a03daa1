// Every rule a JSON text from outside is held to, with the path the answer must name.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/json/test_codec.hpp"

namespace hotline::json {
namespace {

struct bad_text {
  std::string text;
  fault_kind kind;
  std::string path;
};

template <class Message>
void check_all_refused(const std::vector<bad_text>& table) {
  const codec c = make_test_codec();
  for (const bad_text& row : table) {
    CAPTURE(row.text);
    const auto found = fault_of<Message>(c, row.text);
    REQUIRE(found.has_value());
    CHECK(to_string(found->kind) == to_string(row.kind));
    CHECK(found->path == row.path);
  }
}

TEST_CASE("a command is read field by field") {
  const codec c = make_test_codec();
  v1::CreateTicket create;
  const auto read = c.read(R"( {
      "intake": {
        "title": "\u5de5\u4f1a \"拖欠\"\t工资\n",
        "source": "SOURCE_PHONE",
        "partner_due_at": "2026-11-23T09:00:00.5+08:00",
        "caller": {"phone": "13900000000", "union_member": true, "tags": ["a", "b"]},
        "matter": {"people": 12, "amount_claimed_fen": 9007199254740993},
        "attachments": [{"name": "x"}, {"size_bytes": -0}, {}]
      },
      "draft": true } )",
                           create);
  REQUIRE(read.has_value());
  CHECK(create.draft());
  const v1::Intake& intake = create.intake();
  CHECK(intake.title() == "工会 \"拖欠\"\t工资\n");
  CHECK(intake.source() == v1::SOURCE_PHONE);
  CHECK(intake.partner_due_at() == 1'795'395'600'500);
  CHECK(intake.caller().union_member());
  CHECK(intake.caller().tags_size() == 2);
  CHECK(intake.matter().people() == 12);
  CHECK(intake.matter().amount_claimed_fen() == 9'007'199'254'740'993);
  CHECK(intake.attachments_size() == 3);
}

TEST_CASE("the empty object is the empty message, and keys may be escaped") {
  const codec c = make_test_codec();
  v1::Annotate note;
  CHECK(c.read("{}", note).has_value());
  CHECK(note.text().empty());
  CHECK(c.read(R"({"t\u0065xt":"x"})", note).has_value());
  CHECK(note.text() == "x");
}

TEST_CASE("what is not one JSON object is refused") {
  check_all_refused<v1::Annotate>({
      {"", fault_kind::syntax, ""},
      {"  ", fault_kind::syntax, ""},
      {"{", fault_kind::syntax, ""},
      {R"({"text":"x")", fault_kind::syntax, "text"},
      {R"({"text":"x"}})", fault_kind::syntax, ""},
      {R"({"text":"x"} {})", fault_kind::syntax, ""},
      {R"({"text":"x",})", fault_kind::syntax, "text"},
      {R"({text:"x"})", fault_kind::syntax, ""},
      {R"({'text':'x'})", fault_kind::syntax, ""},
      {R"({/**/"text":"x"})", fault_kind::syntax, ""},
      {R"({"text":"a)"
       "\n"
       R"(b"})",
       fault_kind::syntax, "text"},
      {R"({"text":"\x"})", fault_kind::syntax, "text"},
      {R"({"text":"\ud83dx"})", fault_kind::syntax, "text"},
      {R"({“text”:"x"})", fault_kind::syntax, ""},
      {"\xEF\xBB\xBF{}", fault_kind::syntax, ""},
      {std::string("{}\0", 3), fault_kind::syntax, ""},
      {"[]", fault_kind::expected_object, ""},
      {"null", fault_kind::expected_object, ""},
      {"\"x\"", fault_kind::expected_object, ""},
      {"1", fault_kind::expected_object, ""},
      {"1.5", fault_kind::expected_object, ""},
      {"true", fault_kind::expected_object, ""},
  });
}

TEST_CASE("bytes that are no UTF-8 are refused") {
  check_all_refused<v1::Annotate>({
      {"{\"text\":\"\xFF\"}", fault_kind::not_utf8, "text"},
      {"{\"text\":\"\xC0\xAF\"}", fault_kind::not_utf8, "text"},
      {"{\"text\":\"abc\xE5\xB7\"}", fault_kind::not_utf8, "text"},
      {"{\"text\":\"\xED\xA0\x80\"}", fault_kind::not_utf8, "text"},
      {"{\"text\":\"\xF4\x90\x80\x80\"}", fault_kind::not_utf8, "text"},
      {"{\"\xFF\":1}", fault_kind::not_utf8, ""},
      {R"({"text":"\ude00"})", fault_kind::not_utf8, "text"},
      {R"({"text":"\ud83d\ud83d"})", fault_kind::not_utf8, "text"},
  });
}

TEST_CASE("fields must exist, in snake case, once") {
  check_all_refused<v1::CreateTicket>({
      {R"({"nosuch":1})", fault_kind::unknown_field, "nosuch"},
      {R"({"":1})", fault_kind::unknown_field, ""},
      {R"({"Draft":true})", fault_kind::unknown_field, "Draft"},
      {R"({"intake":{"externalNo":"x"}})", fault_kind::unknown_field, "intake.externalNo"},
      {R"({"intake":{"caller":{"x":{"y":1}}}})", fault_kind::unknown_field, "intake.caller.x"},
      {R"({"intake":{"a\u202e":1}})", fault_kind::unknown_field, "intake.?"},
      {R"({"draft":true,"draft":true})", fault_kind::duplicate_field, "draft"},
      {R"({"intake":{},"draft":true,"intake":{}})", fault_kind::duplicate_field, "intake"},
      {R"({"intake":{"attachments":[{},{"name":"","name":""}]}})", fault_kind::duplicate_field,
       "intake.attachments[1].name"},
  });
  SUBCASE("the same field in two items of a list is not a duplicate") {
    CHECK_FALSE(fault_of<v1::CreateTicket>(
        make_test_codec(), R"({"intake":{"attachments":[{"name":"a"},{"name":"b"}]}})"));
  }
}

TEST_CASE("null is not a value") {
  check_all_refused<v1::CreateTicket>({
      {R"({"draft":null})", fault_kind::null_value, "draft"},
      {R"({"intake":null})", fault_kind::null_value, "intake"},
      {R"({"intake":{"attachments":null}})", fault_kind::null_value, "intake.attachments"},
      {R"({"intake":{"attachments":[null]}})", fault_kind::null_value, "intake.attachments[0]"},
  });
}

TEST_CASE("every type has one form") {
  check_all_refused<v1::CreateTicket>({
      {R"({"draft":1})", fault_kind::expected_boolean, "draft"},
      {R"({"draft":"true"})", fault_kind::expected_boolean, "draft"},
      {R"({"draft":[true]})", fault_kind::expected_boolean, "draft"},
      {R"({"draft":{}})", fault_kind::expected_boolean, "draft"},
      {R"({"intake":"x"})", fault_kind::expected_object, "intake"},
      {R"({"intake":[{}]})", fault_kind::expected_object, "intake"},
      {R"({"intake":{"title":1}})", fault_kind::expected_text, "intake.title"},
      {R"({"intake":{"title":true}})", fault_kind::expected_text, "intake.title"},
      {R"({"intake":{"title":["x"]}})", fault_kind::expected_text, "intake.title"},
      {R"({"intake":{"caller":{"tags":"x"}}})", fault_kind::expected_list, "intake.caller.tags"},
      {R"({"intake":{"caller":{"tags":1}}})", fault_kind::expected_list, "intake.caller.tags"},
      {R"({"intake":{"caller":{"tags":1.5}}})", fault_kind::expected_list, "intake.caller.tags"},
      {R"({"intake":{"caller":{"tags":true}}})", fault_kind::expected_list, "intake.caller.tags"},
      {R"({"intake":{"caller":{"tags":{}}}})", fault_kind::expected_list, "intake.caller.tags"},
      {R"({"intake":{"caller":{"tags":["a",["b"]]}}})", fault_kind::expected_text,
       "intake.caller.tags[1]"},
      {R"({"intake":{"caller":{"tags":["a",2]}}})", fault_kind::expected_text,
       "intake.caller.tags[1]"},
      {R"({"intake":{"attachments":{}}})", fault_kind::expected_list, "intake.attachments"},
      {R"({"intake":{"attachments":[[]]}})", fault_kind::expected_object, "intake.attachments[0]"},
      {R"({"intake":{"matter":{"people":"12"}}})", fault_kind::expected_whole_number,
       "intake.matter.people"},
      {R"({"intake":{"matter":{"people":1.5}}})", fault_kind::expected_whole_number,
       "intake.matter.people"},
      {R"({"intake":{"matter":{"people":1.0}}})", fault_kind::expected_whole_number,
       "intake.matter.people"},
      {R"({"intake":{"matter":{"people":1e3}}})", fault_kind::expected_whole_number,
       "intake.matter.people"},
      {R"({"intake":{"matter":{"people":01}}})", fault_kind::syntax, "intake.matter.people"},
  });
}

TEST_CASE("numbers must fit") {
  check_all_refused<v1::Intake>({
      {R"({"matter":{"people":2147483648}})", fault_kind::out_of_range, "matter.people"},
      {R"({"matter":{"people":-2147483649}})", fault_kind::out_of_range, "matter.people"},
      {R"({"matter":{"people":1000000000000000000000}})", fault_kind::out_of_range,
       "matter.people"},
      {R"({"matter":{"amount_claimed_fen":9223372036854775808}})", fault_kind::out_of_range,
       "matter.amount_claimed_fen"},
      {R"({"matter":{"amount_claimed_fen":-9223372036854775809}})", fault_kind::out_of_range,
       "matter.amount_claimed_fen"},
  });
  check_all_refused<v1::SetClock>({
      {R"({"rate":1e999})", fault_kind::out_of_range, "rate"},
      {R"({"rate":"1"})", fault_kind::expected_number, "rate"},
      {R"({"rate":NaN})", fault_kind::syntax, "rate"},
  });
  const codec c = make_test_codec();
  v1::Intake intake;
  CHECK(c.read(R"({"matter":{"people":2147483647,"amount_claimed_fen":-9223372036854775808}})",
               intake)
            .has_value());
  CHECK(intake.matter().people() == 2'147'483'647);
  CHECK(intake.matter().amount_claimed_fen() == INT64_MIN);
  v1::SetClock set;
  CHECK(c.read(R"({"rate":3})", set).has_value());
  CHECK(set.rate() == 3);
}

TEST_CASE("an enumeration is given by the full name of a value") {
  check_all_refused<v1::Dispatch>({
      {R"({"grade":1})", fault_kind::expected_enum_name, "grade"},
      {R"({"grade":1.5})", fault_kind::expected_enum_name, "grade"},
      {R"({"grade":true})", fault_kind::expected_enum_name, "grade"},
      {R"({"grade":"1"})", fault_kind::unknown_enum_value, "grade"},
      {R"({"grade":"HARD"})", fault_kind::unknown_enum_value, "grade"},
      {R"({"grade":"grade_hard"})", fault_kind::unknown_enum_value, "grade"},
      {R"({"grade":"URGENCY_URGENT"})", fault_kind::unknown_enum_value, "grade"},
      {R"({"disposals":["DISPOSAL_LAWYER","X"]})", fault_kind::unknown_enum_value, "disposals[1]"},
      {R"({"disposals":[3]})", fault_kind::expected_enum_name, "disposals[0]"},
  });
}

TEST_CASE("an instant is RFC 3339 text of the years 2000 to 2100") {
  check_all_refused<v1::RecordContact>({
      {R"({"contacted_at":1795395600000})", fault_kind::bad_instant, "contacted_at"},
      {R"({"contacted_at":""})", fault_kind::bad_instant, "contacted_at"},
      {R"({"contacted_at":"2026-11-23"})", fault_kind::bad_instant, "contacted_at"},
      {R"({"contacted_at":"2026-11-23T09:00:00"})", fault_kind::bad_instant, "contacted_at"},
      {R"({"contacted_at":"2026-02-30T09:00:00Z"})", fault_kind::bad_instant, "contacted_at"},
      {R"({"contacted_at":"1970-01-01T00:00:00Z"})", fault_kind::instant_range, "contacted_at"},
      {R"({"contacted_at":"1999-12-31T23:59:59.999+08:00"})", fault_kind::instant_range,
       "contacted_at"},
      {R"({"contacted_at":"2101-01-01T00:00:00+08:00"})", fault_kind::instant_range,
       "contacted_at"},
  });
}

TEST_CASE("at most one field of a oneof") {
  check_all_refused<v1::Command>({
      {R"({"sign":{},"archive":{}})", fault_kind::several_of_oneof, "archive"},
      {R"({"sign":{},"id":"x","sign":{}})", fault_kind::duplicate_field, "sign"},
  });
}

TEST_CASE("no control characters and nothing that turns the direction of text") {
  for (const char* escape : {"\\u0000", "\\u0007", "\\b", "\\r", "\\u001b", "\\u007f", "\\u0080",
                             "\\u009f", "\\u202a", "\\u202e", "\\u2066", "\\u2069"}) {
    CAPTURE(escape);
    const std::string text =
        std::string(R"({"intake":{"matter":{"content":"甲)") + escape + "\"}}}";
    const auto found = fault_of<v1::CreateTicket>(make_test_codec(), text);
    REQUIRE(found.has_value());
    CHECK(found->kind == fault_kind::forbidden_character);
    CHECK(found->path == "intake.matter.content");
  }
  for (const char* escape : {"\\n", "\\t", "\\u00a0", "\\u2029", "\\u202f", "\\u2065", "\\u206a"}) {
    CAPTURE(escape);
    CHECK_FALSE(
        fault_of<v1::Annotate>(make_test_codec(), std::string(R"({"text":")") + escape + "\"}"));
  }
}

TEST_CASE("sixteen levels are enough") {
  const auto nested = [](int messages) {
    std::string text;
    // Each message is an object and the list it stands in.
    for (int i = 1; i < messages; ++i) text += R"({"nested_type":[)";
    text += R"({"name":"x"})";
    for (int i = 1; i < messages; ++i) text += "]}";
    return text;
  };
  const codec c = make_test_codec();
  CHECK_FALSE(fault_of<google::protobuf::DescriptorProto>(c, nested(8)));
  const auto found = fault_of<google::protobuf::DescriptorProto>(c, nested(9));
  REQUIRE(found.has_value());
  CHECK(found->kind == fault_kind::too_deep);
}

TEST_CASE("bytes are strict base64") {
  using google::protobuf::UninterpretedOption;
  const codec c = make_test_codec();
  UninterpretedOption option;
  CHECK(c.read(R"({"string_value":"AP9hYg=="})", option).has_value());
  CHECK(option.string_value() == std::string("\0\xFF"
                                             "ab",
                                             4));
  for (const char* text :
       {"A", "AA", "AAA", "AA=A", "====", "A===", "AB==", "AA-_", "AA==AA==", "AA==\\n"}) {
    CAPTURE(text);
    const auto found =
        fault_of<UninterpretedOption>(c, std::string(R"({"string_value":")") + text + "\"}");
    REQUIRE(found.has_value());
    CHECK(found->kind == fault_kind::bad_base64);
  }
}

TEST_CASE("a fault as a failure says where, what and about which byte") {
  const auto found =
      fault_of<v1::CreateTicket>(make_test_codec(), R"({"intake":{"caller":{"phone":5}}})");
  REQUIRE(found.has_value());
  CHECK(reason_zh(found->kind) == "应为文本");
  const failure f = to_failure(*found);
  CHECK(f.code == errc::invalid_argument);
  CHECK(f.detail.starts_with("intake.caller.phone: must be text (near byte "));
}

}  // namespace
}  // namespace hotline::json
