// What went wrong, as a problem answer: one place for the status, code and sentences of everything
// the gateway itself refuses.
#pragma once

#include <string>
#include <string_view>

#include "common/identity/refusal.hpp"
#include "common/json/fault.hpp"
#include "common/net/problem.hpp"
#include "hotline/v1/rejection.pb.h"

namespace hotline::gateway {

/// The status a rejection is answered with: who may not 403, no such ticket 404, another state 409,
/// If-Match 412, everything about content and limits 422.
int status_for(v1::RejectCode code);

/// A rule of the hotline said no. `code` is the name of the RejectCode ("extension_too_many").
net::problem problem_for_rejection(const v1::Rejection& rejection);

/// A body that breaks a rule of form: 400, code "field_malformed" (or "body_malformed" where no
/// field is at fault), rule = the kind of fault.
net::problem problem_for_fault(const json::fault& fault);

/// Something about users was not done.
net::problem problem_for_refusal(const identity::refusal& refusal);

/// A bad header or query parameter: 400, or another status.
net::problem bad_parameter(std::string_view name, std::string_view zh, std::string_view en);

net::problem make_problem(int status, std::string_view code, std::string_view zh,
                          std::string_view en);

/// No such thing, or none the actor may see: the two are not told apart.
net::problem not_found();

/// The actor may not do this here; 403.
net::problem forbidden(std::string_view rule, std::string_view zh, std::string_view en);

}  // namespace hotline::gateway
