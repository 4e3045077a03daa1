#include "services/gateway/openapi.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string_view>

#include "common/json/schema.hpp"

namespace hotline::gateway {
namespace {

namespace bj = boost::json;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using json::value_kind;

bj::object reference(std::string_view section, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(section) + "/" + std::string(name)}};
}

/// "Unit.Level": nested types keep the name of the outer one.
template <class Type>
std::string schema_name(const Type& type) {
  if (type.containing_type() == nullptr) return type.name();
  return schema_name(*type.containing_type()) + "." + type.name();
}

/// Collects the schemas of message types and everything they contain.
class schema_collector {
 public:
  bj::object use(const Descriptor& type) {
    const std::string name = schema_name(type);
    if (!schemas_.contains(name)) {
      schemas_[name] = bj::object();  // known before its fields: a type may contain itself
      schemas_[name] = describe(type);
    }
    return reference("schemas", name);
  }

  bj::object take() && { return std::move(schemas_); }

 private:
  bj::object use(const EnumDescriptor& type) {
    const std::string name = schema_name(type);
    if (!schemas_.contains(name)) {
      bj::array values;
      for (int i = 0; i < type.value_count(); ++i) values.emplace_back(type.value(i)->name());
      schemas_[name] = {{"type", "string"}, {"enum", std::move(values)}};
    }
    return reference("schemas", name);
  }

  bj::object describe(const Descriptor& type) {
    bj::object properties;
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      bj::object value = describe_value(field);
      if (field.is_repeated()) value = {{"type", "array"}, {"items", std::move(value)}};
      properties[field.name()] = std::move(value);
    }
    return {
        {"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
  }

  bj::object describe_value(const FieldDescriptor& field) {
    switch (json::kind_of(field)) {
      case value_kind::text: return {{"type", "string"}};
      case value_kind::bytes: return {{"type", "string"}, {"contentEncoding", "base64"}};
      case value_kind::boolean: return {{"type", "boolean"}};
      case value_kind::int32: return {{"type", "integer"}, {"format", "int32"}};
      case value_kind::int64: return {{"type", "integer"}, {"format", "int64"}};
      case value_kind::uint32: return {{"type", "integer"}, {"minimum", 0}};
      case value_kind::uint64: return {{"type", "integer"}, {"minimum", 0}};
      case value_kind::real: return {{"type", "number"}};
      case value_kind::instant: return {{"type", "string"}, {"format", "date-time"}};
      case value_kind::enumeration: return use(*field.enum_type());
      case value_kind::message: return use(*field.message_type());
    }
    return {};
  }

  bj::object schemas_;
};

bj::object text_parameter(std::string_view name, std::string_view where, bool required,
                          std::string_view summary) {
  bj::object out{
      {"name", name}, {"in", where}, {"required", required}, {"schema", {{"type", "string"}}}};
  if (!summary.empty()) out["description"] = summary;
  return out;
}

bj::array parameters_of(const operation& op) {
  bj::array out;
  const std::string& pattern = op.pattern;
  for (std::size_t at = pattern.find('{'); at != std::string::npos;
       at = pattern.find('{', at + 1)) {
    const std::string name = pattern.substr(at + 1, pattern.find('}', at) - at - 1);
    out.push_back(text_parameter(name, "path", true, {}));
  }
  for (const query_parameter& q : op.query) {
    out.push_back(text_parameter(q.name, "query", q.required, q.summary));
  }
  if (op.needs_actor && !op.self_service) out.push_back(reference("parameters", "post"));
  if (op.needs_key) out.push_back(reference("parameters", "idempotency_key"));
  if (op.takes_version) out.push_back(reference("parameters", "expected_version"));
  return out;
}

bj::object content_of(const bj::object& schema) {
  return {{"application/json", {{"schema", schema}}},
          {"application/x-protobuf", {{"schema", {{"type", "string"}}}}}};
}

bj::object describe(const operation& op, schema_collector& schemas) {
  bj::object success{{"description", op.summary}};
  if (op.answer != nullptr) success["content"] = content_of(schemas.use(*op.answer));
  bj::object out{{"operationId", op.name},
                 {"summary", op.summary},
                 {"parameters", parameters_of(op)},
                 {"responses",
                  {{std::to_string(op.success), std::move(success)},
                   {"default", reference("responses", "problem")}}}};
  if (op.needs_actor) {
    out["security"] = {bj::object{{"bearer", bj::array()}}, bj::object{{"cookie", bj::array()}}};
  }
  if (op.body != nullptr) {
    out["requestBody"] = {{"required", false}, {"content", content_of(schemas.use(*op.body))}};
  }
  if (op.file_bytes_max > 0) {
    // In OpenAPI 3.1 a body without a schema is bytes as they are.
    out["requestBody"] = {
        {"required", true},
        {"description", "文件内容本身，最多 " + std::to_string(op.file_bytes_max) + " 字节"},
        {"content", {{"application/octet-stream", bj::object()}}}};
  }
  return out;
}

std::string_view method_name(net::method verb) {
  switch (verb) {
    case net::method::get: return "get";
    case net::method::post: return "post";
    case net::method::put: return "put";
    case net::method::patch: return "patch";
    case net::method::delete_: return "delete";
    case net::method::options: return "options";
    case net::method::head: return "head";
  }
  return "get";
}

bj::object header(std::string_view name, bool required, std::string_view description,
                  bj::object schema) {
  return {{"name", name},
          {"in", "header"},
          {"required", required},
          {"description", description},
          {"schema", std::move(schema)}};
}

bj::object common_parameters() {
  const bj::object text{{"type", "string"}};
  return {
      {"post",
       header("X-Hotline-Post", false, "以哪个岗位操作：单位代码/角色；省略时为第一个有效岗位",
              {{"type", "string"}, {"pattern", "^[a-z0-9-]{1,32}/ROLE_[A-Z_]+$"}})},
      {"idempotency_key", header("Idempotency-Key", true, "幂等键：同键同内容只执行一次",
                                 {{"type", "string"}, {"minLength", 1}, {"maxLength", 128}})},
      {"expected_version", header("If-Match", false, "期望的工单版本，即 ETag，例如 \"7\"", text)},
  };
}

bj::object security_schemes() {
  return {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}},
          {"cookie",
           {{"type", "apiKey"},
            {"in", "cookie"},
            {"name", "__Host-sid"},
            {"description", "同源请求；有改动的请求另需 X-Hotline-Request: 1"}}}};
}

