// Assertions that stay on in release: a broken invariant stops the process with a sentence, because
// a wrong ticket is worse than a restarted service. Data from outside is never asserted.
#pragma once

namespace hotline {

[[noreturn]] void assertion_failed(const char* condition, const char* message, const char* file,
                                   int line);

}  // namespace hotline

#define HL_ASSERT(condition, message) \
  (static_cast<bool>(condition)       \
       ? static_cast<void>(0)         \
       : ::hotline::assertion_failed(#condition, message, __FILE__, __LINE__))
