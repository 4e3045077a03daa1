#include "services/hotline/patient_run.hpp"

#include <fmt/core.h>

#include <utility>

namespace hotline::program {

bool is_temporary(errc code) {
  return code == errc::unavailable || code == errc::overloaded || code == errc::outcome_unknown ||
         code == errc::timeout || code == errc::conflict || code == errc::refused;
}

boost::asio::awaitable<std::optional<store::run_result>> run_patiently(tool_session& session,
                                                                       v1::Command command,
                                                                       std::string fingerprint) {
  for (int attempt = 1;; ++attempt) {
    auto done = co_await session.store().runner.run(command, fingerprint);
    const bool again = !done && !done.error().rejection && is_temporary(done.error().why.code) &&
                       attempt < patient_attempts_max;
    if (!again) co_return std::optional<store::run_result>(std::move(done));
    if (!co_await session.stopping().sleep_for(patient_pause)) co_return std::nullopt;
  }
}

std::string words_of(const store::refusal& refused) {
  if (!refused.rejection) return to_string(refused.why);
  const auto& field = refused.rejection->field();
  return fmt::format("{}{}{}（{}）", field, field.empty() ? "" : " ", refused.rejection->text(),
                     refused.rejection->rule());
}

}  // namespace hotline::program
