#include "services/hotline/words.hpp"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "common/domain/civil.hpp"

namespace hotline::program {

std::string_view word(v1::EventKind kind) {
  switch (kind) {
    case v1::EVENT_KIND_DRAFTED: return "登记";
    case v1::EVENT_KIND_ACCEPTED: return "受理";
    case v1::EVENT_KIND_SUPPLEMENTED: return "补充";
    case v1::EVENT_KIND_ANSWERED: return "直接答复";
    case v1::EVENT_KIND_ANSWER_CHECKED: return "质检";
    case v1::EVENT_KIND_REFUSED: return "拟不予受理";
    case v1::EVENT_KIND_REFUSAL_DECIDED: return "不予受理裁定";
    case v1::EVENT_KIND_DISPATCHED: return "派单";
    case v1::EVENT_KIND_SIGNED: return "签收";
    case v1::EVENT_KIND_RETURN_ASKED: return "申请退单";
    case v1::EVENT_KIND_RETURN_DECIDED: return "退单裁定";
    case v1::EVENT_KIND_REDISPATCHED: return "转派";
    case v1::EVENT_KIND_HANDED_DOWN: return "下派";
    case v1::EVENT_KIND_CO_HANDLER_ADDED: return "加派协办";
    case v1::EVENT_KIND_OPINION_GIVEN: return "协办意见";
    case v1::EVENT_KIND_CONTACTED: return "联系职工";
    case v1::EVENT_KIND_PROGRESS_REPORTED: return "进展";
    case v1::EVENT_KIND_EXTENSION_ASKED: return "申请延期";
    case v1::EVENT_KIND_EXTENSION_DECIDED: return "延期审批";
    case v1::EVENT_KIND_SUSPENSION_ASKED: return "申请挂起";
    case v1::EVENT_KIND_SUSPENSION_DECIDED: return "挂起审批";
    case v1::EVENT_KIND_RESUMED: return "恢复";
    case v1::EVENT_KIND_URGED: return "催办";
    case v1::EVENT_KIND_SUPERVISED: return "督办";
    case v1::EVENT_KIND_SUPERVISION_ANSWERED: return "督办答复";
    case v1::EVENT_KIND_SUPERVISION_CLOSED: return "督办办结";
    case v1::EVENT_KIND_TAKE_OVER_ASKED: return "申请上代下";
    case v1::EVENT_KIND_TAKEN_OVER: return "上代下";
    case v1::EVENT_KIND_REPLIED: return "办理反馈";
    case v1::EVENT_KIND_REVIEWED: return "审核";
    case v1::EVENT_KIND_VISITED: return "回访";
    case v1::EVENT_KIND_REWORK_ORDERED: return "重办";
    case v1::EVENT_KIND_CLOSED: return "办结";
    case v1::EVENT_KIND_TERMINATION_ASKED: return "申请终止";
    case v1::EVENT_KIND_TERMINATION_DECIDED: return "终止审批";
    case v1::EVENT_KIND_EXCLUSION_ASKED: return "申请剔除";
    case v1::EVENT_KIND_EXCLUSION_DECIDED: return "剔除审批";
    case v1::EVENT_KIND_MERGED: return "并单";
    case v1::EVENT_KIND_MERGED_LISTED: return "并入子单";
    case v1::EVENT_KIND_UNMERGED: return "撤销并单";
    case v1::EVENT_KIND_WITHDRAWN: return "撤单";
    case v1::EVENT_KIND_TRANSFERRED: return "转出";
    case v1::EVENT_KIND_PARTNER_ANSWERED: return "转出反馈";
    case v1::EVENT_KIND_ESCALATED: return "升级";
    case v1::EVENT_KIND_ANNOTATED: return "备注";
    case v1::EVENT_KIND_LINKED: return "关联";
    case v1::EVENT_KIND_ARCHIVED: return "归档";
    case v1::EVENT_KIND_RECALCULATED: return "重算时限";
    case v1::EVENT_KIND_DEADLINE_NEAR: return "临期";
    case v1::EVENT_KIND_DEADLINE_MISSED: return "超期";
    case v1::EVENT_KIND_BREACH_LASTING: return "持续超期";
    case v1::EVENT_KIND_REVEALED: return "查看原文";
    case v1::EVENT_KIND_URGENCY_CHANGED: return "改变紧急程度";
    case v1::EVENT_KIND_CO_HANDLER_RELEASED: return "不再等待协办";
    case v1::EVENT_KIND_TAKE_OVER_DECIDED: return "驳回上代下";
    case v1::EVENT_KIND_ATTACHED: return "补充附件";
    case v1::EVENT_KIND_PARTNER_DUE_CHANGED: return "调整时限";
    case v1::EVENT_KIND_PARTNER_STEP: return "转出进展";
    case v1::EVENT_KIND_PARTNER_EXTENSION_DECIDED: return "对方延期审批";
    default: return "";
  }
}

std::string_view word(v1::State state) {
  switch (state) {
    case v1::STATE_DRAFT: return "待受理";
    case v1::STATE_ACCEPTED: return "待派单";
    case v1::STATE_ANSWERED: return "直接答复";
    case v1::STATE_DISPATCHED: return "待签收";
    case v1::STATE_HANDLING: return "办理中";
    case v1::STATE_SUSPENDED: return "挂起";
    case v1::STATE_REPLIED: return "已办待审";
    case v1::STATE_REVIEWED: return "待回访";
    case v1::STATE_REWORK: return "重办";
    case v1::STATE_CLOSED: return "办结";
    case v1::STATE_ARCHIVED: return "归档";
    case v1::STATE_REJECTED: return "不予受理";
    case v1::STATE_WITHDRAWN: return "撤单";
    case v1::STATE_MERGED: return "并单";
    case v1::STATE_TERMINATED: return "终止办理";
    case v1::STATE_TRANSFERRED: return "转出";
    default: return "";
  }
}

std::string_view word(v1::Role role) {
  switch (role) {
    case v1::ROLE_OPERATOR: return "话务员";
    case v1::ROLE_DISPATCHER: return "派单员";
    case v1::ROLE_OFFICER: return "承办人";
    case v1::ROLE_LEAD: return "负责人";
    case v1::ROLE_SUPERVISOR: return "督办";
    case v1::ROLE_ADMINISTRATOR: return "系统管理员";
    case v1::ROLE_SECURITY_ADMINISTRATOR: return "安全管理员";
    case v1::ROLE_AUDITOR: return "审计管理员";
    case v1::ROLE_SYSTEM: return "系统";
    case v1::ROLE_PARTNER: return "合作单位";
    case v1::ROLE_CHANNEL: return "渠道";
    default: return "";
  }
}

std::string_view word(v1::ClockKind clock) {
  switch (clock) {
    case v1::CLOCK_KIND_ACCEPT: return "受理";
    case v1::CLOCK_KIND_DISPATCH: return "派单";
    case v1::CLOCK_KIND_SIGN: return "签收";
    case v1::CLOCK_KIND_CONTACT: return "联系";
    case v1::CLOCK_KIND_FIRST_REPORT: return "首报";
    case v1::CLOCK_KIND_HANDLE: return "办理";
    case v1::CLOCK_KIND_CO_OPINION: return "协办意见";
    case v1::CLOCK_KIND_REVIEW: return "审核";
    case v1::CLOCK_KIND_VISIT: return "回访";
    case v1::CLOCK_KIND_REWORK: return "重办";
    case v1::CLOCK_KIND_RETURN_DECISION: return "退单裁定";
    case v1::CLOCK_KIND_EXTENSION_DECISION: return "延期审批";
    case v1::CLOCK_KIND_SUSPENSION_REVIEW: return "挂起复核";
    case v1::CLOCK_KIND_SUPERVISION_ANSWER: return "督办答复";
    case v1::CLOCK_KIND_PARTNER_ANSWER: return "转出反馈";
    case v1::CLOCK_KIND_FIRST_RESULT: return "首次结果";
    case v1::CLOCK_KIND_ARCHIVE: return "归档";
    case v1::CLOCK_KIND_RETURN: return "退单";
    case v1::CLOCK_KIND_SUPPLEMENT: return "补充材料";
    default: return "";
  }
}

std::string_view word(v1::Rung rung) {
  switch (rung) {
    case v1::RUNG_REMIND: return "提醒";
    case v1::RUNG_WARN: return "黄灯";
    case v1::RUNG_DUE: return "到期";
    case v1::RUNG_ESCALATE: return "升级";
    case v1::RUNG_ESCALATE_TOP: return "升级到省";
    case v1::RUNG_REPORT: return "通报";
    case v1::RUNG_NAG: return "再催";
    default: return "";
  }
}

std::string_view word(v1::Urgency urgency) {
  switch (urgency) {
    case v1::URGENCY_NORMAL: return "一般";
    case v1::URGENCY_URGENT: return "紧急";
    case v1::URGENCY_CRITICAL: return "特急";
    default: return "";
  }
}

std::string_view word(v1::Light light) {
  switch (light) {
    case v1::LIGHT_BLUE: return "蓝";
    case v1::LIGHT_YELLOW: return "黄";
    case v1::LIGHT_RED: return "红";
    case v1::LIGHT_DOUBLE_RED: return "双红";
    default: return "";
  }
}

std::string civil_text(std::int64_t at_ms) {
  return at_ms == 0 ? std::string() : domain::format_civil_minute(from_unix_ms(at_ms));
}

std::string span_text(milliseconds span) {
  constexpr std::array<std::pair<std::int64_t, const char*>, 4> units{
      {{86'400'000, "天"}, {3'600'000, "小时"}, {60'000, "分钟"}, {1'000, "秒"}}};
  std::int64_t left = span.count();
  std::string text;
  int shown = 0;
  for (const auto& [length, name] : units) {
    const auto count = left / length;
    left %= length;
    if (count == 0) {
      if (shown > 0) break;
      continue;
    }
    text += fmt::format("{}{}", count, name);
    if (++shown == 2) break;
  }
  return text.empty() ? "不到1秒" : text;
}

}  // namespace hotline::program
