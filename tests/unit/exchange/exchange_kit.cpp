#include "tests/unit/exchange/exchange_kit.hpp"

#include <doctest/doctest.h>
#include <google/protobuf/text_format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/runtime/config_loader.hpp"

namespace hotline::exchange {

const v1::HotlineConfig& shipped_config() {
  static const auto config = runtime::load_config(HOTLINE_CONFIG_DIR);
  REQUIRE_MESSAGE(config.has_value(), (config ? "" : config.error().detail));
  return *config;
}

const domain::province& shipped_land() {
  static const auto land = domain::build_province(shipped_config());
  REQUIRE(land.has_value());
  return *land;
}

partner shipped(std::string_view name) {
  for (const v1::Partner& one : shipped_config().partners())
    if (one.name() == name) return ready(one);
  FAIL("no such partner");
  return ready(small_partner());
}

std::string sample(std::string_view file) {
  const auto path = std::filesystem::path(HOTLINE_CONFIG_DIR) / "partners/samples" / file;
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

v1::Partner small_partner() {
  v1::Partner made;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(R"(
    name: "small" title: "小平台" unit: "p-12345-370800" source: SOURCE_HOTLINE_12345
    inbound {
      push {}
      signature { scheme: SIGNATURE_SCHEME_HMAC_SHA256 keys { id: "k1" secret_file: "small.key" } }
      format { syntax: SYNTAX_JSON }
      event_path: "event"
      events { kind: PARTNER_EVENT_KIND_CREATE theirs: "new" }
      events { kind: PARTNER_EVENT_KIND_URGE theirs: "urge" }
      fields { theirs: "no" ours: "external_no" required: true }
      fields { theirs: "content" ours: "intake.matter.content" required: true
               events: [PARTNER_EVENT_KIND_CREATE] }
      answer_code_path: "code" answer_ok: "0" answer_refused: "1"
    }
    outbound {
      url: "http://127.0.0.1:1/"
      format { syntax: SYNTAX_JSON }
      events { kind: PARTNER_EVENT_KIND_PROGRESS theirs: "progress" }
      fields { theirs: "event" ours: "kind" }
      fields { theirs: "no" ours: "external_no" required: true }
    })",
                                                        &made));
  return made;
}

partner ready(const v1::Partner& config) {
  const auto made = partner::compile(config, shipped_land());
  REQUIRE_MESSAGE(made.has_value(), (made ? "" : domain::join_mistakes(made.error())));
  return *made;
}

partner ready(const std::function<void(v1::Partner&)>& change) {
  v1::Partner config = small_partner();
  change(config);
  return ready(config);
}

namespace {

v1::FieldMapping& fill(v1::FieldMapping& field, std::string_view theirs, std::string_view ours) {
  field.set_theirs(std::string(theirs));
  field.set_ours(std::string(ours));
  return field;
}

}  // namespace

v1::FieldMapping& map_in(v1::Partner& to, std::string_view theirs, std::string_view ours) {
  return fill(*to.mutable_inbound()->add_fields(), theirs, ours);
}

v1::FieldMapping& map_out(v1::Partner& to, std::string_view theirs, std::string_view ours) {
  return fill(*to.mutable_outbound()->add_fields(), theirs, ours);
}

}  // namespace hotline::exchange
