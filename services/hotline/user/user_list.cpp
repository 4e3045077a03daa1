#include "services/hotline/user/user_list.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "common/domain/civil.hpp"
#include "common/identity/user_rules.hpp"
#include "services/hotline/words.hpp"

namespace hotline::program {
namespace {

using namespace std::chrono_literals;

enum column : std::size_t { user, name, unit, role, valid_until, kind, column_count };

constexpr std::array<heading, column_count> headings{{{"用户名", "user", true},
                                                      {"姓名", "name", true},
                                                      {"单位", "unit", true},
                                                      {"角色", "role", true},
                                                      {"有效期至", "valid_until", false},
                                                      {"类别", "kind", false}}};

std::optional<v1::Role> parse_role(std::string_view text) {
  for (int i = v1::Role_MIN; i <= v1::Role_MAX; ++i) {
    if (!v1::Role_IsValid(i) || i == v1::ROLE_UNSPECIFIED) continue;
    const auto one = static_cast<v1::Role>(i);
    if (text == v1::Role_Name(one) || text == word(one)) return one;
  }
  return std::nullopt;
}

std::optional<v1::UserKind> parse_kind(std::string_view text) {
  if (text.empty() || text == "人员" || text == "person") return v1::USER_KIND_PERSON;
  if (text == "系统" || text == "系统对接" || text == "machine") return v1::USER_KIND_MACHINE;
  return std::nullopt;
}

/// Reads the rows one after another and keeps what was said of each user.
class list_reader {
 public:
  list_reader(columns where, const domain::organisation& org, user_list& out)
      : where_(where), org_(org), out_(out) {}

  void add(const table_row& row) {
    row_ = &row;
    const auto mistakes_before = out_.mistakes.size();
    for (const auto c : where_.broken(row)) {
      complain(static_cast<column>(c), broken_cell_text(where_.cell(row, c)));
    }
    const std::string id(cell(user));
    if (id.empty()) return complain(user, "没有用户名");
    v1::Post post;
    post.set_unit(std::string(cell(unit)));
    if (!org_.contains(post.unit())) complain(unit, fmt::format("没有单位 {}", post.unit()));
    const auto its_role = parse_role(cell(role));
    if (!its_role) complain(role, fmt::format("没有角色 {}", cell(role)));
    if (its_role) post.set_role(*its_role);
    const auto its_kind = parse_kind(cell(kind));
    if (!its_kind) complain(kind, "类别应为 人员 或 系统");
    if (!cell(valid_until).empty()) {
      const auto end = parse_last_day(cell(valid_until));
      if (!end) complain(valid_until, end.error().detail);
      if (end) post.set_valid_until_at(*end);
    }
    const auto [at, is_new] = index_.try_emplace(id, out_.users.size());
    if (is_new) {
      listed_user& listed = out_.users.emplace_back();
      listed.line = row.line;
      listed.order.set_id(id);
      listed.order.set_name(std::string(cell(name)));
      listed.order.set_unit(post.unit());
      listed.order.set_kind(its_kind.value_or(v1::USER_KIND_PERSON));
    }
    listed_user& listed = out_.users[at->second];
    if (listed.order.name() != cell(name)) complain(name, "与该用户前面的行不一致");
    *listed.order.add_posts() = post;
    if (out_.mistakes.size() > mistakes_before) bad_.insert(id);
  }

  /// The whole of each user is judged when all of their rows are known.
  void finish() {
    std::vector<listed_user> good;
    for (listed_user& listed : out_.users) {
      if (bad_.contains(listed.order.id())) continue;
      v1::User whole;
      whole.set_id(listed.order.id());
      whole.set_name(listed.order.name());
      whole.set_unit(listed.order.unit());
      whole.set_kind(listed.order.kind());
      *whole.mutable_posts() = listed.order.posts();
      if (const auto wrong = identity::check_user(whole, org_)) {
        out_.mistakes.push_back({listed.line, std::string(heading_of(wrong->field)), wrong->zh});
        continue;
      }
      good.push_back(std::move(listed));
    }
    out_.users = std::move(good);
    std::ranges::sort(out_.mistakes, {}, &table_mistake::line);
  }

 private:
  std::string_view cell(column c) const { return where_.cell(*row_, c); }

  void complain(column c, std::string reason) {
    out_.mistakes.push_back({row_->line, std::string(headings[c].zh), std::move(reason)});
  }

  static std::string_view heading_of(std::string_view field) {
    if (field == "id") return headings[user].zh;
    if (field == "name") return headings[name].zh;
    if (field == "unit") return headings[unit].zh;
    return field.starts_with("posts") ? headings[role].zh : std::string_view();
  }

  columns where_;
  const domain::organisation& org_;
  user_list& out_;
  const table_row* row_ = nullptr;
  std::map<std::string, std::size_t> index_;
  std::set<std::string> bad_;
};

}  // namespace

user_list read_user_list(const table& rows, const domain::organisation& org) {
  user_list list;
  if (rows.empty()) {
    list.mistakes.push_back({1, "", "表是空的"});
    return list;
  }
  const auto where = columns::find(rows.front(), headings, list.mistakes);
  if (!list.mistakes.empty()) return list;
  list_reader reader(where, org, list);
  for (std::size_t i = 1; i < rows.size(); ++i) reader.add(rows[i]);
  reader.finish();
  return list;
}

result<std::int64_t> parse_last_day(std::string_view text) {
  const auto day = parse_civil_day(text);
  if (!day) return pass(day);
  return to_unix_ms(domain::civil_instant(*day, 24h));
}

result<v1::Post> parse_post(std::string_view text) {
  v1::Post post;
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    const auto end = parse_last_day(text.substr(at + 1));
    if (!end) return pass(end);
    post.set_valid_until_at(*end);
    text = text.substr(0, at);
  }
  const auto slash = text.find('/');
  const auto its_role =
      slash == std::string_view::npos ? std::nullopt : parse_role(text.substr(slash + 1));
  if (!its_role || !domain::is_unit_code(text.substr(0, slash))) {
    return fail(errc::invalid_argument, "岗位应写作 370883/承办人 或 370883/ROLE_OFFICER");
  }
  post.set_unit(std::string(text.substr(0, slash)));
  post.set_role(*its_role);
  return post;
}

}  // namespace hotline::program
