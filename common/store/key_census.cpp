#include "common/store/key_census.hpp"

#include <string>
#include <utility>
#include <vector>

#include "common/crypto/field_sealer.hpp"
#include "common/domain/personal.hpp"
#include "common/store/keys.hpp"
#include "common/store/records.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

constexpr int keys_a_step = 500;
constexpr int fields_a_step = 500;
constexpr std::int64_t events_a_step = 200;

class census {
 public:
  census(redis::client& redis, census_progress progress)
      : redis_(redis), progress_(std::move(progress)) {}

  awaitable<result<key_census>> run() {
    std::string cursor = "0";
    do {
      const auto answer = co_await redis_.exec(
          redis::command("SCAN", cursor, "MATCH", "{*}:*", "COUNT", keys_a_step));
      if (!answer) co_return pass(answer);
      cursor = answer->at(0).string();
      std::vector<std::string> keys;
      for (const auto& key : answer->at(1).array()) keys.emplace_back(key.string());
      const auto counted = co_await count_keys(std::move(keys));
      if (!counted) co_return pass(counted);
      if (progress_) progress_(found_);
    } while (cursor != "0");
    co_return std::move(found_);
  }

 private:
  using step = awaitable<result<void>>;

  step count_keys(std::vector<std::string> keys) {
    std::vector<std::string> tickets;
    for (const auto& key : keys) {
      const auto parts = parse_key(key);
      result<void> counted;
      if (parts && parts->family == "ticket") {
        tickets.emplace_back(parts->name);
      } else if (parts && parts->family == "history") {
        counted = co_await count_history(std::string(parts->name));
      } else if (key.starts_with("{p:")) {
        counted = co_await count_exchange(key);
      }
      if (!counted) co_return counted;
    }
    co_return co_await count_tickets(std::move(tickets));
  }

  step count_tickets(std::vector<std::string> numbers) {
    std::vector<redis::command> reads;
    for (const auto& no : numbers) reads.emplace_back("GET", ticket_key(no));
    if (reads.empty()) co_return result<void>();
    const auto values = co_await redis_.exec_all(std::move(reads));
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!values[i]) co_return pass(values[i]);
      if (values[i]->is_nil()) continue;
      ++found_.tickets;
      auto ticket = decode_ticket(numbers[i], values[i]->string());
      if (!ticket) {
        ++found_.unreadable;
        continue;
      }
      domain::visit_personal(*ticket, [this](std::string_view, const std::string& value) {
        note(value, &key_use::ticket_fields);
      });
    }
    co_return result<void>();
  }

  /// Events may be added meanwhile, and only at the end.
  step count_history(std::string no) {
    for (std::int64_t first = 0;; first += events_a_step) {
      const auto events = co_await redis_.exec(
          redis::command("LRANGE", history_key(no), first, first + events_a_step - 1));
      if (!events) co_return pass(events);
      for (const auto& bytes : events->array()) {
        auto event = decode_event(bytes.string());
        if (!event) {
          ++found_.unreadable;
          continue;
        }
        domain::visit_personal(*event, [this](std::string_view, const std::string& value) {
          note(value, &key_use::history_fields);
        });
      }
      if (events->size() < static_cast<std::size_t>(events_a_step)) co_return result<void>();
    }
  }

  /// Items are whole values of lists and hashes; nothing else there begins like one.
  step count_exchange(std::string key) {
    const auto type = co_await redis_.exec(redis::command("TYPE", key));
    if (!type) co_return pass(type);
    if (type->string() == "list") co_return co_await count_list(std::move(key));
    if (type->string() == "hash") co_return co_await count_hash(std::move(key));
    co_return result<void>();
  }

  step count_list(std::string key) {
    const auto items = co_await redis_.exec(redis::command("LRANGE", key, 0, -1));
    if (!items) co_return pass(items);
    for (const auto& item : items->array()) note(item.string(), &key_use::exchange_items);
    co_return result<void>();
  }

  step count_hash(std::string key) {
    std::string cursor = "0";
    do {
      const auto answer =
          co_await redis_.exec(redis::command("HSCAN", key, cursor, "COUNT", fields_a_step));
      if (!answer) co_return pass(answer);
      cursor = answer->at(0).string();
      const auto& fields = answer->at(1).array();
      for (std::size_t i = 1; i < fields.size(); i += 2) {
        note(fields[i].string(), &key_use::exchange_items);
      }
    } while (cursor != "0");
    co_return result<void>();
  }

  void note(std::string_view value, std::int64_t key_use::* what) {
    if (!crypto::is_sealed(value)) return;
    if (const auto key = crypto::key_of(value)) {
      ++(found_.uses[*key].*what);
    } else {
      ++found_.unreadable;
    }
  }

  redis::client& redis_;
  census_progress progress_;
  key_census found_;
};

}  // namespace

awaitable<result<key_census>> count_key_uses(redis::client& redis, census_progress progress) {
  census work(redis, std::move(progress));
  co_return co_await work.run();
}

}  // namespace hotline::store
