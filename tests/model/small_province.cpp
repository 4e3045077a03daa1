#include "small_province.hpp"

#include <google/protobuf/text_format.h>

#include <stdexcept>

#include "hotline/v1/config.pb.h"

namespace hotline::model {
namespace {

constexpr const char* config_text = R"(
organisation {
  units { code: "370000" level: PROVINCE name: "省" desk: true }
  units { code: "370800" parent: "370000" level: CITY name: "市" desk: true }
  units { code: "370883" parent: "370800" level: COUNTY name: "甲县" }
  units { code: "370881" parent: "370800" level: COUNTY name: "乙县" }
  units { code: "370871" parent: "370800" level: ZONE name: "高新区" }
  units { code: "370883-d01" parent: "370883" level: DEPARTMENT name: "法律援助中心"
          capabilities: "legal_aid" }
  units { code: "370883-s01" parent: "370883" level: STREET name: "镇街站" }
  units { code: "p-12345-370800" parent: "370800" level: PARTNER name: "12345" }
}
partners {
  name: "city" unit: "p-12345-370800"
  outbound {
    events { kind: PARTNER_EVENT_KIND_CREATE theirs: "c" }
    events { kind: PARTNER_EVENT_KIND_REFUSE theirs: "r" }
  }
  transfer_limits { answer: "7d!" after_accept: "3d!" supplement: "5wd" }
}
calendar {
  default_calendar: "province"
  calendars {
    name: "province" display_name: "全省" regions: "370000"
    office_hours {
      season_from: "01-01"
      intervals { open: "08:30" close: "12:00" } intervals { open: "13:30" close: "17:30" }
    }
  }
}
policies {
  categories {
    categories { code: "wages" name: "劳动报酬" }
    categories { code: "legal" name: "法律服务" capability: "legal_aid" }
    categories { code: "legal.aid" parent: "legal" name: "法律援助" }
  }
  routing {
    rules { id: "territory" order: 1 target: ROUTE_TARGET_COUNTY }
    urgency_rules { id: "suicide" urgency: URGENCY_CRITICAL words: "跳楼" }
  }
  sla {
    handle_limits { kind: KIND_CONSULT limit: "2wd" }
    handle_limits { kind: KIND_HELP limit: "5wd" }
    handle_limits { kind: KIND_COMPLAINT limit: "5wd" }
    handle_limits { kind: KIND_REPORT limit: "5wd" }
    handle_limits { kind: KIND_SUGGEST limit: "5wd" }
    handle_limits { kind: KIND_PRAISE limit: "5wd" }
    handle_limits {
      kind: KIND_PETITION limit: "60d" statutory: true notice_limit: "15d" return_limit: "5wd"
      extension { count_max: 1 first_days_max: 30 total_days_max: 30 }
    }
    step_limits { clock: CLOCK_KIND_ACCEPT limit: "1wd" }
    step_limits { clock: CLOCK_KIND_DISPATCH urgency: URGENCY_NORMAL limit: "4h" }
    step_limits { clock: CLOCK_KIND_DISPATCH urgency: URGENCY_URGENT limit: "1h" }
    step_limits { clock: CLOCK_KIND_DISPATCH urgency: URGENCY_CRITICAL limit: "15min" }
    step_limits { clock: CLOCK_KIND_SIGN urgency: URGENCY_NORMAL limit: "1wd" }
    step_limits { clock: CLOCK_KIND_SIGN urgency: URGENCY_URGENT limit: "2h" }
    step_limits { clock: CLOCK_KIND_SIGN urgency: URGENCY_CRITICAL limit: "30min" }
    step_limits { clock: CLOCK_KIND_CONTACT urgency: URGENCY_NORMAL limit: "1wd" }
    step_limits { clock: CLOCK_KIND_CONTACT urgency: URGENCY_CRITICAL limit: "2h" }
    step_limits { clock: CLOCK_KIND_FIRST_REPORT urgency: URGENCY_CRITICAL limit: "2h" }
    step_limits { clock: CLOCK_KIND_FIRST_RESULT urgency: URGENCY_CRITICAL limit: "24h" }
    step_limits { clock: CLOCK_KIND_HANDLE urgency: URGENCY_URGENT limit: "3wd" }
    step_limits { clock: CLOCK_KIND_RETURN limit: "2wd" }
    step_limits { clock: CLOCK_KIND_RETURN_DECISION limit: "4wh" }
    step_limits { clock: CLOCK_KIND_EXTENSION_DECISION limit: "4wh" }
    step_limits { clock: CLOCK_KIND_REVIEW urgency: URGENCY_NORMAL limit: "1wd" }
    step_limits { clock: CLOCK_KIND_REVIEW urgency: URGENCY_URGENT limit: "4h" }
    step_limits { clock: CLOCK_KIND_REVIEW urgency: URGENCY_CRITICAL limit: "1h" }
    step_limits { clock: CLOCK_KIND_VISIT limit: "3wd" }
    step_limits { clock: CLOCK_KIND_REWORK limit: "3wd" }
    extensions { urgency: URGENCY_CRITICAL count_max: 0 }
    extensions { urgency: URGENCY_URGENT count_max: 1 first_days_max: 3 total_days_max: 3 }
    extensions {
      urgency: URGENCY_NORMAL count_max: 2 first_days_max: 5 total_days_max: 10
      ask_before_due: "1wd" second_by_province: true
    }
    suspensions { urgency: URGENCY_CRITICAL allowed: false }
    suspensions { urgency: URGENCY_URGENT allowed: true single_days_max: 30 total_days_max: 90 }
    suspensions { urgency: URGENCY_NORMAL allowed: true single_days_max: 30 total_days_max: 90 }
    priority_sign_limit: "4wh"
    total_cap: "15wd" partner_margin: "1wd" reworks_max: 2 visit_tries_max: 3 ping_pong_max: 2
    supervision_limit: "1wd" co_opinion_limit: "3wd" partner_answer_limit: "10wd"
    archive_after: "30d" nag_every: "1wd"
  }
  ladder {
    rungs { rung: RUNG_REMIND clocks: [CLOCK_KIND_HANDLE] percent_of_limit: 50
            unless_contacted: true light: LIGHT_BLUE }
    rungs { rung: RUNG_WARN clocks: [CLOCK_KIND_HANDLE, CLOCK_KIND_REWORK] before_due: "1wd"
            light: LIGHT_YELLOW urge: 1 }
    rungs { rung: RUNG_DUE clocks: [CLOCK_KIND_HANDLE, CLOCK_KIND_REWORK, CLOCK_KIND_REVIEW]
            after_due: "0min" light: LIGHT_RED urge: 2 }
    rungs { rung: RUNG_DUE clocks: [CLOCK_KIND_SIGN] after_due: "0min"
            urgencies: [URGENCY_NORMAL, URGENCY_URGENT] light: LIGHT_RED }
    rungs { rung: RUNG_DUE clocks: [CLOCK_KIND_SIGN] after_due: "0min"
            urgencies: [URGENCY_CRITICAL] light: LIGHT_RED escalates: true to_province: true }
    rungs { rung: RUNG_ESCALATE clocks: [CLOCK_KIND_HANDLE, CLOCK_KIND_REWORK] after_due: "1wd"
            light: LIGHT_RED escalates: true }
    rungs { rung: RUNG_ESCALATE
            clocks: [CLOCK_KIND_REVIEW, CLOCK_KIND_RETURN_DECISION, CLOCK_KIND_SUPERVISION_ANSWER]
            after_due: "1wd" escalates: true to_province: true }
    rungs { rung: RUNG_ESCALATE_TOP clocks: [CLOCK_KIND_HANDLE, CLOCK_KIND_REWORK]
            after_due: "3wd" light: LIGHT_RED escalates: true to_province: true }
    rungs { rung: RUNG_REPORT clocks: [CLOCK_KIND_HANDLE, CLOCK_KIND_REWORK] after_due: "5wd"
            light: LIGHT_DOUBLE_RED report: true }
  }
})";

domain::province build() {
  v1::HotlineConfig config;
  if (!google::protobuf::TextFormat::ParseFromString(config_text, &config)) {
    throw std::runtime_error("the small province does not parse");
  }
  auto built = domain::build_province(config);
  if (!built) throw std::runtime_error(built.error().detail);
  return std::move(*built);
}

}  // namespace

const domain::province& small_province() {
  static const domain::province land = build();
  return land;
}

}  // namespace hotline::model
