#include "tests/system/exchange_story.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "common/base/clock.hpp"

namespace hotline::test {
namespace {

constexpr std::array city_stories = {story::plain,      story::rework,   story::urged,
                                     story::withdrawn,  story::extended, story::handed_back,
                                     story::with_files, story::plain};
constexpr std::array province_stories = {story::plain, story::rework, story::urged,
                                         story::withdrawn};
constexpr std::array legal_stories = {story::granted, story::refused, story::granted,
                                      story::declined};

const std::array<place, 4>& places() {
  static const std::array<place, 4> all = {{{"370883", "邹城市", "济宁市邹城市"},
                                            {"370881", "曲阜市", "济宁市曲阜市"},
                                            {"370811", "任城区", "济宁市任城区"},
                                            {"370832", "梁山县", "济宁市梁山县"}}};
  return all;
}

int number_in(std::string_view external_no) {
  const std::string_view digits = external_no.substr(external_no.find('-') + 1);
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

v1::PartnerEvent event_of(const plot& p, v1::PartnerEventKind kind, std::string text) {
  v1::PartnerEvent event;
  event.set_kind(kind);
  event.set_external_no(p.external_no);
  event.set_text(std::move(text));
  return event;
}

void add_file(v1::PartnerEvent& event, const std::string& name) {
  auto& file = *event.add_attachments();
  file.set_name(name);
  file.set_reference("/files/" + name);
}

std::vector<v1::PartnerEvent> only(v1::PartnerEvent event) { return {std::move(event)}; }

v1::PartnerEvent content() {
  v1::PartnerEvent event;
  event.set_kind(v1::PARTNER_EVENT_KIND_VISIT_RESULT);
  auto& visit = *event.mutable_visit();
  visit.set_reached(true);
  visit.set_solved(v1::SOLVED_YES);
  visit.set_satisfaction(v1::SATISFACTION_GOOD);
  return event;
}

/// The city platform tells what the worker said; the provincial one has no place for the reason and
/// orders the handling anew.
v1::PartnerEvent discontent(std::string_view external_no) {
  v1::PartnerEvent event;
  if (external_no.starts_with("SD")) {
    event.set_kind(v1::PARTNER_EVENT_KIND_REWORK);
    event.set_text("职工反映工资尚未到账，请重新办理");
    return event;
  }
  event = content();
  event.mutable_visit()->set_solved(v1::SOLVED_NO);
  event.mutable_visit()->set_satisfaction(v1::SATISFACTION_BAD);
  event.mutable_visit()->set_remark("工资尚未到账");
  return event;
}

}  // namespace

std::vector<plot> plots_of(int tickets) {
  std::vector<plot> all;
  for (int i = 0; i < tickets; ++i) {
    plot p;
    const auto n = static_cast<std::size_t>(i / 10);
    p.where = places()[static_cast<std::size_t>(i) % places().size()];
    // Of ten tickets five come from the city, three from the province, two go to legal aid.
    const auto of_ten = static_cast<std::size_t>(i % 10);
    if (of_ten < 5) {
      const auto number = n * 5 + of_ten;
      p.partner = "jining-12345";
      p.external_no = fmt::format("JN-{:06}", number);
      p.kind = city_stories[number % city_stories.size()];
    } else if (of_ten < 8) {
      const auto number = n * 3 + of_ten - 5;
      p.partner = "shandong-12345";
      p.external_no = fmt::format("SD-{:06}", number);
      p.kind = province_stories[number % province_stories.size()];
    } else {
      p.partner = "legal-aid-12348";
      p.kind = legal_stories[(n * 2 + of_ten - 8) % legal_stories.size()];
    }
    all.push_back(std::move(p));
  }
  return all;
}

story story_of(std::string_view external_no) {
  const auto number = static_cast<std::size_t>(number_in(external_no));
  return external_no.starts_with("SD") ? province_stories[number % province_stories.size()]
                                       : city_stories[number % city_stories.size()];
}

v1::PartnerEvent create_of(const plot& p) {
  auto event = event_of(p, v1::PARTNER_EVENT_KIND_CREATE, {});
  auto& intake = *event.mutable_intake();
  intake.set_title("拖欠工资");
  intake.set_urgency(v1::URGENCY_NORMAL);
  auto& caller = *intake.mutable_caller();
  caller.set_name("张㙍");
  caller.set_phone(fmt::format("138{:08}", number_in(p.external_no)));
  caller.set_gender(v1::GENDER_MALE);
  caller.set_consent_to_share(true);
  intake.mutable_employer()->set_name("济宁某建筑劳务有限公司");
  auto& matter = *intake.mutable_matter();
  matter.set_kind(v1::KIND_COMPLAINT);
  matter.set_category("wages.arrears");
  matter.set_content(fmt::format("工地拖欠三个月工资，对方工单{}", p.external_no));
  matter.set_region(p.external_no.starts_with("SD") ? p.where.full_name : p.where.unit);
  if (p.kind == story::with_files) add_file(event, p.external_no + "-1.jpg");
  return event;
}

std::vector<v1::PartnerEvent> pressure_of(const plot& p) {
  switch (p.kind) {
    case story::withdrawn:
      return only(event_of(p, v1::PARTNER_EVENT_KIND_WITHDRAW, "职工已领到工资，要求撤单"));
    case story::with_files: {
      auto event = event_of(p, v1::PARTNER_EVENT_KIND_ATTACH, "补充欠条");
      add_file(event, p.external_no + "-2.pdf");
      return only(std::move(event));
    }
    case story::urged: {
      auto order = event_of(p, v1::PARTNER_EVENT_KIND_SUPERVISE, "请尽快办结");
      order.set_order_no("DB-" + p.external_no);
      auto more = event_of(p, v1::PARTNER_EVENT_KIND_SUPPLEMENT, "补充地点");
      more.mutable_intake()->mutable_matter()->set_place("太平路某小区二期");
      return {event_of(p, v1::PARTNER_EVENT_KIND_URGE, "职工来电催办"), std::move(order),
              std::move(more)};
    }
    default: return {};
  }
}

std::vector<v1::PartnerEvent> reaction(const v1::PartnerEvent& told, const std::string& external_no,
                                       const book_entry& entry) {
  switch (told.kind()) {
    case v1::PARTNER_EVENT_KIND_FINISH: {
      // Told once more what it has answered already, it has nothing to add.
      const auto answers = std::ranges::count_if(entry.said, [](v1::PartnerEventKind kind) {
        return kind == v1::PARTNER_EVENT_KIND_VISIT_RESULT || kind == v1::PARTNER_EVENT_KIND_REWORK;
      });
      if (answers >= entry.count_told(v1::PARTNER_EVENT_KIND_FINISH)) return {};
      const bool first = entry.count_told(v1::PARTNER_EVENT_KIND_FINISH) == 1;
      const bool unhappy = first && story_of(external_no) == story::rework;
      return only(unhappy ? discontent(external_no) : content());
    }
    case v1::PARTNER_EVENT_KIND_EXTEND_REQ: {
      v1::PartnerEvent event;
      event.set_kind(v1::PARTNER_EVENT_KIND_EXTEND_RESP);
      event.set_granted(true);
      event.set_text("同意延期");
      event.set_due_at(told.occurred_at() + milliseconds(std::chrono::days(14)).count());
      return only(std::move(event));
    }
    default: return {};
  }
}

std::string words_for_legal_aid(story kind) {
  switch (kind) {
    case story::refused: return "申请法律援助，材料不全";
    case story::declined: return "申请法律援助，重复申请";
    default: return "申请法律援助，追索劳动报酬";
  }
}

bool legal_declines(const v1::PartnerEvent& told) {
  return told.kind() == v1::PARTNER_EVENT_KIND_CREATE &&
         told.intake().matter().content() == words_for_legal_aid(story::declined);
}

std::vector<v1::PartnerEvent> legal_reaction(const v1::PartnerEvent& told, const std::string&,
                                             const book_entry& entry) {
  std::vector<v1::PartnerEvent> said;
  const auto say = [&](v1::PartnerEventKind kind, std::string text) -> v1::PartnerEvent& {
    auto& event = said.emplace_back();
    event.set_kind(kind);
    event.set_ticket_no(entry.ticket_no);
    event.set_text(std::move(text));
    return event;
  };
  // The case ends in the time the desk has given it.
  if (told.kind() == v1::PARTNER_EVENT_KIND_EXTEND_RESP && told.granted()) {
    auto& end = say(v1::PARTNER_EVENT_KIND_FINISH, "结案");
    end.mutable_reply()->set_result(v1::RESULT_SOLVED);
    end.mutable_reply()->set_text("经调解，公司已付清工资");
    return said;
  }
  if (told.kind() != v1::PARTNER_EVENT_KIND_CREATE) return said;
  if (told.intake().matter().content() == words_for_legal_aid(story::refused)) {
    say(v1::PARTNER_EVENT_KIND_REFUSE, "材料不全").set_reason_code("R02");
    return said;
  }
  say(v1::PARTNER_EVENT_KIND_ACCEPT, "予以援助");
  say(v1::PARTNER_EVENT_KIND_SIGN, "已指派律师");
  say(v1::PARTNER_EVENT_KIND_EXTEND_REQ, "对方企业申请延期举证").set_days(days_for_legal_aid);
  return said;
}

v1::State end_of(story kind) {
  switch (kind) {
    case story::withdrawn: return v1::STATE_WITHDRAWN;
    case story::handed_back: return v1::STATE_TRANSFERRED;
    case story::granted: return v1::STATE_REVIEWED;
    // Back at the desk, for the dispatcher to decide.
    case story::refused:
    case story::declined: return v1::STATE_ACCEPTED;
    default: return v1::STATE_CLOSED;
  }
}

}  // namespace hotline::test
