#include "common/runtime/config_loader.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "common/runtime/utf8.hpp"

namespace hotline::runtime {
namespace {

namespace fs = std::filesystem;

/// A directory of its own, gone afterwards.
class scratch {
 public:
  scratch() {
    std::string name = (fs::temp_directory_path() / "hotline-config-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file, std::ios::binary) << text;
  }
  void copy_shipped() const { fs::copy(HOTLINE_CONFIG_DIR, path_, fs::copy_options::recursive); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Line by line, for messages of a failing test.
std::string all(const std::vector<config_problem>& problems) {
  std::string text;
  for (const auto& problem : problems) text += to_string(problem) + "\n";
  return text;
}

bool reports(const config_reading& reading, const std::string& beginning,
             const std::string& words) {
  return std::any_of(reading.problems.begin(), reading.problems.end(),
                     [&](const config_problem& problem) {
                       const std::string line = to_string(problem);
                       return line.starts_with(beginning) && line.find(words) != std::string::npos;
                     });
}

/// The line on which `needle` stands in a file, counted from 1.
int line_of(const fs::path& file, const std::string& needle) {
  std::ifstream in(file);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number)
    if (line.find(needle) != std::string::npos) return number;
  FAIL("not in the file: " << needle);
  return 0;
}

TEST_CASE("the shipped province has no mistake") {
  const config_reading reading = read_config(HOTLINE_CONFIG_DIR);
  CHECK_MESSAGE(reading.problems.empty(), all(reading.problems));
  CHECK(std::is_sorted(reading.files.begin(), reading.files.end()));
  CHECK(reading.config.organisation().units_size() > 168);
  CHECK(reading.config.calendar().calendars_size() > 0);
  CHECK(reading.config.services().redis().has_embedded());
  CHECK(load_config(HOTLINE_CONFIG_DIR).has_value());
}

TEST_CASE("files are merged in name order, whatever folder they are in") {
  const scratch dir;
  dir.write("b.textproto", R"(organisation { units { code: "2" } })");
  dir.write("a/z.textproto", R"(organisation { units { code: "1" } })");
  dir.write("c.textproto", R"(services { log_level: "info" })");
  const config_reading reading = read_config(dir.path());
  CHECK(reading.files == std::vector<std::string>{"a/z.textproto", "b.textproto", "c.textproto"});
  REQUIRE(reading.config.organisation().units_size() == 2);
  CHECK(reading.config.organisation().units(0).code() == "1");
  CHECK(reading.config.services().log_level() == "info");
}

TEST_CASE("other files and hidden ones are left alone") {
  const scratch dir;
  dir.write("a.textproto", "services {}");
  dir.write("README.md", "not a configuration {");
  dir.write(".a.textproto.swp", "{");
  dir.write(".#a.textproto", "{");
  dir.write(".git/b.textproto", "{");
  CHECK(read_config(dir.path()).files == std::vector<std::string>{"a.textproto"});
}

TEST_CASE("a file may hold one member and name it in its leading comment") {
  const scratch dir;
  dir.write(
      "c.textproto",
      "# proto-file: hotline/v1/calendar.proto\n# proto-message: hotline.v1.CalendarConfig\n\n"
      "default_calendar: \"province\"\n");
  dir.write("d.textproto",
            "# proto-message: hotline.v1.HotlineConfig\nservices { log_level: \"warn\" }\n");
  const config_reading reading = read_config(dir.path());
  CHECK(reading.config.calendar().default_calendar() == "province");
  CHECK(reading.config.services().log_level() == "warn");

  dir.write("e.textproto", "# proto-message: hotline.v1.Ticket\nno: \"1\"\n");
  CHECK(reports(read_config(dir.path()), "e.textproto:1:1:", "no part of a configuration"));
}

TEST_CASE("a member of a list cannot be a whole file") {
  const scratch dir;
  dir.write("p.textproto", "# proto-message: hotline.v1.Partner\nname: \"one\"\n");
  CHECK(reports(read_config(dir.path()), "p.textproto:1:1:", "no part of a configuration"));
}

TEST_CASE("a partner's mistake names its line") {
  const scratch dir;
  dir.copy_shipped();
  dir.write("partners/another.textproto",
            "partners {\n  name: \"another\"\n  title: \"另一平台\"\n  unit: \"370800\"\n"
            "  outbound {\n    url: \"http://127.0.0.1:1/\"\n    format { syntax: SYNTAX_JSON }\n"
            "    events { kind: PARTNER_EVENT_KIND_FINISH theirs: \"1\" }\n"
            "    fields {\n      theirs: \"a\"\n      ours: \"reply.nothing\"\n    }\n  }\n}\n");
  const config_reading reading = read_config(dir.path());
  CHECK(reading.problems.size() == 2);
  CHECK(reports(reading, "partners/another.textproto:4:3:", "PARTNER"));
  CHECK(reports(reading, "partners/another.textproto:11:7:", "no field"));
}

TEST_CASE("a missing or empty directory is said plainly") {
  const scratch dir;
  CHECK(reports(read_config(dir.path()), "the configuration directory", "holds no *.textproto"));
  CHECK(reports(read_config(dir.path() / "nowhere"), "the configuration directory",
                "does not exist"));
  const auto loaded = load_config(dir.path() / "nowhere");
  REQUIRE_FALSE(loaded.has_value());
  CHECK(loaded.error().code == errc::misconfigured);
  CHECK(loaded.error().detail.find("nowhere") != std::string::npos);
}

TEST_CASE("mistakes of form name file, line and column; one file does not hide another") {
  const scratch dir;
  dir.write("a.textproto", "services {\n  log_levle: \"info\"\n}\n");
  dir.write("b.textproto", "services {\n  log_level: 3\n}\n");
  dir.write("c.textproto", "services {\n  log_level: \"a\"\n  log_level: \"b\"\n}\n");
  dir.write("d.textproto", "services {\n");
  dir.write("e.textproto", "organisation { units { level: VILLAGE } }");
  dir.write("f.textproto", std::string("# \xC9\xBD\xB6\xAB\n"));
  const config_reading reading = read_config(dir.path());
  CHECK(reports(reading, "a.textproto:2:", "log_levle"));
  CHECK(reports(reading, "b.textproto:2:", ""));
  CHECK(reports(reading, "c.textproto:3:", "log_level"));
  CHECK(reports(reading, "d.textproto:2:", ""));
  CHECK(reports(reading, "e.textproto:1:", "VILLAGE"));
  CHECK(reports(reading, "f.textproto:1:1:", "not UTF-8"));
  CHECK(reading.problems.size() == 6);
}

TEST_CASE("a byte order mark is no mistake") {
  const scratch dir;
  dir.write("a.textproto", "\xEF\xBB\xBFservices { log_level: \"info\" }");
  CHECK(read_config(dir.path()).config.services().log_level() == "info");
}

TEST_CASE("a single setting made in two files is a mistake, a list in two files is not") {
  const scratch dir;
  dir.write("a.textproto", "services {\n  log_level: \"info\"\n  redis { embedded {} }\n}\n");
  dir.write("b.textproto",
            "services {\n  log_level: \"info\"\n  redis { address: \"127.0.0.1:1\" }\n}\n");
  dir.write("c.textproto", "services { gateway { port: 0 } }");
  dir.write("d.textproto", "services { gateway { port: 0 hosts: \"a\" } }");
  dir.write("e.textproto", "services { gateway { hosts: \"b\" } }");
  const config_reading reading = read_config(dir.path());
  CHECK(
      reports(reading, "b.textproto:2:3:", "'services.log_level' is set already in a.textproto:2"));
  CHECK(reports(reading, "b.textproto:3:11:", "set already in a.textproto:3"));
  CHECK(reports(reading, "d.textproto:1:22:", "'services.gateway.port' is set already"));
  CHECK(reading.problems.size() == 3);
  CHECK(reading.config.services().gateway().hosts_size() == 2);
}

TEST_CASE("mistakes of meaning name the line of the field at fault") {
  const scratch dir;
  dir.copy_shipped();
  dir.write("zz.textproto",
            "organisation {\n"
            "  units {\n"
            "    code: \"370884\"\n"
            "    parent: \"370999\"\n"
            "    level: COUNTY name: \"x\"\n"
            "  }\n"
            "  units { code: \"370885\" level: COUNTY name: \"y\" }\n"
            "}\n");
  const config_reading reading = read_config(dir.path());
  CHECK(reports(reading, "zz.textproto:4:5:", "370999"));
  CHECK(reports(reading, "zz.textproto:7:3:", "unit 370885 has no parent"));  // the unit itself
}

TEST_CASE("every room's rules are checked, and their mistakes are found in their files") {
  const scratch dir;
  dir.copy_shipped();
  dir.write("zz.textproto",
            "services {\n  idempotency_hours: 24\n}\n"  // 2: set already
            "policies {\n"
            "  routing {\n"
            "    rules { id: \"x\" order: 1 target: ROUTE_TARGET_UNIT unit: \"370999\" }\n"  // 6
            "  }\n"
            "  sla {\n"
            "    handle_limits { kind: KIND_HELP limit: \"soon\" }\n"  // 9
            "  }\n"
            "}\n"
            "calendar {\n"
            "  years { year: 1066 }\n"  // 13
            "}\n");
  const config_reading reading = read_config(dir.path());
  CHECK(reports(reading, "zz.textproto:2:3:", "idempotency_hours"));

  dir.write("zz.textproto",
            "policies {\n"
            "  routing {\n"
            "    rules { id: \"x\" order: 1 target: ROUTE_TARGET_UNIT unit: \"370999\" }\n"
            "  }\n"
            "  sla {\n"
            "    handle_limits { kind: KIND_HELP limit: \"soon\" }\n"
            "  }\n"
            "}\n"
            "calendar {\n"
            "  years { year: 1066 }\n"
            "}\n");
  const config_reading meaning = read_config(dir.path());
  CHECK(reports(meaning, "zz.textproto:3:", "unknown unit '370999'"));
  CHECK(reports(meaning, "zz.textproto:6:", ""));
  CHECK(reports(meaning, "zz.textproto:10:", ""));
}

TEST_CASE("settings of the services are checked") {
  const std::map<std::string, std::string> cases = {
      {R"(services { log_level: "loud" redis { embedded {} } })", "no log level"},
      {R"(services { gateway { port: 70000 } redis { embedded {} } })", "at most 65535"},
      {R"(services { gateway { threads: -1 } redis { embedded {} } })",
       "'threads' cannot be negative"},
      {R"(services { log_level: "info" })", "no Redis is named"},
      {R"(services { redis { embedded {} } refusals { user_per_minute_max: 9 } })",
       "10 to 100000 refusals"},
      {R"(services { redis { embedded {} } refusals { address_per_minute_max: 100001 } })",
       "10 to 100000 refusals"},
      {R"(services { redis { embedded {} } refusals { user_per_minute_max: 601 } })",
       "bears no less than one user"},
      {R"(services { identity { password { length_min: 7 } } redis { embedded {} } })",
       "at least 8"},
      {R"(services { identity { password { classes_min: 5 } } redis { embedded {} } })",
       "four classes"},
      {R"(services { identity { lock_minutes: -1 } redis { embedded {} } })",
       "'lock_minutes' cannot be negative"},
      {R"(services { intake { captcha_url: "https://x/" } redis { embedded {} } })",
       "by plain http"},
      {R"(services { intake { channels { sources: SOURCE_WEB } } redis { embedded {} } })",
       "name it"},
      {R"(services { intake { channels { user: "web" } } redis { embedded {} } })",
       "one source at least"},
      {R"(services { intake { channels { user: "web" sources: SOURCE_PHONE } } redis { embedded {} } })",
       "not the source of a public channel"},
      {R"(services { intake { channels { user: "web" sources: SOURCE_WEB } channels { user: "web" sources: SOURCE_QLGH } } redis { embedded {} } })",
       "'web' is there twice"},
      {R"(services { intake { channels { user: "web" sources: SOURCE_WEB captcha: true } } redis { embedded {} } })",
       "no captcha_url"},
  };
  for (const auto& [text, words] : cases) {
    CAPTURE(text);
    const scratch dir;
    dir.write("a.textproto", text);
    CHECK(reports(read_config(dir.path()), "a.textproto:1:", words));
  }
}

TEST_CASE("a mistake in the shipped files is found where it was made") {
  const scratch dir;
  dir.copy_shipped();
  const fs::path units = dir.path() / "organisation/units.textproto";
  std::ifstream in(units);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::string from = R"(code: "370883" parent: "370800")";
  text.replace(text.find(from), from.size(), R"(code: "370883" parent: "370100")");
  dir.write("organisation/units.textproto", text);
  const int line = line_of(units, R"(code: "370883")");
  const config_reading reading = read_config(dir.path());
  CHECK(reports(reading, "organisation/units.textproto:" + std::to_string(line) + ":",
                "370883 cannot belong to 370100"));
}

TEST_CASE("random damage to the shipped files is reported, never a crash") {
  const scratch dir;
  dir.copy_shipped();
  std::ifstream in(dir.path() / "policy/routing.textproto");
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  std::uint64_t state = 12351;  // xorshift: the same damage in every run
  const auto random = [&](std::size_t below) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    return static_cast<std::size_t>(state % below);
  };
  for (int round = 0; round < 60; ++round) {
    std::string text = whole;
    for (int i = 0; i < 4; ++i) text[random(text.size())] = static_cast<char>(random(256));
    text.resize(text.size() - random(200));
    dir.write("policy/routing.textproto", text);
    for (const config_problem& problem : read_config(dir.path()).problems)
      CHECK_FALSE(problem.reason.empty());
  }
}

TEST_CASE("UTF-8 is told from everything else") {
  CHECK_FALSE(first_invalid_utf8("").has_value());
  CHECK_FALSE(first_invalid_utf8("a济南\xF0\x9F\x98\x80").has_value());
  CHECK(first_invalid_utf8("ab\xFF") == 2);
  CHECK(first_invalid_utf8("\xC0\x80") == 0);          // not the shortest form
  CHECK(first_invalid_utf8("\xED\xA0\x80") == 0);      // surrogate
  CHECK(first_invalid_utf8("\xF4\x90\x80\x80") == 0);  // beyond U+10FFFF
  CHECK(first_invalid_utf8("a\xE6\xB5") == 1);         // cut off
}

TEST_CASE("everything is sealed within a second: no longer interval can be set") {
  const scratch dir;
  dir.copy_shipped();
  dir.write("zz.textproto",
            "services {\n  audit { seal_interval_ms: 800 hash: HASH_SUITE_SM3 }\n}\n");
  CHECK_MESSAGE(read_config(dir.path()).problems.empty(), all(read_config(dir.path()).problems));
  dir.write("zz.textproto", "services {\n  audit { seal_interval_ms: 801 }\n}\n");
  CHECK(reports(read_config(dir.path()), "zz.textproto:2:", "within a second"));
  dir.write("zz.textproto", "services {\n  audit { events_kept: -1 }\n}\n");
  CHECK(reports(read_config(dir.path()), "zz.textproto:2:", "negative"));
}

}  // namespace
}  // namespace hotline::runtime
