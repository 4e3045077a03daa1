// Random limits and suspensions in random calendars, each answer compared with the minute oracle.
//
// HOTLINE_TEST_SEED=<number> runs another sequence; a failure prints the seed that repeats it.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "calendars.hpp"
#include "common/domain/calendar.hpp"
#include "common/domain/civil.hpp"
#include "common/domain/limit.hpp"
#include "minute_oracle.hpp"

namespace hotline::domain::test {
namespace {

constexpr int cases_total = 24'000;
constexpr std::uint64_t default_seed = 12351;
constexpr std::int64_t minute_ms = 60'000, hour_ms = 3'600'000, day_ms = 86'400'000;

std::uint64_t seed() {
  const char* given = std::getenv("HOTLINE_TEST_SEED");
  return given == nullptr ? default_seed : std::strtoull(given, nullptr, 10);
}

class chance {
 public:
  explicit chance(std::uint64_t seed) : engine_(seed) {}

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(engine_);
  }
  bool percent(int p) { return between(1, 100) <= p; }
  template <class T>
  const T& one_of(const std::vector<T>& values) {
    return values[static_cast<std::size_t>(between(0, std::ssize(values) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

const oracle::office_rules province_rules{
    {"06-01 08:30-12:00 14:00-18:00", "10-01 08:30-12:00 13:30-17:30"}, {}};
const oracle::office_rules qingdao_rules{{"01-01 09:00-12:00 13:30-17:30"}, {}};
/// Hours that touch midnight, seasons that begin within a holiday, special days in a row.
const oracle::office_rules awkward_rules{
    {"02-10 00:00-00:01 23:59-24:00", "05-03 00:00-24:00", "10-07 07:00-11:30 12:30-16:00",
     "12-31 10:00-10:07"},
    {"2024-12-30", "2024-12-31 00:00-24:00", "2025-01-01 00:00-06:00", "2026-02-16 08:00-12:00",
     "2026-10-08", "2026-10-09", "2026-10-10", "2026-10-11 09:00-09:01 23:00-24:00",
     "2026-12-31 08:30-12:00", "2027-01-01", "2027-02-06", "2027-02-08 10:00-15:00"}};

/// The seasons of the province with closures, half days and open rest days near the notable days.
oracle::office_rules random_rules(chance& random) {
  constexpr int special_total = 60;
  static const std::vector<std::string> hours{"",
                                              " 08:30-12:00",
                                              " 14:00-17:30",
                                              " 00:00-24:00",
                                              " 13:00-13:01",
                                              " 08:00-08:30 20:00-24:00"};
  const oracle::minute_calendar plain(province_rules);
  oracle::office_rules rules = province_rules;
  std::map<std::string, std::string> days;
  while (days.size() < special_total) {
    const auto near = random.one_of(plain.notable_midnights()) + random.between(-3, 3) * day_ms;
    days[format_date(civil_date(from_unix_ms(near)))] = random.one_of(hours);
  }
  for (const auto& [date, open] : days) rules.special_days.push_back(date + open);
  return rules;
}

/// "08:30-12:00 14:00-18:00" into the configuration's intervals.
template <class Message>
void add_intervals(std::istringstream& words, Message& message) {
  for (std::string word; words >> word;) {
    auto* interval = message.add_intervals();
    interval->set_open(word.substr(0, word.find('-')));
    interval->set_close(word.substr(word.find('-') + 1));
  }
}

void add_calendar(v1::CalendarConfig& config, const char* name, const oracle::office_rules& rules) {
  auto* calendar = config.add_calendars();
  calendar->set_name(name);
  for (const std::string& line : rules.seasons) {
    std::istringstream words(line);
    auto* season = calendar->add_office_hours();
    words >> *season->mutable_season_from();
    add_intervals(words, *season);
  }
  for (const std::string& line : rules.special_days) {
    std::istringstream words(line);
    auto* special = calendar->add_special_days();
    words >> *special->mutable_date();
    add_intervals(words, *special);
  }
}

/// A calendar of the product beside the oracle's idea of the same.
struct world {
  const working_calendar* calendar;
  oracle::minute_calendar judge;
};

/// A start from 2023 to 2027: mostly near a notable day, often within a minute of a boundary.
std::int64_t random_start(chance& random, const world& w) {
  static const std::vector<std::int64_t> boundaries{0,
                                                    510 * minute_ms,
                                                    540 * minute_ms,
                                                    720 * minute_ms,
                                                    810 * minute_ms,
                                                    840 * minute_ms,
                                                    1050 * minute_ms,
                                                    1080 * minute_ms,
                                                    1439 * minute_ms};
  static const std::vector<std::int64_t> offsets{0, 0, 0, 1, -1, minute_ms, -minute_ms, 30'000};
  static const std::int64_t begin = oracle::midnight_ms(2023, 1, 1);
  static const std::int64_t last = oracle::midnight_ms(2027, 12, 31);
  std::int64_t midnight = begin + random.between(0, (last - begin) / day_ms) * day_ms;
  if (random.percent(70)) {
    midnight = random.one_of(w.judge.notable_midnights()) + random.between(-4, 2) * day_ms;
    if (midnight < begin || midnight > last) return random_start(random, w);
  }
  if (random.percent(50)) return midnight + random.one_of(boundaries) + random.one_of(offsets);
  return midnight + random.between(0, day_ms - 1);
}

limit random_limit(chance& random) {
  switch (random.between(0, 4)) {
    case 0: return {static_cast<std::int32_t>(random.between(1, 600)), limit_unit::minutes, false};
    case 1: return {static_cast<std::int32_t>(random.between(1, 96)), limit_unit::hours, false};
    case 2:
      return {static_cast<std::int32_t>(random.between(1, 60)), limit_unit::days,
              random.percent(60)};
    case 3:
      return {static_cast<std::int32_t>(random.between(1, 60)), limit_unit::working_hours, false};
    default:
      return {static_cast<std::int32_t>(random.between(1, 15)), limit_unit::working_days, false};
  }
}

std::int64_t judged_due(const oracle::minute_calendar& judge, std::int64_t start, const limit& l) {
  switch (l.unit) {
    case limit_unit::minutes: return start + l.amount * minute_ms;
    case limit_unit::hours: return start + l.amount * hour_ms;
    case limit_unit::days: return judge.add_calendar_days(start, l.amount, l.statutory);
    case limit_unit::working_hours: return judge.add_office_ms(start, l.amount * hour_ms);
    case limit_unit::working_days: return judge.add_working_days(start, l.amount);
  }
  return 0;
}

std::int64_t judged_remaining(const oracle::minute_calendar& judge, std::int64_t due,
                              std::int64_t now, limit_unit unit) {
  if (now >= due) return 0;
  return counts_office_time(unit) ? judge.office_ms_between(now, due) : due - now;
}

/// Suspends and resumes up to three times; returns the last due instant.
std::int64_t suspend_and_resume(chance& random, const world& w, std::int64_t start,
                                std::int64_t due, limit_unit unit) {
  std::int64_t now = start;
  for (auto cycle = random.between(0, 3); cycle > 0; --cycle) {
    now = random.percent(5) ? due + random.between(0, day_ms)
                            : random.between(now, std::max(now, due));
    const std::int64_t left = judged_remaining(w.judge, due, now, unit);
    INFO("suspended ", format_rfc3339(from_unix_ms(now)), ", due ",
         format_rfc3339(from_unix_ms(due)));
    REQUIRE(remaining(from_unix_ms(due), from_unix_ms(now), unit, *w.calendar).count() == left);
    if (counts_office_time(unit) && now < due) {
      REQUIRE(to_unix_ms(resume(from_unix_ms(now), milliseconds(left), unit, *w.calendar)) == due);
    }

    now += random.percent(50) ? random.between(0, 8 * hour_ms) : random.between(0, 12 * day_ms);
    INFO("resumed ", format_rfc3339(from_unix_ms(now)), " with ", left, " ms");
    const std::int64_t expected =
        counts_office_time(unit) ? w.judge.add_office_ms(now, left) : now + left;
    REQUIRE(format_rfc3339(resume(from_unix_ms(now), milliseconds(left), unit, *w.calendar)) ==
            format_rfc3339(from_unix_ms(expected)));
    due = expected;
  }
  return due;
}

void check_warnings(chance& random, const world& w, std::int64_t due) {
  const int days = static_cast<int>(random.between(0, 4));
  INFO(days, " working days before");
  REQUIRE(format_rfc3339(w.calendar->subtract_working_days(from_unix_ms(due), days)) ==
          format_rfc3339(from_unix_ms(w.judge.subtract_working_days(due, days))));
  const std::int64_t amount =
      random.percent(50) ? random.between(0, 16) * hour_ms / 2 : random.between(0, 20 * hour_ms);
  INFO(amount, " office ms before");
  REQUIRE(
      format_rfc3339(w.calendar->subtract_working_ms(from_unix_ms(due), milliseconds(amount))) ==
      format_rfc3339(from_unix_ms(w.judge.subtract_office_ms(due, amount))));
}

TEST_CASE("due instants, suspensions and warnings agree with counting minute by minute") {
  const std::uint64_t used_seed = seed();
  MESSAGE("seed ", used_seed, ", ", cases_total, " cases");
  chance random(used_seed);

  constexpr const char* generated[] = {"random-1", "random-2", "random-3"};
  v1::CalendarConfig config = shipped_config();
  std::vector<oracle::office_rules> rules{province_rules, qingdao_rules, awkward_rules};
  add_calendar(config, "awkward", awkward_rules);
  for (const char* name : generated)
    add_calendar(config, name, rules.emplace_back(random_rules(random)));
  const auto set = build_calendars(config);
  REQUIRE_MESSAGE(set.has_value(), set.error().detail);
  REQUIRE(set->all().size() == rules.size());
  std::vector<world> worlds;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    worlds.push_back({&set->all()[i], oracle::minute_calendar(rules[i])});
  }

  for (int i = 0; i < cases_total; ++i) {
    const world& w = random.one_of(worlds);
    const std::int64_t start = random_start(random, w);
    const limit l = random_limit(random);
    INFO("seed ", used_seed, ", case ", i, ", calendar ", w.calendar->name());
    INFO(format(l), " from ", format_rfc3339(from_unix_ms(start)));

    const std::int64_t due = judged_due(w.judge, start, l);
    REQUIRE(format_rfc3339(due_at(from_unix_ms(start), l, *w.calendar)) ==
            format_rfc3339(from_unix_ms(due)));
    REQUIRE(w.calendar->working_ms_between(from_unix_ms(start), from_unix_ms(due)).count() ==
            w.judge.office_ms_between(start, due));
    check_warnings(random, w, suspend_and_resume(random, w, start, due, l.unit));
  }
}

}  // namespace
}  // namespace hotline::domain::test
