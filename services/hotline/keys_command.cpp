// `hotline keys rotate`: a new key for personal data.
#include <fmt/core.h>

#include <cstdio>

#include "common/crypto/key_file.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/deployment.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/key_keeper.hpp"

namespace hotline::program {

int rotate_keys(const command_places& where) {
  const auto ready = load_deployment(where.config);
  if (!ready) return exit_found;
  const auto file = key_file_of(ready->settings().keys(), where.data);
  auto suite = ready->settings().keys().suite();
  if (suite == v1::CIPHER_SUITE_UNSPECIFIED) suite = v1::CIPHER_SUITE_AES_256_GCM;
  const auto id = crypto::add_key(file, suite);
  if (!id) {
    fmt::print(stderr, "hotline: {}\n", id.error().detail);
    return exit_failed;
  }
  fmt::print(
      "新密钥 {} 已启用，运行中的进程将在数秒内使用；旧密钥仅用于读取，请勿删除。\n"
      "Key {} is active; running processes take it within seconds. Older keys still open what they "
      "sealed: keep them. Back up {} now.\n",
      *id, *id, file.string());
  return exit_ok;
}

}  // namespace hotline::program