bj::object problem_schema() {
  const bj::object text{{"type", "string"}};
  return {{"type", "object"},
          {"required", {"type", "title", "title_en", "status", "code"}},
          {"properties",
           {{"type", text},
            {"title", text},
            {"title_en", text},
            {"status", {{"type", "integer"}}},
            {"code", text},
            {"field", text},
            {"rule", text},
            {"detail", text},
            {"request_id", text}}}};
}

}  // namespace

std::string make_openapi(std::span<const operation> operations) {
  schema_collector schemas;
  bj::object paths;
  for (const operation& op : operations) {
    auto& path = paths[op.pattern];
    if (path.is_null()) path = bj::object();
    path.as_object()[method_name(op.verb)] = describe(op, schemas);
  }
  bj::object all_schemas = std::move(schemas).take();
  all_schemas["Problem"] = problem_schema();
  const bj::object document{
      {"openapi", "3.1.0"},
      {"info", {{"title", "12351 职工维权热线 API"}, {"version", "v1"}}},
      {"paths", std::move(paths)},
      {"components",
       {{"schemas", std::move(all_schemas)},
        {"parameters", common_parameters()},
        {"securitySchemes", security_schemes()},
        {"responses",
         {{"problem",
           {{"description", "RFC 9457"},
            {"content",
             {{"application/problem+json", {{"schema", reference("schemas", "Problem")}}}}}}}}}}},
  };
  return bj::serialize(document);
}

}  // namespace hotline::gateway
