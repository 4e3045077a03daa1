#include "services/hotline/demo/demo_staff.hpp"

#include <fmt/core.h>

#include <utility>

#include "common/base/assert.hpp"
#include "services/hotline/words.hpp"

namespace hotline::program {

using boost::asio::awaitable;

demo_staff::demo_staff(tool_session& session, identity_host& host)
    : office_(session, host), org_(session.land().org) {}

awaitable<result<std::string>> demo_staff::make(demo_person who) {
  const std::string id = demo_user_id(who);
  if (const auto known = passwords_.find(id); known != passwords_.end()) co_return known->second;
  v1::Role role{};
  HL_ASSERT(v1::Role_Parse(who.role, &role), "the demo's roles exist");
  const auto* one = cast_as(who);
  const auto* unit = org_.find(who.unit);
  v1::CreateUser order;
  order.set_id(id);
  order.set_name(one ? std::string(one->name)
                     : fmt::format("{}{}", unit ? unit->short_name() : who.unit, word(role)));
  order.set_unit(who.unit);
  // A person would have to change this password at the first sign-in, and nobody is there to do it.
  order.set_kind(v1::USER_KIND_MACHINE);
  auto& post = *order.add_posts();
  post.set_unit(who.unit);
  post.set_role(role);
  auto made = co_await office_.desk.create(office_.who, std::move(order));
  if (made) co_return passwords_.emplace(id, made->password()).first->second;
  co_return fail(errc::rejected,
                 fmt::format("user {}: {}{}", id, made.error().en, made.error().why.detail));
}

awaitable<result<void>> demo_staff::make_cast() {
  for (const auto& one : demo_cast()) {
    const auto made = co_await make({one.unit, v1::Role_Name(one.role)});
    if (!made) co_return pass(made);
  }
  co_return result<void>{};
}

std::string demo_staff::sign_in_text(std::uint16_t port) const {
  std::string text = fmt::format(
      "登录方法（密码随机生成，只在本次演练有效；执行后变量里是令牌，30 分钟不用即失效）\n"
      "How to sign in: paste a line, and the variable holds the token.\n\n"
      "url=http://127.0.0.1:{}\n",
      port);
  for (const auto& one : demo_cast()) {
    const auto known = passwords_.find(one.user);
    if (known == passwords_.end()) continue;
    const auto* unit = org_.find(one.unit);
    // Passwords have no character that means something to a shell within quotes or to JSON.
    text += fmt::format(
        "\n# {} · {} {}（{}/{}）\n"
        "{}=$(curl -s http://127.0.0.1:{}/v1/sessions -H 'Content-Type: application/json' "
        "-d '{{\"user\":\"{}\",\"password\":\"{}\"}}' | sed "
        "'s/.*\"token\":\"\\([^\"]*\\)\".*/\\1/')\n",
        one.name, unit ? unit->name() : one.unit, word(one.role), one.unit, v1::Role_Name(one.role),
        one.user, port, one.user, known->second);
  }
  return text;
}

}  // namespace hotline::program
