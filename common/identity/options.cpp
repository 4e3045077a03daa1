#include "common/identity/options.hpp"

#include "common/identity/text.hpp"

namespace hotline::identity {
namespace {

void take(int& value, std::int32_t setting) {
  if (setting > 0) value = setting;
}

void take(std::size_t& value, std::int32_t setting) {
  if (setting > 0) value = static_cast<std::size_t>(setting);
}

template <class Unit>
void take(milliseconds& value, std::int32_t setting) {
  if (setting > 0) value = Unit(setting);
}

}  // namespace

identity_options options_of(const v1::IdentitySettings& settings) {
  identity_options made;
  const v1::PasswordPolicy& password = settings.password();
  take(made.password.length_min, password.length_min());
  take(made.password.classes_min, password.classes_min());
  take<std::chrono::days>(made.password.age_max, password.days_max());
  if (password.no_expiry()) made.password.age_max = milliseconds(0);
  take(made.password.history, password.history());
  for (const std::string& word : password.refused()) {
    if (!word.empty()) made.password.refused.push_back(lower_case(word));
  }
  take<std::chrono::minutes>(made.idle, settings.idle_minutes());
  take<std::chrono::hours>(made.absolute, settings.absolute_hours());
  take(made.tries_max, settings.tries_max());
  take(made.address_tries_max, settings.address_tries_max());
  take<std::chrono::minutes>(made.lock, settings.lock_minutes());
  for (const int role : settings.totp_roles()) made.totp_roles.push_back(v1::Role(role));
  take(made.hashes_at_once, settings.hashes_at_once());
  take(made.hashes_waiting_max, settings.hashes_waiting_max());
  made.cookies = !settings.no_cookies();
  return made;
}

}  // namespace hotline::identity
