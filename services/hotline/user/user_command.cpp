#include "services/hotline/user/user_command.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <memory>

#include "common/identity/text.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/text_table.hpp"
#include "services/hotline/user/password_prompt.hpp"
#include "services/hotline/user/user_list.hpp"
#include "services/hotline/user_office.hpp"
#include "services/hotline/words.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;
using work = std::function<awaitable<int>(tool_session&, user_office&)>;

constexpr std::size_t page_size = 500;

int refused(const identity::refusal& refusal) {
  fmt::print(stderr, "hotline: {}\n", sentence(refusal));
  return refusal.kind == identity::refused::failed ? exit_failed : exit_found;
}

awaitable<int> with_office(tool_session& session, std::filesystem::path data, work what) {
  const auto host = identity_host::open(session.ready().settings(), data);
  if (!host) {
    fmt::print(stderr, "hotline: {}\n", host.error().detail);
    co_return exit_failed;
  }
  user_office office(session, **host);
  co_return co_await what(session, office);
}

int run(const command_places& where, bool create, work what) {
  return tool_session::run(
      where, create, [&](tool_session& session) { return with_office(session, where.data, what); });
}

void print_user(const v1::UserView& user) {
  fmt::print("{}  {}  {}{}{}\n", user.id(), user.name(), user.unit(),
             user.kind() == v1::USER_KIND_MACHINE ? "  系统对接" : "",
             user.disabled() ? "  已停用" : "");
  for (const v1::Post& post : user.posts()) {
    fmt::print("  {} {}", post.unit(), word(post.role()));
    if (post.valid_from_at() != 0) fmt::print("  自 {}", civil_text(post.valid_from_at()));
    if (post.valid_until_at() != 0) fmt::print("  至 {}", civil_text(post.valid_until_at()));
    fmt::print("\n");
  }
  if (user.valid_until_at() != 0) fmt::print("  有效期至 {}\n", civil_text(user.valid_until_at()));
}

/// A one-time password goes to standard output alone, so that a script can take it.
int print_answer(const identity::answered<v1::UserAnswer>& done) {
  if (!done) return refused(done.error());
  if (!done->password().empty()) {
    fmt::print(stderr, "{} 的密码如下，只显示这一次：\n", done->user().id());
    fmt::print("{}\n", done->password());
  } else {
    print_user(done->user());
  }
  return exit_ok;
}

/// What the options say of a new user; nothing (and a sentence) when something is wrong.
std::optional<v1::CreateUser> order_of(const user_options& options) {
  v1::CreateUser order;
  order.set_id(options.id);
  order.set_name(options.name);
  order.set_unit(options.unit);
  order.set_kind(options.machine ? v1::USER_KIND_MACHINE : v1::USER_KIND_PERSON);
  const auto wrong = [](const failure& f) {
    fmt::print(stderr, "hotline: {}\n", f.detail);
    return std::nullopt;
  };
  for (const std::string& text : options.posts) {
    const auto post = parse_post(text);
    if (!post) return wrong(post.error());
    *order.add_posts() = *post;
  }
  if (!options.valid_until.empty()) {
    const auto end = parse_last_day(options.valid_until);
    if (!end) return wrong(end.error());
    order.set_valid_until_at(*end);
  }
  return order;
}

awaitable<int> add(tool_session& session, user_office& office, v1::CreateUser order,
                   std::string password, bool first) {
  if (first) {
    const auto count = co_await office.people.count_users();
    if (!count) co_return refused(identity::refuse(count.error()).error());
    if (*count > 0) {
      fmt::print(stderr, "hotline: 已有用户；第一个管理员只能在没有用户时建立\n");
      co_return exit_found;
    }
    const std::string province(session.land().org.province().code());
    order.set_unit(province);
    auto& post = *order.add_posts();
    post.set_unit(province);
    post.set_role(v1::ROLE_SECURITY_ADMINISTRATOR);
  }
  if (order.unit().empty() && order.posts_size() > 0) order.set_unit(order.posts(0).unit());
  co_return print_answer(
      co_await office.desk.create(office.who, std::move(order), std::move(password)));
}

