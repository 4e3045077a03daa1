// A table of users as an office keeps it: one row for each post.
#pragma once

#include <string>
#include <vector>

#include "common/domain/organisation.hpp"
#include "hotline/v1/identity.pb.h"
#include "services/hotline/table/columns.hpp"

namespace hotline::program {

struct listed_user {
  std::size_t line = 0;  ///< of the first row
  v1::CreateUser order;
};

struct user_list {
  std::vector<listed_user> users;       ///< those without a mistake in any of their rows
  std::vector<table_mistake> mistakes;  ///< by line
};

/// The first row names the columns, in Chinese or English: 用户名/user, 姓名/name, 单位/unit (a
/// code), 角色/role ("承办人" or "ROLE_OFFICER"), and if wanted 有效期至/valid_until (2027-06-30,
/// the last day), 类别/kind (人员, 系统). Rows of the same user add posts; the first one's unit is
/// where they belong.
user_list read_user_list(const table& rows, const domain::organisation& org);

/// "370883/ROLE_OFFICER", "370883/承办人", either with "@2027-06-30" for its last day.
result<v1::Post> parse_post(std::string_view text);

/// The end of a civil day given as 2027-06-30, 2027/6/30, or the number a spreadsheet has for it.
result<std::int64_t> parse_last_day(std::string_view text);

}  // namespace hotline::program
