#include "calendars.hpp"

#include <fstream>
#include <sstream>

#include <doctest/doctest.h>
#include <google/protobuf/text_format.h>

#include "common/domain/civil.hpp"

namespace hotline::domain::test {
namespace {

std::string text_of_file(const std::string& path) {
  std::ifstream in(path);
  REQUIRE_MESSAGE(in.good(), "cannot read ", path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

calendar_set build(const v1::CalendarConfig& config) {
  auto built = build_calendars(config);
  REQUIRE_MESSAGE(built.has_value(), built.error().detail);
  return *std::move(built);
}

constexpr const char* municipal_text = R"(
calendars {
  name: "municipal"
  office_hours {
    season_from: "06-01"
    intervals { open: "08:30" close: "12:00" }
    intervals { open: "14:00" close: "18:00" }
  }
  office_hours {
    season_from: "10-01"
    intervals { open: "08:30" close: "12:00" }
    intervals { open: "13:30" close: "17:30" }
  }
  special_days { date: "2026-11-25" name: "closed" }
  special_days { date: "2026-11-28" intervals { open: "09:00" close: "11:00" } }
  special_days { date: "2026-12-31" intervals { open: "08:30" close: "12:00" } }
})";

}  // namespace

v1::CalendarConfig config_of(const std::string& text) {
  v1::CalendarConfig config;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &config));
  return config;
}

v1::CalendarConfig shipped_config() {
  const std::string folder = HOTLINE_CONFIG_DIR "/calendar/";
  v1::CalendarConfig config = config_of(text_of_file(folder + "workdays.textproto"));
  config.MergeFrom(config_of(text_of_file(folder + "office_hours.textproto")));
  return config;
}

const working_calendar& province() {
  static const calendar_set set = build(shipped_config());
  return set.for_region("370000");
}

const working_calendar& municipal() {
  static const calendar_set set = [] {
    v1::CalendarConfig config = shipped_config();
    config.MergeFrom(config_of(municipal_text));
    return build(config);
  }();
  return *set.find("municipal");
}

instant at(std::string_view text) {
  const auto parsed = text.contains('T') ? parse_rfc3339(text) : parse_civil_minute(text);
  REQUIRE_MESSAGE(parsed.has_value(), "not an instant: ", std::string(text));
  return *parsed;
}

std::chrono::year_month_day on(std::string_view text) {
  const auto parsed = parse_date(text);
  REQUIRE_MESSAGE(parsed.has_value(), "not a date: ", std::string(text));
  return *parsed;
}

}  // namespace hotline::domain::test
