// Answers for what went wrong: RFC 9457 application/problem+json with a stable code and a sentence
// in Chinese and in English.
#pragma once

#include <string>
#include <string_view>

#include "common/base/error.hpp"
#include "common/net/http_fault.hpp"
#include "common/net/http_message.hpp"

namespace hotline::net {

struct problem {
  int status = 500;
  std::string code;      ///< stable, for programs: "not_found", "rejected", ...
  std::string title_zh;  ///< one sentence for the person at the screen
  std::string title_en;
  std::string field;      ///< the field at fault, as a path into the request; may be empty
  std::string rule;       ///< the rule that says no; may be empty
  std::string detail;     ///< what exactly is wrong and what to do; never shown with a 5xx
  int retry_after_s = 0;  ///< seconds; 0: no Retry-After header
};

/// The one table from errc to status, sentences and Retry-After.
problem problem_for(errc code);

/// The same, with the detail of the failure.
problem problem_for(const failure& f);

/// The same code as errc::conflict, for a request whose If-Match did not hold: 412.
problem precondition_failed();

/// What a client is told that sends something this server does not accept as HTTP.
problem problem_for(http_fault fault);

/// Members: type ("urn:hotline:problem:<code>"), title (Chinese), title_en, status, code, and where
/// not empty field, rule, detail and request_id.
response make_problem_response(const problem& p, std::string_view request_id = {});

}  // namespace hotline::net
