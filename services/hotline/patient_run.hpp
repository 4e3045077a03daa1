// A command that a tool carries out although Redis may be away for a moment.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "services/hotline/tool_session.hpp"

namespace hotline::program {

/// Repeats a command with an id while its outcome is unknown or only a matter of time, for some ten
/// seconds. Nothing when Ctrl-C came in between: the same file may be read again.
boost::asio::awaitable<std::optional<store::run_result>> run_patiently(tool_session& session,
                                                                       v1::Command command,
                                                                       std::string fingerprint);

/// A refusal for the person at the machine: the field and the rule, or what went wrong.
std::string words_of(const store::refusal& refused);

}  // namespace hotline::program
