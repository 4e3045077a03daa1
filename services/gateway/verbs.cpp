#include "services/gateway/verbs.hpp"

#include <array>
#include <string>

#include "common/base/assert.hpp"
#include "hotline/v1/command.pb.h"

namespace hotline::gateway {
namespace {

// Not here: create (a POST on the collection), tick, add_merged and follow_main (never asked for
// from outside).
constexpr std::array<ticket_verb, 50> table{{
    {"supplement", "supplement", "补充或更正登记内容"},
    {"answer-directly", "answer_directly", "直接答复"},
    {"check-answer", "check_answer", "直接答复质检"},
    {"refuse", "refuse", "不予受理"},
    {"decide-refusal", "decide_refusal", "不予受理审批"},
    {"change-urgency", "change_urgency", "改变紧急程度"},
    {"dispatch", "dispatch", "派单"},
    {"sign", "sign", "签收"},
    {"return", "return_ticket", "退单申请"},
    {"decide-return", "decide_return", "退单裁定"},
    {"redispatch", "redispatch", "转派"},
    {"hand-down", "hand_down", "下派"},
    {"add-co-handler", "add_co_handler", "加派协办"},
    {"release-co-handler", "release_co_handler", "不再等待协办"},
    {"give-opinion", "give_opinion", "协办意见"},
    {"record-contact", "record_contact", "登记联系职工情况"},
    {"report-progress", "report_progress", "首报或进展"},
    {"request-extension", "request_extension", "延期申请"},
    {"decide-extension", "decide_extension", "延期审批"},
    {"request-suspension", "request_suspension", "挂起申请"},
    {"decide-suspension", "decide_suspension", "挂起审批"},
    {"resume", "resume", "恢复办理"},
    {"urge", "urge", "催办"},
    {"supervise", "supervise", "督办"},
    {"answer-supervision", "answer_supervision", "督办答复"},
    {"close-supervision", "close_supervision", "督办办结"},
    {"take-over", "take_over", "上代下"},
    {"request-take-over", "request_take_over", "申请上代下"},
    {"decide-take-over", "decide_take_over", "上代下申请审批"},
    {"reply", "reply", "办理反馈"},
    {"review", "review", "审核"},
    {"record-visit", "record_visit", "回访"},
    {"rework", "rework", "重办"},
    {"request-termination", "request_termination", "终止办理申请"},
    {"decide-termination", "decide_termination", "终止办理审批"},
    {"request-exclusion", "request_exclusion", "不合理诉求、考核申诉、疑难件申报"},
    {"decide-exclusion", "decide_exclusion", "申报审批"},
    {"merge", "merge", "并单"},
    {"unmerge", "unmerge", "取消并单"},
    {"withdraw", "withdraw", "撤单"},
    {"transfer-out", "transfer_out", "转出"},
    {"record-partner-answer", "record_partner_answer", "登记转出单位反馈"},
    {"decide-partner-extension", "decide_partner_extension", "转出单位延期审批"},
    {"set-partner-due", "set_partner_due", "对接方调整时限"},
    {"escalate", "escalate", "升级"},
    {"annotate", "annotate", "备注"},
    {"add-attachment", "add_attachment", "补充附件"},
    {"add-link", "add_link", "关联工单"},
    {"archive", "archive", "归档"},
    {"recalculate", "recalculate", "重算时限"},
}};

}  // namespace

std::span<const ticket_verb> ticket_verbs() { return table; }

const google::protobuf::FieldDescriptor& body_field(const ticket_verb& verb) {
  const auto* field = v1::Command::descriptor()->FindFieldByName(std::string(verb.field));
  HL_ASSERT(field != nullptr && field->message_type() != nullptr, "a verb without a command");
  return *field;
}

}  // namespace hotline::gateway