awaitable<int> change(user_office& office, std::string verb, user_options options,
                      std::string password) {
  auto& desk = office.desk;
  const auto& who = office.who;
  if (verb == "grant" || verb == "revoke") {
    for (const std::string& text : options.posts) {
      const auto post = parse_post(text);
      if (!post) {
        fmt::print(stderr, "hotline: {}\n", post.error().detail);
        co_return exit_usage;
      }
      auto done = verb == "grant" ? co_await desk.grant(who, options.id, *post)
                                  : co_await desk.revoke(who, options.id, *post);
      if (const int code = print_answer(done); code != exit_ok) co_return code;
    }
    co_return exit_ok;
  }
  if (verb == "passwd") {
    co_return print_answer(
        co_await desk.reset_password(who, options.id, 0, options.reason, std::move(password)));
  }
  if (verb == "unlock") {
    co_return print_answer(co_await desk.unlock(who, options.id, options.reason));
  }
  if (verb == "reset-totp") {
    co_return print_answer(co_await desk.reset_totp(who, options.id, 0, options.reason));
  }
  co_return print_answer(
      co_await desk.set_disabled(who, options.id, 0, verb == "disable", options.reason));
}

awaitable<int> list(user_office& office, std::string unit) {
  text_table shown({"用户", "姓名", "单位", "岗位", ""});
  std::string after;
  do {
    const auto page = co_await office.desk.list(office.who, unit, after, page_size);
    if (!page) co_return refused(page.error());
    for (const v1::UserView& user : page->users()) {
      std::string posts;
      for (const v1::Post& post : user.posts()) {
        posts += fmt::format("{}{} {}", posts.empty() ? "" : "，", post.unit(), word(post.role()));
      }
      shown.add({user.id(), user.name(), user.unit(), posts, user.disabled() ? "已停用" : ""});
    }
    after = page->next_cursor();
  } while (!after.empty());
  fmt::print("{}", shown.to_text());
  co_return exit_ok;
}

awaitable<int> show(user_office& office, std::string id) {
  const auto found = co_await office.desk.get(office.who, std::move(id));
  if (!found) co_return refused(found.error());
  print_user(found->user());
  fmt::print("  密码设置于 {}{}\n  动态口令 {}\n", civil_text(found->user().password_set_at()),
             found->user().must_change() ? "，首次登录须修改" : "",
             found->user().totp() ? "已绑定" : "无");
  co_return exit_ok;
}

/// The password that shall be asked for; empty: one is made. Nothing when it could not be read.
std::optional<std::string> ask(bool wanted) {
  if (!wanted) return std::string();
  auto given = read_new_password();
  if (given && !given->empty()) return *std::move(given);
  fmt::print(stderr, "hotline: {}\n", given ? "密码是空的" : given.error().detail);
  return std::nullopt;
}

}  // namespace

int add_user(const command_places& where, const user_options& options) {
  const auto order = order_of(options);
  if (!order) return exit_usage;
  auto password = ask(options.ask_password || options.first_administrator);
  if (!password) return exit_failed;
  const bool first = options.first_administrator;
  return run(where, first, [&](tool_session& session, user_office& office) {
    return add(session, office, *order, *password, first);
  });
}

int list_users(const command_places& where, const std::string& unit) {
  return run(where, false, [&](tool_session&, user_office& office) { return list(office, unit); });
}

int show_user(const command_places& where, const std::string& id) {
  return run(where, false, [&](tool_session&, user_office& office) { return show(office, id); });
}

int change_user(const command_places& where, const std::string& verb, const user_options& options) {
  auto password = ask(options.ask_password);
  if (!password) return exit_failed;
  return run(where, false, [&](tool_session&, user_office& office) {
    return change(office, verb, options, *password);
  });
}

}  // namespace hotline::program
