// Errors as values: a closed set of codes, each with a stable name, and a sentence of detail.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace hotline {

/// What went wrong, as far as a caller can act on it. Names (see to_string) are stable: they are
/// logged, counted and sent to clients.
enum class errc {
  invalid_argument,  ///< the input breaks a rule of its form; changing the input helps
  not_found,         ///< no such thing, or none this actor may know of
  conflict,          ///< somebody else changed the ticket first; load it and decide again
  rejected,          ///< a rule of the hotline says no (the rejection travels beside it)
  key_reused,        ///< an idempotency key came again with another body
  overloaded,        ///< a named bound is reached; nothing was sent; try again later
  unavailable,       ///< nothing was sent: no connection, or Redis is loading or read-only
  refused,           ///< Redis answered and did not do it (out of memory, misconfigured, busy)
  outcome_unknown,   ///< sent, but no answer: it may have happened; repeat only with the same key
  timeout,           ///< no answer in time where nothing can have changed (a read)
  cancelled,         ///< the operation was called off, usually by shutdown
  corrupt_data,      ///< stored bytes do not check out; a person must look
  wrong_data_set,    ///< Redis carries another, an older or an empty data set: do not serve
  misconfigured,     ///< a setting is wrong; the detail says file, line and what to do
  io_error,          ///< the operating system said no; the detail has its words
  internal,          ///< a broken invariant that could be contained
};

/// The stable name of a code, e.g. "outcome_unknown".
std::string_view to_string(errc code);

/// A failure: the code for programs, the detail for the person who has to act (English; says what,
/// where and what to do; never holds personal data).
struct failure {
  errc code;
  std::string detail;
};

/// "outcome_unknown: no reply to FCALL within 2000 ms"
std::string to_string(const failure& f);

template <class T>
using result = std::expected<T, failure>;

/// `return fail(errc::not_found, "...")` from any function that returns a result.
inline std::unexpected<failure> fail(errc code, std::string detail) {
  return std::unexpected<failure>(failure{code, std::move(detail)});
}

/// Passes a failure of one result on as a failure of another.
template <class T>
std::unexpected<failure> pass(const result<T>& failed) {
  return std::unexpected<failure>(failed.error());
}

}  // namespace hotline
