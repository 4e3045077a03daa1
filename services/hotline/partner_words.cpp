#include "services/hotline/partner_words.hpp"

#include <fmt/core.h>

#include <cstdio>

#include "services/hotline/exit_code.hpp"

namespace hotline::program {

std::string_view word(v1::PartnerEventKind kind) {
  switch (kind) {
    case v1::PARTNER_EVENT_KIND_CREATE: return "派单";
    case v1::PARTNER_EVENT_KIND_ACCEPT: return "受理";
    case v1::PARTNER_EVENT_KIND_REFUSE: return "退回";
    case v1::PARTNER_EVENT_KIND_SIGN: return "签收";
    case v1::PARTNER_EVENT_KIND_PROGRESS: return "进展";
    case v1::PARTNER_EVENT_KIND_EXTEND_REQ: return "申请延期";
    case v1::PARTNER_EVENT_KIND_EXTEND_RESP: return "延期答复";
    case v1::PARTNER_EVENT_KIND_URGE: return "催办";
    case v1::PARTNER_EVENT_KIND_SUPERVISE: return "督办";
    case v1::PARTNER_EVENT_KIND_SUPPLEMENT: return "补充";
    case v1::PARTNER_EVENT_KIND_FINISH: return "办结反馈";
    case v1::PARTNER_EVENT_KIND_VISIT_RESULT: return "回访结果";
    case v1::PARTNER_EVENT_KIND_REWORK: return "重办";
    case v1::PARTNER_EVENT_KIND_WITHDRAW: return "撤单";
    case v1::PARTNER_EVENT_KIND_ATTACH: return "附件";
    case v1::PARTNER_EVENT_KIND_SUPPLEMENT_REQ: return "要求补充";
    default: return "事件不明";
  }
}

std::string_view word(v1::ReviewReason reason) {
  switch (reason) {
    case v1::REVIEW_REASON_NOT_MAPPED: return "无法转换";
    case v1::REVIEW_REASON_OTHER_CONTENT: return "同号不同内容";
    case v1::REVIEW_REASON_REJECTED: return "规则不允许";
    case v1::REVIEW_REASON_GAP: return "缺前序消息";
    case v1::REVIEW_REASON_ATTACHMENT: return "附件未取得";
    case v1::REVIEW_REASON_DOCUMENT: return "整件过大";
    default: return "原因不明";
  }
}

const v1::Partner* find_partner(const v1::HotlineConfig& config, std::string_view name) {
  for (const v1::Partner& one : config.partners())
    if (one.name() == name) return &one;
  return nullptr;
}

int complain_of_partner(const v1::HotlineConfig& config, std::string_view name) {
  if (find_partner(config, name) == nullptr) {
    fmt::print(stderr, "没有名为 {} 的对接方；hotline partner list 可列出\n", name);
  } else {
    fmt::print(stderr, "对接方 {} 已配置，但停用（inactive）；启用前没有与它的交换\n", name);
  }
  return exit_found;
}

}  // namespace hotline::program
