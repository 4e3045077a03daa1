#include "services/hotline/key_keeper.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/base/clock.hpp"
#include "common/crypto/field_sealer.hpp"
#include "common/crypto/key_file.hpp"
#include "common/store/audit_log.hpp"
#include "common/store/keys.hpp"

namespace hotline::program {

using boost::asio::awaitable;

namespace {

constexpr std::chrono::seconds look_interval{2};
constexpr std::chrono::seconds look_again_after{1};
constexpr std::size_t looked_max = 1'000;  // keys; none that is in use
constexpr const char* mark_field = "keys";

/// What tells the key file of one data set from that of another: the blind index of a fixed text.
std::string mark_of(const std::shared_ptr<const crypto::key_ring>& keys) {
  return crypto::field_sealer(keys).blind_index("0000000");
}

}  // namespace

std::filesystem::path key_file_of(const v1::KeySettings& settings,
                                  const std::filesystem::path& data) {
  return settings.file().empty() ? data / "keys.textproto" : std::filesystem::path(settings.file());
}

key_keeper::key_keeper(std::filesystem::path file, v1::CipherSuite suite, logger log)
    : file_(std::move(file)),
      suite_(suite == v1::CIPHER_SUITE_UNSPECIFIED ? v1::CIPHER_SUITE_AES_256_GCM : suite),
      log_(std::move(log)) {}

awaitable<result<void>> key_keeper::open(redis::client& redis) {
  const auto data_set = std::string(store::data_set_key());
  const auto known = co_await redis.exec(redis::command("HGET", data_set, mark_field));
  if (!known) co_return pass(known);
  auto keys = read_or_make(known->is_nil());
  if (!keys) co_return pass(keys);
  const auto mark = mark_of(*keys);
  const auto noted = co_await redis.exec(redis::command("HSETNX", data_set, mark_field, mark));
  if (!noted) co_return pass(noted);
  const auto stored = co_await redis.exec(redis::command("HGET", data_set, mark_field));
  if (!stored) co_return pass(stored);
  if (stored->string() != mark) {
    co_return fail(
        errc::misconfigured,
        fmt::format("{} is not the key file of this data set: callers would not be found "
                    "and personal data not be read; put the right file back",
                    file_.string()));
  }
  keys_.store(*std::move(keys));
  co_return result<void>{};
}

result<key_keeper::keys> key_keeper::read_or_make(bool may_make) {
  std::error_code ignored;
  if (!std::filesystem::exists(file_, ignored)) {
    if (!may_make) {
      return fail(
          errc::misconfigured,
          fmt::format("the key file {} is gone; without it personal data cannot be read: put "
                      "it back from the backup",
                      file_.string()));
    }
    const auto made = crypto::create_key_file(file_, suite_);
    // Another process of the same data set may have been first.
    if (!made && !std::filesystem::exists(file_, ignored)) return pass(made);
    if (made) log_.info("new key file path={}: back it up, apart from the data", file_.string());
  }
  seen_ = std::filesystem::last_write_time(file_, ignored);
  return crypto::read_key_file(file_);
}

awaitable<void> key_keeper::follow(redis::client& redis, std::string data_set,
                                   runtime::stop_signal& stopping) {
  v1::Actor us;
  us.set_user("hotline");
  us.set_role(v1::ROLE_SYSTEM);
  do {
    read_again();
    if (!unrecorded_.exchange(false)) continue;
    const auto recorded = co_await record_change(redis, data_set, us);
    if (!recorded) {
      unrecorded_ = true;
      log_.error("keys.change is not on record reason=\"{}\"", to_string(recorded.error()));
    }
  } while (co_await stopping.sleep_for(look_interval));
}

awaitable<result<void>> key_keeper::record_change(redis::client& redis, std::string data_set,
                                                  v1::Actor by) {
  const auto keys = keys_.load();
  std::string ids;
  for (const auto& key : keys->keys) {
    ids += fmt::format("{}{}{}", ids.empty() ? "" : " ", key.id, key.active ? "*" : "");
  }
  const auto active = std::ranges::find(keys->keys, true, &crypto::field_key::active);
  v1::AuditRecord record;
  record.set_at(to_unix_ms(wall_clock().now()));
  *record.mutable_actor() = std::move(by);
  record.set_action("keys.change");
  record.set_object(file_.string());
  record.set_done(true);
  record.set_detail(fmt::format("{} keys, key {} seals", keys->keys.size(), active->id));
  store::audit_log log(redis, std::move(data_set));
  const auto recorded = co_await log.append_if_changed(std::move(record), "keys", std::move(ids));
  if (!recorded) co_return pass(recorded);
  co_return result<void>{};
}

bool key_keeper::look_for(unsigned id) {
  const std::lock_guard holding(reading_);
  // Another thread may have looked just now.
  if (holds(id)) return true;
  if (looked_.size() >= looked_max) looked_.clear();
  const auto now = steady_now();
  const auto [last, first] = looked_.try_emplace(id, now);
  if (!first && now - last->second < look_again_after) return false;
  last->second = now;
  // Whenever it was written: two changes within a tick of the file system look like one.
  std::error_code bad;
  take(std::filesystem::last_write_time(file_, bad));
  return holds(id);
}

bool key_keeper::holds(unsigned id) const {
  const auto held = keys_.load();
  return std::ranges::any_of(held->keys, [id](const auto& key) { return key.id == id; });
}

bool key_keeper::read_again() {
  const std::lock_guard holding(reading_);
  std::error_code bad;
  const auto written = std::filesystem::last_write_time(file_, bad);
  if (!bad && written == seen_) return false;
  return take(written);
}

bool key_keeper::take(std::filesystem::file_time_type written) {
  auto fresh = crypto::read_key_file(file_);
  if (!fresh) {
    log_.error("key file not read again, the keys held go on reason=\"{}\"",
               to_string(fresh.error()));
    return false;
  }
  seen_ = written;
  if (mark_of(*fresh) != mark_of(keys_.load())) {
    log_.error("the index key of {} has changed: the file is not taken", file_.string());
    return false;
  }
  keys_.store(*std::move(fresh));
  unrecorded_ = true;
  log_.info("key file read again path={}", file_.string());
  return true;
}

store::key_source key_keeper::source() {
  return {[this] { return keys_.load(); }, [this](unsigned id) { return look_for(id); }};
}

}  // namespace hotline::program
