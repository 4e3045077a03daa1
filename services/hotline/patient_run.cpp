#include "services/hotline/patient_run.hpp"

#include <fmt/core.h>

#include <utility>

namespace hotline::program {

bool is_temporary(const failure& why) {
  return why.code == errc::unavailable || why.code == errc::overloaded ||
         why.code == errc::outcome_unknown || why.code == errc::timeout ||
         why.code == errc::conflict || why.code == errc::refused;
}

bool is_temporary(const store::refusal& why) { return !why.rejection && is_temporary(why.why); }

boost::asio::awaitable<std::optional<store::run_result>> run_patiently(tool_session& session,
                                                                       v1::Command command,
                                                                       std::string fingerprint) {
  const auto ask = [&] { return session.store().runner.run(command, fingerprint); };
  co_return co_await patiently(session, ask);
}

std::string words_of(const store::refusal& refused) {
  if (!refused.rejection) return to_string(refused.why);
  const auto& field = refused.rejection->field();
  return fmt::format("{}{}{}（{}）", field, field.empty() ? "" : " ", refused.rejection->text(),
                     refused.rejection->rule());
}

}  // namespace hotline::program
