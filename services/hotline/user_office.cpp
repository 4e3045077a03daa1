#include "services/hotline/user_office.hpp"

#include <fmt/core.h>
#include <pwd.h>
#include <unistd.h>

#include <array>

namespace hotline::program {
namespace {

std::string login_name() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found) {
    return found->pw_name;
  }
  return std::to_string(::getuid());
}

}  // namespace

std::string console_user() { return "console-" + login_name(); }

user_office::user_office(tool_session& session, identity_host& host)
    : people(session.people()),
      desk(people, host.pool, session.province(), host.options, host.real) {
  who.at_console = true;
  who.actor.set_user(console_user());
  who.actor.set_unit(std::string(session.land().org.province().code()));
  who.actor.set_role(v1::ROLE_SECURITY_ADMINISTRATOR);
}

std::string sentence(const identity::refusal& refusal) {
  if (refusal.kind == identity::refused::failed || refusal.kind == identity::refused::busy) {
    return to_string(refusal.why);
  }
  return refusal.field.empty() ? refusal.zh : fmt::format("{}: {}", refusal.field, refusal.zh);
}

}  // namespace hotline::program
