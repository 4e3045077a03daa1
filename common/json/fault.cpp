#include "common/json/fault.hpp"

#include <fmt/core.h>

namespace hotline::json {
namespace {

struct fault_text {
  std::string_view name;
  std::string_view zh;
  std::string_view en;
};

fault_text text_for(fault_kind kind) {
  switch (kind) {
    case fault_kind::syntax: return {"syntax", "不是合法的 JSON", "is not valid JSON"};
    case fault_kind::not_utf8: return {"not_utf8", "含有非 UTF-8 编码的内容", "is not valid UTF-8"};
    case fault_kind::too_deep:
      return {"too_deep", "嵌套层数过多", "is nested deeper than 16 levels"};
    case fault_kind::unknown_field: return {"unknown_field", "没有这个字段", "is unknown"};
    case fault_kind::duplicate_field:
      return {"duplicate_field", "字段重复出现", "is given more than once"};
    case fault_kind::several_of_oneof:
      return {"several_of_oneof", "与另一个互斥的字段同时出现",
              "is given together with a field that excludes it"};
    case fault_kind::null_value:
      return {"null_value", "不能为 null，没有内容时请省略该字段",
              "must not be null; leave the field out"};
    case fault_kind::expected_object: return {"expected_object", "应为对象", "must be an object"};
    case fault_kind::expected_list: return {"expected_list", "应为数组", "must be a list"};
    case fault_kind::expected_text: return {"expected_text", "应为文本", "must be text"};
    case fault_kind::expected_number: return {"expected_number", "应为数字", "must be a number"};
    case fault_kind::expected_whole_number:
      return {"expected_whole_number", "应为整数",
              "must be a whole number without fraction or exponent"};
    case fault_kind::expected_boolean:
      return {"expected_boolean", "应为 true 或 false", "must be true or false"};
    case fault_kind::expected_enum_name:
      return {"expected_enum_name", "应为枚举值的名称", "must be the name of a value"};
    case fault_kind::unknown_enum_value:
      return {"unknown_enum_value", "没有这个枚举值", "names no value of this enumeration"};
    case fault_kind::out_of_range: return {"out_of_range", "数值超出范围", "is out of range"};
    case fault_kind::bad_instant:
      return {"bad_instant", "应为带时区的时间，例如 2026-11-23T09:00:00.000+08:00",
              "must be a time with an offset, e.g. 2026-11-23T09:00:00.000+08:00"};
    case fault_kind::instant_range:
      return {"instant_range", "时间应在 2000 年至 2100 年之间",
              "must lie in the years 2000 to 2100"};
    case fault_kind::bad_base64: return {"bad_base64", "应为 Base64 文本", "must be base64 text"};
    case fault_kind::forbidden_character:
      return {"forbidden_character", "含有控制字符或改变文字方向的字符",
              "contains a control character or one that changes the direction of text"};
  }
  return {"syntax", "不是合法的 JSON", "is not valid JSON"};
}

}  // namespace

std::string_view to_string(fault_kind kind) { return text_for(kind).name; }
std::string_view reason_zh(fault_kind kind) { return text_for(kind).zh; }
std::string_view reason_en(fault_kind kind) { return text_for(kind).en; }

failure to_failure(const fault& f) {
  const std::string_view subject = f.path.empty() ? std::string_view("the body") : f.path;
  return {errc::invalid_argument,
          fmt::format("{}: {} (near byte {})", subject, reason_en(f.kind), f.offset)};
}

}  // namespace hotline::json
