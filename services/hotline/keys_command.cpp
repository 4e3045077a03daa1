// `hotline keys …`: a new key for personal data, what is sealed with which, and an end of an old
// one.
#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include "common/crypto/key_file.hpp"
#include "common/store/key_census.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/key_keeper.hpp"
#include "services/hotline/tool_session.hpp"
#include "services/hotline/user_office.hpp"

namespace hotline::program {

namespace {

/// The running processes read the file again, and the record tells who changed it.
boost::asio::awaitable<result<void>> record_change(tool_session& session) {
  session.keys().read_again();
  v1::Actor by;
  by.set_user(console_user());
  co_return co_await session.keys().record_change(session.store().redis, session.data_set(), by);
}

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
  const auto recorded = co_await record_change(session);
  fmt::print(
      "新密钥 {} 已启用，运行中的进程将在数秒内使用；旧密钥仅用于读取，请勿删除。\n"
      "Key {} is active; running processes take it within seconds. Older keys still open what they "
      "sealed: keep them. Back up {} now.\n",
      *id, *id, file.string());
  if (recorded) co_return exit_ok;
  fmt::print(stderr, "hotline: the new key is not on record: {}\n", recorded.error().detail);
  co_return exit_failed;
}

/// So long after the last change of the key file no process seals with an older key any more: they
/// look at it every two seconds.
constexpr std::chrono::seconds settled_after{60};

void show_progress(const store::key_census& so_far) {
  fmt::print(stderr, "\r已查 {} 张工单", so_far.tickets);
}

boost::asio::awaitable<result<store::key_census>> count(tool_session& session) {
  const bool person = isatty(STDERR_FILENO) == 1;
  auto found = co_await store::count_key_uses(session.store().redis,
                                              person ? show_progress : store::census_progress());
  if (person) fmt::print(stderr, "\n");
  co_return found;
}

void print_uses(unsigned id, std::string_view state, const store::key_use& use) {
  fmt::print("{}  {}  工单 {}，历史 {}，对接 {}\n", id, state, use.ticket_fields,
             use.history_fields, use.exchange_items);
}

boost::asio::awaitable<int> list(tool_session& session) {
  auto found = co_await count(session);
  if (!found) {
    fmt::print(stderr, "hotline: {}\n", found.error().detail);
    co_return exit_failed;
  }
  for (const auto& key : session.keys().source()()->keys) {
    print_uses(key.id, key.active ? "加密 seals" : "仅读取 opens", found->uses[key.id]);
    found->uses.erase(key.id);
  }
  for (const auto& [id, use] : found->uses) print_uses(id, "缺失 missing", use);
  if (found->unreadable > 0) fmt::print("无法读取 unreadable {}\n", found->unreadable);
  co_return found->uses.empty() && found->unreadable == 0 ? exit_ok : exit_found;
}

/// Why the key must stay; empty when nothing needs it.
std::string why_needed(std::uint16_t id, const store::key_census& found) {
  if (found.unreadable > 0) {
    return fmt::format("{} values cannot be read: repair them first (hotline verify)",
                       found.unreadable);
  }
  const auto use = found.uses.find(id);
  if (use == found.uses.end() || use->second.total() == 0) return {};
  return fmt::format(
      "key {} has sealed {} fields of tickets, {} of their histories and {} items of the exchange",
      id, use->second.ticket_fields, use->second.history_fields, use->second.exchange_items);
}

boost::asio::awaitable<int> retire(tool_session& session, std::uint16_t id) {
  const auto file = key_file_of(session.ready().settings().keys(), session.data());
  std::error_code bad;
  const auto written = std::filesystem::last_write_time(file, bad);
  if (bad || std::filesystem::file_time_type::clock::now() - written < settled_after) {
    fmt::print(stderr, "hotline: the key file changed within the last minute; try again later\n");
    co_return exit_failed;
  }
  const auto found = co_await count(session);
  auto reason = found ? why_needed(id, *found) : found.error().detail;
  if (reason.empty()) {
    const auto dropped = crypto::drop_key(file, id);
    if (!dropped) reason = dropped.error().detail;
  }
  if (!reason.empty()) {
    fmt::print(stderr, "密钥 {} 不能删除 key {} stays: {}\n", id, id, reason);
    co_return exit_failed;
  }
  const auto recorded = co_await record_change(session);
  fmt::print("密钥 {} 已删除；请备份 {}。\nKey {} is gone. Back up {} now.\n", id, file.string(),
             id, file.string());
  if (recorded) co_return exit_ok;
  fmt::print(stderr, "hotline: that key {} is gone is not on record: {}\n", id,
             recorded.error().detail);
  co_return exit_failed;
}

}  // namespace

int list_keys(const command_places& where) { return tool_session::run(where, false, list); }

int retire_key(const command_places& where, std::uint16_t id) {
  return tool_session::run(where, false,
                           [id](tool_session& session) { return retire(session, id); });
}

int rotate_keys(const command_places& where) { return tool_session::run(where, false, rotate); }

}  // namespace hotline::program
