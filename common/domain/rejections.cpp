#include "common/domain/rejections.hpp"

#include <algorithm>
#include <cctype>

namespace hotline::domain {
namespace {

struct sentences {
  std::string_view zh;
  std::string_view en;
};

sentences sentences_of(v1::RejectCode code) {
  switch (code) {
    case v1::REJECT_CODE_FIELD_REQUIRED: return {"缺少必填项。", "A required field is missing."};
    case v1::REJECT_CODE_FIELD_INVALID:
      return {"字段内容无效。", "The field's value is not valid."};
    case v1::REJECT_CODE_FIELD_TOO_LONG: return {"字段内容过长。", "The field is too long."};
    case v1::REJECT_CODE_ENUM_UNKNOWN:
      return {"取值不在代码表中。", "The value is not in the code list."};
    case v1::REJECT_CODE_BODY_MISSING: return {"请求没有内容。", "The command has no body."};
    case v1::REJECT_CODE_ACTOR_UNKNOWN:
      return {"操作人或其单位不存在。", "The acting user or unit is unknown."};
    case v1::REJECT_CODE_ROLE_NOT_ALLOWED:
      return {"当前角色无权执行此操作。", "This role may not do this."};
    case v1::REJECT_CODE_UNIT_NOT_ALLOWED:
      return {"当前单位无权对此工单执行此操作。", "This unit may not do this to this ticket."};
    case v1::REJECT_CODE_TICKET_UNKNOWN: return {"工单不存在。", "There is no such ticket."};
    case v1::REJECT_CODE_TICKET_EXISTS:
      return {"工单号已存在。", "A ticket of this number exists."};
    case v1::REJECT_CODE_VERSION_MISMATCH:
      return {"工单已被他人修改，请刷新后重试。", "The ticket has changed; load it again."};
    case v1::REJECT_CODE_STATE_NOT_ALLOWED:
      return {"工单当前状态不允许此操作。", "The ticket's state does not allow this."};
    case v1::REJECT_CODE_NOTHING_OPEN:
      return {"没有待处理的申请或事项。", "Nothing is open to decide or answer."};
    case v1::REJECT_CODE_ALREADY_OPEN:
      return {"同类申请正在审批中。", "Such a request is open already."};
    case v1::REJECT_CODE_ALREADY_DONE: return {"该事项已完成。", "This was done already."};
    case v1::REJECT_CODE_INCOMPLETE:
      return {"受理要素不全。", "Elements needed for acceptance are missing."};
    case v1::REJECT_CODE_UNIT_UNKNOWN: return {"单位不存在。", "There is no such unit."};
    case v1::REJECT_CODE_UNIT_INACTIVE:
      return {"单位已停用。", "The unit no longer takes tickets."};
    case v1::REJECT_CODE_UNIT_CANNOT_HANDLE:
      return {"该单位不具备办理此类事项的职责。", "The unit's duties do not cover the matter."};
    case v1::REJECT_CODE_UNIT_COMPLAINED_ABOUT:
      return {"投诉件不得交由被投诉单位办理。", "A complaint never goes to the unit it is about."};
    case v1::REJECT_CODE_UNIT_OUTSIDE:
      return {"单位不在可选范围内。", "The unit is not among those this may go to."};
    case v1::REJECT_CODE_UNIT_DUPLICATE: return {"单位重复。", "The unit takes part already."};
    case v1::REJECT_CODE_REGION_UNKNOWN:
      return {"事发地不在本省行政区划内。", "The region is not a division of the province."};
    case v1::REJECT_CODE_DESIGNATED:
      return {"已指定办理，不得退单。", "The unit was designated; it cannot return the ticket."};
    case v1::REJECT_CODE_RETURN_TOO_LATE:
      return {"已超过退单时限。", "The time to return the ticket has passed."};
    case v1::REJECT_CODE_PING_PONG:
      return {"工单在单位之间反复退转，须由上级指定办理。",
              "The ticket goes to and fro; a superior must designate a unit."};
    case v1::REJECT_CODE_EXTENSION_NOT_ALLOWED:
      return {"该紧急程度的工单不得延期。", "Tickets of this urgency cannot be extended."};
    case v1::REJECT_CODE_EXTENSION_TOO_MANY:
      return {"延期次数已用完。", "No further extension is allowed."};
    case v1::REJECT_CODE_EXTENSION_TOO_LONG:
      return {"延期天数超过上限。", "The extension exceeds its limit."};
    case v1::REJECT_CODE_EXTENSION_TOO_LATE:
      return {"延期须在到期前规定时间内提出。", "The extension is asked for too late."};
    case v1::REJECT_CODE_SUSPENSION_NOT_ALLOWED:
      return {"紧急的和有法定期限的工单不得挂起。",
              "Tickets that are urgent or have a legal limit cannot be suspended."};
    case v1::REJECT_CODE_SUSPENSION_TOO_LONG:
      return {"挂起时间超过上限。", "The suspension exceeds its limit."};
    case v1::REJECT_CODE_REWORK_TOO_MANY:
      return {"重办次数已达上限，应转督办。", "No further rework; the ticket must be supervised."};
    case v1::REJECT_CODE_LIMIT_TOO_LONG:
      return {"时限不得晚于上一级时限。", "The limit is beyond the one above it."};
    case v1::REJECT_CODE_CONTACT_MISSING:
      return {"答复前须先联系职工。", "The worker must be contacted before a reply."};
    case v1::REJECT_CODE_CO_OPINION_OPEN:
      return {"协办单位尚未反馈意见。", "A co-handler has not answered yet."};
    case v1::REJECT_CODE_SUPERVISION_OPEN:
      return {"督办单尚未办结。", "A supervision order is still open."};
    case v1::REJECT_CODE_CONSENT_MISSING:
      return {"未取得职工同意，不得转出个人信息。",
              "The caller has not consented to the transfer."};
    case v1::REJECT_CODE_MERGE_LOOP:
      return {"主单无效：不得并入自身或已并单的工单。", "A ticket cannot be merged into this one."};
    case v1::REJECT_CODE_VISIT_HALF_DAY:
      return {"未接通的回访须安排在不同半天。", "Another try must be in another half-day."};
    case v1::REJECT_CODE_NOT_DUE: return {"未达到升级条件。", "Nothing calls for an escalation."};
    case v1::REJECT_CODE_CALENDAR_RANGE:
      return {"日期超出工作日历范围。", "The date is beyond the working calendar."};
    case v1::REJECT_CODE_TERMINATION_TOO_LATE:
      return {"终止办理须在到期前提出。", "Termination must be asked for before the due instant."};
    case v1::REJECT_CODE_PARTNER_NOT_REACHED:
      return {"该单位未启用对接，或不通过接口接收此件；请另选单位，或线下移交并注明（by_hand）。",
              "The exchange cannot hand this over to the partner: choose another, or hand it over "
              "by hand and say so (by_hand)."};
    case v1::REJECT_CODE_UNSPECIFIED:
    case v1::RejectCode_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::RejectCode_INT_MAX_SENTINEL_DO_NOT_USE_: break;
  }
  return {"不允许此操作。", "This is not allowed."};
}

}  // namespace

v1::Rejection reject(v1::RejectCode code, std::string_view rule, std::string_view field) {
  v1::Rejection r;
  r.set_code(code);
  r.set_rule(rule.data(), rule.size());
  r.set_field(field.data(), field.size());
  const auto s = sentences_of(code);
  r.set_text(s.zh.data(), s.zh.size());
  r.set_text_en(s.en.data(), s.en.size());
  return r;
}

std::string reject_name(v1::RejectCode code) {
  constexpr std::string_view prefix = "REJECT_CODE_";
  std::string name = v1::RejectCode_Name(code);
  if (name.starts_with(prefix)) name.erase(0, prefix.size());
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

}  // namespace hotline::domain
