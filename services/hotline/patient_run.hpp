// A command that a tool carries out although Redis may be away for a moment.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "services/hotline/tool_session.hpp"

namespace hotline::program {

/// Whether the same again, a little later, may do what failed so.
bool is_temporary(const failure& why);
bool is_temporary(const store::refusal& why);

inline constexpr int patient_attempts_max = 20;
inline constexpr milliseconds patient_pause{500};

/// Repeats a question to the store that may be asked twice while its outcome is unknown or only a
/// matter of time, for some ten seconds. Nothing when Ctrl-C came in between: the same file may be
/// read again. `ask` gives an awaitable of an expected, and lives until the end.
template <class Ask>
auto patiently(tool_session& session, const Ask& ask)
    -> boost::asio::awaitable<std::optional<typename decltype(ask())::value_type>> {
  using answer = typename decltype(ask())::value_type;
  for (int attempt = 1;; ++attempt) {
    answer done = co_await ask();
    if (done || !is_temporary(done.error()) || attempt == patient_attempts_max) {
      co_return std::optional<answer>(std::move(done));
    }
    if (!co_await session.stopping().sleep_for(patient_pause)) co_return std::nullopt;
  }
}

/// The same for a command with an id.
boost::asio::awaitable<std::optional<store::run_result>> run_patiently(tool_session& session,
                                                                       v1::Command command,
                                                                       std::string fingerprint);

/// A refusal for the person at the machine: the field and the rule, or what went wrong.
std::string words_of(const store::refusal& refused);

}  // namespace hotline::program
