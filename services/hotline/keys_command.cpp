// `hotline keys rotate`: a new key for personal data.
#include <fmt/core.h>

#include <cstdio>

#include "common/crypto/key_file.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/key_keeper.hpp"
#include "services/hotline/tool_session.hpp"
#include "services/hotline/user_office.hpp"

namespace hotline::program {

namespace {

boost::asio::awaitable<int> rotate(tool_session& session) {
  const auto& settings = session.ready().settings().keys();
  const auto file = key_file_of(settings, session.data());
  auto suite = settings.suite();
  if (suite == v1::CIPHER_SUITE_UNSPECIFIED) suite = v1::CIPHER_SUITE_AES_256_GCM;
  const auto id = crypto::add_key(file, suite);
  if (!id) {
    fmt::print(stderr, "hotline: {}\n", id.error().detail);
    co_return exit_failed;
  }
  session.keys().read_again();
  v1::Actor by;
  by.set_user(console_user());
  const auto recorded =
      co_await session.keys().record_change(session.store().redis, session.data_set(), by);
  fmt::print(
      "新密钥 {} 已启用，运行中的进程将在数秒内使用；旧密钥仅用于读取，请勿删除。\n"
      "Key {} is active; running processes take it within seconds. Older keys still open what they "
      "sealed: keep them. Back up {} now.\n",
      *id, *id, file.string());
  if (recorded) co_return exit_ok;
  fmt::print(stderr, "hotline: the new key is not on record: {}\n", recorded.error().detail);
  co_return exit_failed;
}

}  // namespace

int rotate_keys(const command_places& where) { return tool_session::run(where, false, rotate); }

}  // namespace hotline::program
