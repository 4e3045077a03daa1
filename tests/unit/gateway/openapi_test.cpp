// The table of verbs against Command, and /openapi.json against the router.
#include <doctest/doctest.h>

#include <cctype>
#include <set>
#include <string>

#include "hotline/v1/command.pb.h"
#include "services/gateway/verbs.hpp"
#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {
namespace {

TEST_CASE("there is a verb for every command but those nobody outside may give") {
  std::set<std::string> fields;
  for (const ticket_verb& verb : ticket_verbs()) {
    CHECK(fields.insert(std::string(verb.field)).second);
    CHECK_FALSE(verb.summary.empty());
  }
  const auto* body = v1::Command::descriptor()->FindOneofByName("body");
  for (int i = 0; i < body->field_count(); ++i) {
    const std::string& name = body->field(i)->name();
    const bool internal = name == "tick" || name == "add_merged" || name == "follow_main";
    const bool of_its_own = name == "create" || name == "reveal";  // their answers are others
    CAPTURE(name);
    CHECK(fields.contains(name) != (internal || of_its_own));
  }
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

/// Every "$ref" of the document.
void collect_references(const boost::json::value& at, std::set<std::string>& out) {
  if (const auto* array = at.if_array()) {
    for (const auto& item : *array) collect_references(item, out);
  } else if (const auto* object = at.if_object()) {
    for (const auto& [name, value] : *object) {
      if (name == "$ref") out.emplace(value.as_string());
      collect_references(value, out);
    }
  }
}

TEST_CASE("openapi.json describes every route, and everything it refers to is there") {
  gateway_fixture f;
  const auto answer = f.send(net::method::get, "/openapi.json", {});
  REQUIRE(answer.status == 200);
  const boost::json::value document = parse(answer);
  const auto& paths = document.at("paths").as_object();
  std::size_t described = 0;
  for (const auto& [path, operations] : paths) described += operations.as_object().size();
  CHECK(described == f.door->routes().routes().routes().size());
  std::set<std::string> names;
  for (const net::route_info& route : f.door->routes().routes().routes()) {
    CAPTURE(route.pattern);
    REQUIRE(paths.contains(route.pattern));
    const auto& path = paths.at(route.pattern).as_object();
    const std::string verb = lower(std::string(net::to_string(route.verb)));
    REQUIRE(path.contains(verb));
    CHECK(path.at(verb).at("operationId").as_string() == route.name);
    CHECK(names.insert(route.name).second);
  }
  std::set<std::string> references;
  collect_references(document, references);
  CHECK(references.contains("#/components/schemas/Intake"));
  for (const std::string& reference : references) {
    CAPTURE(reference);
    boost::json::error_code bad;
    CHECK(document.find_pointer(reference.substr(1), bad) != nullptr);
  }
}

TEST_CASE("schemas are those of the messages") {
  gateway_fixture f;
  const boost::json::value document = parse(f.send(net::method::get, "/openapi.json", {}));
  const auto& schemas = document.at("components").at("schemas").as_object();
  const auto& matter = schemas.at("Matter").at("properties").as_object();
  CHECK(matter.at("people").at("type").as_string() == "integer");
  CHECK(matter.at("evidence").at("items").at("type").as_string() == "string");
  CHECK(matter.at("kind").at("$ref").as_string() == "#/components/schemas/Kind");
  const auto& intake = schemas.at("Intake").at("properties").as_object();
  CHECK(intake.at("partner_due_at").at("format").as_string() == "date-time");
  CHECK(schemas.at("Kind").at("enum").as_array().size() == 8);
}

}  // namespace
}  // namespace hotline::gateway
