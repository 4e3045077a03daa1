#include "common/domain/exchange_words.hpp"

#include <string_view>

#include "common/domain/civil.hpp"

namespace hotline::domain {
namespace {

std::string_view word_of(v1::PartnerEventKind kind) {
  switch (kind) {
    case v1::PARTNER_EVENT_KIND_ACCEPT: return "对方已受理";
    case v1::PARTNER_EVENT_KIND_REFUSE: return "对方退回";
    case v1::PARTNER_EVENT_KIND_SIGN: return "对方已签收";
    case v1::PARTNER_EVENT_KIND_PROGRESS: return "对方告知进展";
    case v1::PARTNER_EVENT_KIND_EXTEND_REQ: return "对方申请延期";
    case v1::PARTNER_EVENT_KIND_EXTEND_RESP: return "对方答复延期";
    case v1::PARTNER_EVENT_KIND_URGE: return "对方催办";
    case v1::PARTNER_EVENT_KIND_SUPERVISE: return "对方督办";
    case v1::PARTNER_EVENT_KIND_SUPPLEMENT: return "对方补充";
    case v1::PARTNER_EVENT_KIND_FINISH: return "对方已办结";
    case v1::PARTNER_EVENT_KIND_VISIT_RESULT: return "对方告知回访结果";
    case v1::PARTNER_EVENT_KIND_REWORK: return "对方要求重办";
    case v1::PARTNER_EVENT_KIND_WITHDRAW: return "对方撤单";
    case v1::PARTNER_EVENT_KIND_ATTACH: return "对方补充附件";
    case v1::PARTNER_EVENT_KIND_SUPPLEMENT_REQ: return "对方要求补充材料";
    default: return "对方来件";
  }
}

std::string_view word_of(v1::Solved solved) {
  switch (solved) {
    case v1::SOLVED_YES: return "，已解决";
    case v1::SOLVED_PARTLY: return "，部分解决";
    case v1::SOLVED_NO: return "，未解决";
    default: return "";
  }
}

std::string_view word_of(v1::Satisfaction satisfaction) {
  switch (satisfaction) {
    case v1::SATISFACTION_VERY_GOOD: return "，非常满意";
    case v1::SATISFACTION_GOOD: return "，满意";
    case v1::SATISFACTION_FAIR: return "，基本满意";
    case v1::SATISFACTION_BAD: return "，不满意";
    case v1::SATISFACTION_VERY_BAD: return "，非常不满意";
    default: return "";
  }
}

void add_visit(std::string& text, const v1::Visit& visit) {
  text += visit.reached() ? "，已接通" : "，未接通";
  text += word_of(visit.solved());
  text += word_of(visit.satisfaction());
}

std::string_view said(const v1::PartnerEvent& event) {
  if (!event.text().empty()) return event.text();
  return event.has_visit() ? event.visit().remark() : event.reply().text();
}

}  // namespace

std::string words_of(const v1::PartnerEvent& event) {
  std::string text = event.text().empty() ? std::string(word_of(event.kind())) : event.text();
  if (!event.reason_code().empty()) text += "（" + event.reason_code() + "）";
  return text;
}

std::string answer_of(const v1::PartnerEvent& event) {
  const bool in_reply = event.text().empty() && !event.reply().text().empty();
  return in_reply ? event.reply().text() : words_of(event);
}

std::string report_of(const v1::PartnerEvent& event, bool late) {
  std::string text(word_of(event.kind()));
  if (late) text += "（迟到）";
  if (!event.handler_name().empty()) text += "，" + event.handler_name();
  if (event.days() > 0) text += "，" + std::to_string(event.days()) + " 个工作日";
  if (event.due_at() != 0) text += "，期限 " + format_civil_minute(from_unix_ms(event.due_at()));
  if (event.has_visit()) add_visit(text, event.visit());
  if (!said(event).empty()) text.append("：").append(said(event));
  if (!event.reason_code().empty()) text += "（" + event.reason_code() + "）";
  return text;
}

}  // namespace hotline::domain
