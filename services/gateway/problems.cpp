#include "services/gateway/problems.hpp"

#include <fmt/core.h>

#include "common/domain/rejections.hpp"

namespace hotline::gateway {

int status_for(v1::RejectCode code) {
  switch (code) {
    case v1::REJECT_CODE_ACTOR_UNKNOWN:
    case v1::REJECT_CODE_ROLE_NOT_ALLOWED:
    case v1::REJECT_CODE_UNIT_NOT_ALLOWED: return 403;
    case v1::REJECT_CODE_TICKET_UNKNOWN: return 404;
    case v1::REJECT_CODE_TICKET_EXISTS:
    case v1::REJECT_CODE_STATE_NOT_ALLOWED:
    case v1::REJECT_CODE_NOTHING_OPEN:
    case v1::REJECT_CODE_ALREADY_OPEN:
    case v1::REJECT_CODE_ALREADY_DONE: return 409;
    case v1::REJECT_CODE_VERSION_MISMATCH: return 412;
    default: return 422;
  }
}

net::problem problem_for_rejection(const v1::Rejection& rejection) {
  net::problem p;
  p.status = status_for(rejection.code());
  p.code = domain::reject_name(rejection.code());
  p.title_zh = rejection.text();
  p.title_en = rejection.text_en();
  p.field = rejection.field();
  p.rule = rejection.rule();
  return p;
}

net::problem problem_for_fault(const json::fault& fault) {
  const bool whole = fault.path.empty();
  net::problem p = make_problem(400, whole ? "body_malformed" : "field_malformed", "", "");
  p.title_zh = fmt::format("{}{}。", whole ? std::string_view("请求内容") : "字段内容有误：",
                           json::reason_zh(fault.kind));
  p.title_en = fmt::format("{} {}.", whole ? std::string_view("The body") : "The field",
                           json::reason_en(fault.kind));
  p.field = fault.path;
  p.rule = json::to_string(fault.kind);
  p.detail = json::to_failure(fault).detail;
  return p;
}

net::problem problem_for_refusal(const identity::refusal& refusal) {
  net::problem p;
  p.title_zh = refusal.zh;
  p.title_en = refusal.en;
  p.field = refusal.field;
  p.rule = refusal.rule;
  const auto as = [&p](int status, std::string_view code) {
    p.status = status;
    p.code = code;
    return p;
  };
  switch (refusal.kind) {
    case identity::refused::invalid: return as(422, "invalid");
    case identity::refused::not_allowed: return as(403, "not_allowed");
    case identity::refused::not_found: return as(404, "not_found");
    case identity::refused::conflict:
      return as(409, refusal.rule == "user.exists" ? "exists" : "conflict");
    case identity::refused::busy: {
      p = make_problem(429, "busy", "系统繁忙，本次没有办理，请稍后重试。",
                       "The system is busy; nothing was done. Try again later.");
      p.retry_after_s = 2;
      return p;
    }
    case identity::refused::failed: return net::problem_for(refusal.why);
  }
  return net::problem_for(errc::internal);
}

net::problem bad_parameter(std::string_view name, std::string_view zh, std::string_view en) {
  net::problem p = make_problem(400, "parameter_malformed", zh, en);
  p.field = name;
  return p;
}

net::problem make_problem(int status, std::string_view code, std::string_view zh,
                          std::string_view en) {
  net::problem p;
  p.status = status;
  p.code = code;
  p.title_zh = zh;
  p.title_en = en;
  return p;
}

net::problem not_found() { return net::problem_for(errc::not_found); }

net::problem forbidden(std::string_view rule, std::string_view zh, std::string_view en) {
  net::problem p = make_problem(403, "not_allowed", zh, en);
  p.rule = rule;
  return p;
}

}  // namespace hotline::gateway
