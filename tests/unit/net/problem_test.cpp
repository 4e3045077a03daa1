#include "common/net/problem.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <set>

#include "common/net/http_target.hpp"

using namespace hotline;
using namespace hotline::net;

namespace {

struct error_row {
  errc code;
  int status;
  bool retry;
};

constexpr error_row error_table[] = {
    {errc::invalid_argument, 400, false}, {errc::not_found, 404, false},
    {errc::conflict, 409, false},         {errc::rejected, 422, false},
    {errc::key_reused, 422, false},       {errc::overloaded, 503, true},
    {errc::unavailable, 503, true},       {errc::refused, 503, true},
    {errc::outcome_unknown, 503, true},   {errc::timeout, 503, true},
    {errc::cancelled, 503, true},         {errc::corrupt_data, 500, false},
    {errc::wrong_data_set, 503, false},   {errc::misconfigured, 500, false},
    {errc::io_error, 500, false},         {errc::internal, 500, false},
};

boost::json::object members(const response& r) { return boost::json::parse(r.body).as_object(); }

}  // namespace

TEST_CASE("every error code has a status, a Chinese and an English sentence") {
  CHECK(std::size(error_table) == static_cast<std::size_t>(errc::internal) + 1);
  for (const error_row& row : error_table) {
    CAPTURE(to_string(row.code));
    const problem p = problem_for(failure{row.code, "the detail"});
    const response r = make_problem_response(p, "r-1");
    const auto body = members(r);
    CHECK(r.status == row.status);
    CHECK(r.content_type == "application/problem+json");
    CHECK((r.header("Retry-After") != nullptr) == row.retry);
    CHECK(body.at("status").as_int64() == row.status);
    CHECK(body.at("code").as_string() == std::string(to_string(row.code)));
    CHECK(body.at("type").as_string() == "urn:hotline:problem:" + std::string(to_string(row.code)));
    CHECK(static_cast<unsigned char>(body.at("title").as_string()[0]) >= 0xe4);
    CHECK(body.at("title_en").as_string().size() > 10);
    CHECK(body.at("request_id").as_string() == "r-1");
    CHECK(body.contains("detail") == (row.status < 500));
  }
}

TEST_CASE("an unknown outcome says how to repeat safely") {
  const problem p = problem_for(errc::outcome_unknown);
  CHECK(p.title_zh.find("Idempotency-Key") != std::string::npos);
  CHECK(p.title_en.find("Idempotency-Key") != std::string::npos);
}

TEST_CASE("field, rule and detail are named where they are known") {
  problem p = problem_for(errc::rejected);
  p.field = "reply.result";
  p.rule = "reply_needs_evidence";
  p.detail = "a \"quoted\" detail";
  const auto body = members(make_problem_response(p));
  CHECK(body.at("field").as_string() == "reply.result");
  CHECK(body.at("rule").as_string() == "reply_needs_evidence");
  CHECK(body.at("detail").as_string() == "a \"quoted\" detail");
  CHECK_FALSE(body.contains("request_id"));
  p.detail = "\xff";
  CHECK_FALSE(members(make_problem_response(p)).contains("detail"));
}

TEST_CASE("If-Match that does not hold is a conflict with status 412") {
  const problem p = precondition_failed();
  CHECK(p.status == 412);
  CHECK(p.code == "conflict");
}

TEST_CASE("every fault of form has a rule of its own and a client or capacity status") {
  std::set<std::string> rules;
  for (int i = 0; i <= static_cast<int>(http_fault::too_many_connections); ++i) {
    const http_fault_text text = describe(static_cast<http_fault>(i));
    CAPTURE(text.rule);
    CHECK(rules.insert(std::string(text.rule)).second);
    CHECK(text.status >= 400);
    CHECK_FALSE(text.detail.empty());
    CHECK(problem_for(static_cast<http_fault>(i)).status == text.status);
  }
}
