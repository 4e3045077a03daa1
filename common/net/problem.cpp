#include "common/net/problem.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "common/net/http_target.hpp"

namespace hotline::net {

namespace {

// A client that waits this long meets a server that had time to reconnect to Redis (2 s at most).
constexpr int retry_after_s = 2;

struct error_text {
  int status;
  const char* zh;
  const char* en;
  int retry_after_s = 0;
};

error_text text_for(errc code) {
  switch (code) {
    case errc::invalid_argument:
      return {400, "请求内容有误，请更正后再提交。", "The request breaks a rule of its form."};
    case errc::not_found:
      return {404, "没有找到，或者您无权查看。", "There is no such thing, or none you may see."};
    case errc::conflict:
      return {409, "内容已被他人修改，请刷新后重试。",
              "Somebody else changed it first; load it and try again."};
    case errc::rejected:
      return {422, "按业务规则不能执行此操作。", "A rule of the hotline does not allow this."};
    case errc::key_reused:
      return {422, "同一个幂等键被用于不同的内容。",
              "The Idempotency-Key was used before with another body."};
    case errc::overloaded:
      return {503, "系统繁忙，本次没有办理，请稍后重试。",
              "The system is busy; nothing was done. Try again later.", retry_after_s};
    case errc::unavailable:
      return {503, "服务暂时不可用，本次没有办理，请稍后重试。",
              "The service is unavailable for now; nothing was done. Try again later.",
              retry_after_s};
    case errc::refused:
      return {503, "存储拒绝了本次写入，没有办理，请稍后重试。",
              "The store refused; nothing was done. Try again later.", retry_after_s};
    case errc::outcome_unknown:
      return {503, "结果未知，请用同一个幂等键（Idempotency-Key）重试。",
              "The outcome is unknown; repeat the request with the same Idempotency-Key.",
              retry_after_s};
    case errc::timeout:
      return {503, "未能及时得到结果，请稍后重试。",
              "There was no answer in time. Try again later.", retry_after_s};
    case errc::cancelled:
      return {503, "服务正在停止，请稍后重试。", "The service is stopping. Try again later.",
              retry_after_s};
    case errc::corrupt_data:
      return {500, "数据校验未通过，已停止处理，请联系管理员。",
              "Stored data did not check out; an administrator must look."};
    case errc::wrong_data_set:
      return {503, "数据集不一致，服务已停止受理，请联系管理员。",
              "The data set is not the expected one; an administrator must look."};
    case errc::misconfigured:
      return {500, "系统配置有误，请联系管理员。",
              "The system is misconfigured; an administrator must look."};
    case errc::io_error:
    case errc::internal:
      return {500, "系统内部错误，请联系管理员。",
              "Something went wrong inside; an administrator must look."};
  }
  return {500, "系统内部错误，请联系管理员。", "Something went wrong inside."};
}

constexpr std::string_view refused_zh = "请求不符合接口的 HTTP 规范，已被拒绝。";

}  // namespace

problem problem_for(errc code) {
  const error_text text = text_for(code);
  problem p;
  p.status = text.status;
  p.code = to_string(code);
  p.title_zh = text.zh;
  p.title_en = text.en;
  p.retry_after_s = text.retry_after_s;
  return p;
}

problem problem_for(const failure& f) {
  problem p = problem_for(f.code);
  p.detail = f.detail;
  return p;
}

problem precondition_failed() {
  problem p = problem_for(errc::conflict);
  p.status = 412;
  p.rule = "if_match";
  return p;
}

problem problem_for(http_fault fault) {
  const http_fault_text text = describe(fault);
  problem p = problem_for(text.status == 503 ? errc::overloaded : errc::invalid_argument);
  p.status = text.status;
  p.rule = text.rule;
  p.detail = text.detail;
  if (text.status == 503) return p;
  p.code = "bad_request";
  p.title_zh = refused_zh;
  p.title_en = "The request was refused for its HTTP form.";
  return p;
}

response make_problem_response(const problem& p, std::string_view request_id) {
  boost::json::object body;
  body["type"] = "urn:hotline:problem:" + p.code;
  body["title"] = p.title_zh;
  body["title_en"] = p.title_en;
  body["status"] = p.status;
  body["code"] = p.code;
  const auto add = [&body](std::string_view name, std::string_view value) {
    if (!value.empty() && is_valid_utf8(value)) body[name] = value;
  };
  add("field", p.field);
  add("rule", p.rule);
  if (p.status < 500) add("detail", p.detail);
  add("request_id", request_id);
  response out;
  out.status = p.status;
  out.content_type = "application/problem+json";
  out.body = boost::json::serialize(body);
  if (p.retry_after_s > 0) out.headers.emplace_back("Retry-After", std::to_string(p.retry_after_s));
  return out;
}

}  // namespace hotline::net
