// What an error reply of Redis means for the caller.
#pragma once

#include <string_view>

#include "common/base/error.hpp"

namespace hotline::redis {

/// `text` as Redis sent it, e.g. "OOM command not allowed when used memory > 'maxmemory'.".
/// LOADING, MASTERDOWN, TRYAGAIN, CLUSTERDOWN: unavailable (nothing was done, try again soon);
/// everything else: refused (Redis answered and did not do it). The detail is the text, without the
/// arguments Redis quotes for an unknown command: they may be personal data.
failure failure_of_error_reply(std::string_view text);

/// Whether `f` came from an error reply that begins with `code`, e.g. "NOGROUP" or "NOSCRIPT".
bool is_error_reply(const failure& f, std::string_view code);

}  // namespace hotline::redis
