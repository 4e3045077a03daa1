// The desk of users as the command line uses it: at the machine itself.
#pragma once

#include "common/identity/user_desk.hpp"
#include "services/hotline/identity_host.hpp"
#include "services/hotline/tool_session.hpp"

namespace hotline::program {

struct user_office {
  user_office(tool_session& session, identity_host& host);

  store::people_store people;
  identity::user_desk desk;
  /// console_user(), who may do everything at the machine.
  identity::manager who;
};

/// Whoever is logged in on the machine, as records name them: "console-root".
std::string console_user();

/// For standard error: what a refusal says to the person at the console.
std::string sentence(const identity::refusal& refusal);

}  // namespace hotline::program
