// What `hotline partner try` says is what the feed does.
#include "services/hotline/partner_trial.hpp"

#include <doctest/doctest.h>
#include <google/protobuf/text_format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/domain/civil.hpp"
#include "common/runtime/config_loader.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/partner_command.hpp"
#include "services/hotline/partner_words.hpp"

namespace hotline::program {
namespace {

struct shipped {
  v1::HotlineConfig config = *runtime::load_config(HOTLINE_CONFIG_DIR);
  domain::province land = *domain::build_province(config);

  trial run(v1::PartnerEventKind kind, const std::string& more) const {
    v1::PartnerEvent event;
    REQUIRE(google::protobuf::TextFormat::ParseFromString(more, &event));
    event.set_kind(kind);
    event.set_external_no("J1");
    event.set_serial("1");
    return try_event(event, *find_partner(config, "jining-12345"), land,
                     *domain::parse_civil_minute("2026-11-23 10:00"));
  }
};

constexpr const char* complete =
    "intake { caller { name: '张' phone: '13805370001' } matter { kind: KIND_COMPLAINT category: "
    "'wages.arrears' region: '370883' content: '拖欠工资' } } "
    "attachments { name: 'a' reference: 'http://a/' }";

}  // namespace

TEST_CASE("a complete item is accepted, with files still to be fetched") {
  const auto made = shipped().run(v1::PARTNER_EVENT_KIND_CREATE, complete);
  CHECK(made.end == trial::outcome::accepted);
}

TEST_CASE("an incomplete item becomes a draft, and what it lacks is said") {
  const auto made = shipped().run(v1::PARTNER_EVENT_KIND_CREATE,
                                  "intake { matter { kind: KIND_COMPLAINT content: '拖欠工资' } }");
  CHECK(made.end == trial::outcome::draft);
  CHECK(made.text == "诉求类别、事发地");
}

TEST_CASE("what the rules refuse goes to a person, with the rule") {
  const shipped land;
  struct row {
    std::string more;
    const char* said;
  };
  for (const row& one :
       {row{"intake { matter { people: -5 content: 'c' } }", "people"},
        row{"intake { caller { name: '" + std::string(5000, 'x') + "' } }", "caller.name"},
        row{"intake { caller { phone: '1' } matter { content: 'c' } }", "phone"}}) {
    CAPTURE(one.said);
    const auto made = land.run(v1::PARTNER_EVENT_KIND_CREATE, one.more);
    CHECK(made.end == trial::outcome::review);
    CHECK(made.text.find(one.said) != std::string::npos);
  }
}

TEST_CASE("of events about a ticket the form is checked") {
  const shipped land;
  CHECK(land.run(v1::PARTNER_EVENT_KIND_URGE, "text: '急'").end == trial::outcome::applies);
  CHECK(land.run(v1::PARTNER_EVENT_KIND_SIGN, "text: 't'").end == trial::outcome::applies);
  CHECK(land.run(v1::PARTNER_EVENT_KIND_VISIT_RESULT, "visit { reached: true }").end ==
        trial::outcome::applies);
  CHECK(land.run(v1::PARTNER_EVENT_KIND_EXTEND_RESP, "granted: true").text.find("exchange.") !=
        std::string::npos);
  CHECK(land.run(v1::PARTNER_EVENT_KIND_URGE, "text: '" + std::string(7000, 'x') + "'").end ==
        trial::outcome::review);
}

TEST_CASE("what is no file is said, and no exception") {
  CHECK(try_partner(HOTLINE_CONFIG_DIR, "jining-12345", HOTLINE_CONFIG_DIR) == exit_failed);
  CHECK(try_partner(HOTLINE_CONFIG_DIR, "jining-12345", "/nonexistent") == exit_failed);
}

}  // namespace hotline::program
