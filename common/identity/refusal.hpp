// Why something about users was not done.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "common/base/error.hpp"

namespace hotline::identity {

enum class refused {
  invalid,      ///< the input breaks a rule
  not_allowed,  ///< this actor may not
  not_found,    ///< no such user, or none this actor may know of
  conflict,     ///< exists already, or was changed meanwhile
  busy,         ///< too many at once; nothing was done
  failed,       ///< the store or the machine failed: see `why`
};

struct refusal {
  refused kind = refused::invalid;
  std::string rule;   ///< stable: "password.length", "user.self"
  std::string field;  ///< of the request, where one is at fault
  std::string zh;
  std::string en;
  failure why{errc::rejected, {}};  ///< of refused::failed
};

template <class T>
using answered = std::expected<T, refusal>;

inline std::unexpected<refusal> refuse(refused kind, std::string_view rule, std::string_view field,
                                       std::string_view zh, std::string_view en) {
  refusal made;
  made.kind = kind;
  made.rule = rule;
  made.field = field;
  made.zh = zh;
  made.en = en;
  return std::unexpected(std::move(made));
}

inline std::unexpected<refusal> refuse(failure why) {
  refusal made;
  made.kind = why.code == errc::overloaded ? refused::busy : refused::failed;
  made.why = std::move(why);
  return std::unexpected(std::move(made));
}

}  // namespace hotline::identity
