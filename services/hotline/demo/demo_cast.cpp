#include "services/hotline/demo/demo_cast.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "common/identity/text.hpp"

namespace hotline::program {
namespace {

constexpr std::array cast{
    cast_member{"wang", "王话务", "370000", v1::ROLE_OPERATOR},
    cast_member{"li", "李派单", "370000", v1::ROLE_DISPATCHER},
    cast_member{"meng", "孟承办", "370883", v1::ROLE_OFFICER},
    cast_member{"kong", "孔承办", "370881", v1::ROLE_OFFICER},
    cast_member{"ren", "任承办", "370800", v1::ROLE_OFFICER},
    cast_member{"sun", "孙督办", "370800", v1::ROLE_SUPERVISOR},
    cast_member{"lu", "鲁督办", "370000", v1::ROLE_SUPERVISOR},
    cast_member{"chen", "陈系统", "370000", v1::ROLE_ADMINISTRATOR},
    cast_member{"zheng", "郑安全", "370000", v1::ROLE_SECURITY_ADMINISTRATOR},
    cast_member{"shen", "沈审计", "370000", v1::ROLE_AUDITOR},
    cast_member{"qlgh", "齐鲁工惠", "370000", v1::ROLE_CHANNEL},
};

}  // namespace

std::span<const cast_member> demo_cast() { return cast; }

const cast_member* cast_as(const demo_person& who) {
  const auto found = std::ranges::find_if(cast, [&](const cast_member& one) {
    return who.unit == one.unit && who.role == v1::Role_Name(one.role);
  });
  return found == cast.end() ? nullptr : &*found;
}

std::string demo_user_id(const demo_person& who) {
  if (const auto* one = cast_as(who)) return one->user;
  constexpr std::string_view prefix = "ROLE_";
  return fmt::format("{}-{}", who.unit,
                     identity::lower_case(std::string_view(who.role).substr(prefix.size())));
}

}  // namespace hotline::program
