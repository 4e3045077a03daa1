// Who sends the requests of the tests about permission, and the tickets they are about.
#pragma once

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <string>
#include <string_view>

#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {

inline const sender officer_of_qingdao{"ROLE_OFFICER", "370200", "zhou"};
inline const sender lead_of_zoucheng{"ROLE_LEAD", "370883", "sun"};
inline const sender lead_of_rencheng{"ROLE_LEAD", "370811", "qian"};
inline const sender supervisor_of_jining{"ROLE_SUPERVISOR", "370800", "wu"};
inline const sender auditor{"ROLE_AUDITOR", "370000", "shen"};
inline const sender security{"ROLE_SECURITY_ADMINISTRATOR", "370000", "an"};

inline constexpr std::string_view phone = "13805310001";

/// A create like good_create with more in the intake, the caller and the matter.
inline std::string create_body(std::string_view intake, std::string_view caller = "",
                               std::string_view matter = "") {
  return fmt::format(R"({{"intake":{{"source":"SOURCE_PHONE"{},
    "caller":{{"name":"赵师傅","phone":"13805310001","consent_to_share":true{}}},
    "employer":{{"name":"济宁某置业公司","contact":"钱经理","contact_phone":"13905310009"}},
    "matter":{{"kind":"KIND_COMPLAINT","category":"wages.arrears","region":"370883",
              "content":"工地瓦工，电话 13805310001"{}}}}}}})",
                     intake, caller, matter);
}

/// A ticket from `body`, dispatched to `unit` unless that is empty: its number.
inline std::string made(gateway_fixture& f, const std::string& body,
                        const std::string& unit = "370883") {
  const auto created = f.post(operator_of_province, "/v1/tickets", body);
  REQUIRE_MESSAGE(created.status == 201, created.body);
  const std::string no = text_at(created, "ticket_no");
  if (unit.empty()) return no;
  const auto sent = f.post(dispatcher_of_province, "/v1/tickets/" + no + ":dispatch",
                           R"({"unit":")" + unit + "\"}");
  REQUIRE_MESSAGE(sent.status == 200, sent.body);
  return no;
}

}  // namespace hotline::gateway
