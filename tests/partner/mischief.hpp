// What can go wrong between two hotlines, chosen by a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hotline::test {

/// How a partner treats one request.
enum class mischief {
  none,
  too_many,                 ///< 429, not looked at
  server_error,             ///< 500, not looked at
  unauthorized,             ///< 401, as if our signature were wrong
  redirect_away,            ///< 302 to another host
  redirect_private,         ///< 302 to a private address
  done_then_error,          ///< acts on it and answers 500
  done_then_late,           ///< acts on it and answers after our patience has ended
  done_then_cut,            ///< acts on it and closes in the middle of the answer
  done_then_slowly,         ///< acts on it and sends the answer byte by byte
  done_then_garbage,        ///< acts on it and answers what is no document
  done_then_wrong_charset,  ///< acts on it and answers in bytes of no agreed charset
};

inline constexpr std::size_t mischief_kinds =
    static_cast<std::size_t>(mischief::done_then_wrong_charset) + 1;  ///< `none` included

/// The same choices in every run, however requests meet: each depends on the seed, the name of the
/// message and how often it came, and on nothing else.
class mischief_source {
 public:
  /// `rate` of 0 to 1: how likely each request is treated badly; after `per_message_max` times a
  /// message is treated well.
  mischief_source(std::uint64_t seed, double rate, int per_message_max)
      : seed_(seed), rate_(rate), per_message_max_(per_message_max) {}

  /// `attempt` counts from 0.
  mischief for_message(std::string_view name, int attempt) const;
  /// One of `count`, for choices that are no mischief.
  std::uint64_t choose(std::string_view name, std::uint64_t count) const;
  bool happens(std::string_view name, double rate) const;

 private:
  std::uint64_t hash(std::string_view name, std::uint64_t salt) const;

  std::uint64_t seed_;
  double rate_;
  int per_message_max_;
};

}  // namespace hotline::test
