#include "common/store/people_check.hpp"

#include <fmt/core.h>

#include <set>

#include "common/store/keys.hpp"
#include "common/store/people.hpp"
#include "common/store/people_records.hpp"
#include "common/store/register_numbers.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

constexpr int scan_count = 500;

class people_checker {
 public:
  explicit people_checker(redis::client& redis) : redis_(redis) {}

  awaitable<result<people_report>> run() {
    std::string cursor = "0";
    do {
      const auto page = co_await redis_.exec(redis::command(
          "SCAN", cursor, "MATCH", shard_prefix(people_shard) + "*", "COUNT", scan_count));
      if (!page) co_return pass(page);
      cursor = page->at(0).string();
      for (const auto& key : page->at(1).array()) {
        const auto checked = co_await check_key(std::string(key.string()));
        if (!checked) co_return pass(checked);
      }
    } while (cursor != "0");
    const auto users = co_await check_index(users_key(), [](auto id) { return user_key(id); });
    if (!users) co_return pass(users);
    const auto sessions =
        co_await check_index(sessions_key(), [](auto id) { return session_key(id); });
    if (!sessions) co_return pass(sessions);
    const auto rows = co_await check_register();
    if (!rows) co_return pass(rows);
    people_store people(redis_, unused_, {});
    const auto epoch = co_await people.epoch();
    if (!epoch && epoch.error().code != errc::corrupt_data) co_return pass(epoch);
    if (!epoch) report(epoch_key(), epoch.error().detail);
    co_return std::move(report_);
  }

 private:
  using step = awaitable<result<void>>;

  void report(std::string_view key, std::string_view what) {
    report_.problems.push_back(fmt::format("{} {}", key, what));
  }

  step check_key(std::string key) {
    const auto parts = parse_key(key);
    if (!parts) co_return result<void>();
    if (parts->family == "user") co_return co_await check_user(key, std::string(parts->name));
    if (parts->family == "session") co_return co_await check_session(key, std::string(parts->name));
    co_return result<void>();
  }

  /// A key may go between SCAN and this: sessions end, and then nothing is wrong.
  step check_user(std::string key, std::string id) {
    std::vector<redis::command> commands;
    commands.emplace_back("GET", key);
    commands.emplace_back("ZSCORE", users_key(), id);
    const auto answers = co_await redis_.exec_all(std::move(commands));
    for (const auto& answer : answers) {
      if (!answer && answer.error().code != errc::refused) co_return pass(answer);
    }
    if (!answers[0]) {
      report(key, answers[0].error().detail);
      co_return result<void>();
    }
    if (answers[0]->is_nil()) co_return result<void>();
    ++report_.users;
    const auto user = decode_user(id, answers[0]->string());
    if (!user) report(key, user.error().detail);
    if (!answers[1] || answers[1]->is_nil()) report(key, "is not in the index of users");
    co_return result<void>();
  }

  step check_session(std::string key, std::string id) {
    std::vector<redis::command> commands;
    commands.emplace_back("HMGET", key, "s", "seen");
    commands.emplace_back("ZSCORE", sessions_key(), id);
    const auto answers = co_await redis_.exec_all(std::move(commands));
    for (const auto& answer : answers) {
      if (!answer && answer.error().code != errc::refused) co_return pass(answer);
    }
    if (!answers[0]) {
      report(key, answers[0].error().detail);
      co_return result<void>();
    }
    if (answers[0]->at(0).is_nil()) co_return result<void>();
    ++report_.sessions;
    const auto session = decode_session(id, answers[0]->at(0).string());
    if (!session) report(key, session.error().detail);
    if (!answers[1] || answers[1]->is_nil()) report(key, "is not in the index of sessions");
    co_return result<void>();
  }

  template <class KeyOf>
  step check_index(std::string index, KeyOf key_of) {
    std::string cursor = "0";
    do {
      const auto page =
          co_await redis_.exec(redis::command("ZSCAN", index, cursor, "COUNT", scan_count));
      if (!page && page.error().code != errc::refused) co_return pass(page);
      if (!page) {
        report(index, page.error().detail);
        co_return result<void>();
      }
      cursor = page->at(0).string();
      for (std::size_t i = 0; i < page->at(1).size(); i += 2) {
        const std::string id(page->at(1).at(i).string());
        const auto there = co_await redis_.exec(redis::command("EXISTS", key_of(id)));
        if (!there) co_return pass(there);
        if (there->integer() == 1) continue;
        // It may have ended since the page was read.
        const auto still = co_await redis_.exec(redis::command("ZSCORE", index, id));
        if (!still) co_return pass(still);
        if (!still->is_nil()) report(index, fmt::format("names {}, which is not there", id));
      }
    } while (cursor != "0");
    co_return result<void>();
  }

  /// A number without a ticket is no damage: a run was cut off, or the rules refused the row.
  step check_register() {
    const auto key = register_key();
    std::set<std::string, std::less<>> seen;
    std::set<std::string, std::less<>> numbers;
    std::string cursor = "0";
    do {
      const auto page =
          co_await redis_.exec(redis::command("HSCAN", key, cursor, "COUNT", scan_count));
      if (!page && page.error().code != errc::refused) co_return pass(page);
      if (!page) {
        report(key, page.error().detail);
        co_return result<void>();
      }
      cursor = page->at(0).string();
      const auto& pairs = page->at(1).array();
      for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        const std::string row(pairs[i].string());
        if (!seen.insert(row).second) continue;  // HSCAN may give one twice
        ++report_.register_rows;
        const auto wrong = wrong_register_entry(row, pairs[i + 1].string());
        if (!wrong.empty()) report(key, fmt::format("{} {}", row, wrong));
        const std::string no(register_entry_no(pairs[i + 1].string()));
        if (wrong.empty() && !numbers.insert(no).second) {
          report(key, fmt::format("gives {} to two rows", no));
        }
      }
    } while (cursor != "0");
    co_return result<void>();
  }

  redis::client& redis_;
  commit_floor unused_;
  people_report report_;
};

}  // namespace

awaitable<result<people_report>> check_people(redis::client& redis) {
  people_checker checker(redis);
  co_return co_await checker.run();
}

}  // namespace hotline::store
