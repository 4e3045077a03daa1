#include "common/store/audit_log.hpp"

#include <algorithm>
#include <utility>

#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"
#include "common/store/seal_entry.hpp"

namespace hotline::store {

using boost::asio::awaitable;

namespace {

constexpr std::size_t step = 200;

}  // namespace

awaitable<result<void>> audit_log::append(v1::AuditRecord record) {
  const std::vector<std::string> keys{std::string(audit_key()), head_key(people_shard)};
  auto call = function_call("record", keys);
  call.add(data_set_).add(record.SerializeAsString());
  const auto answer = co_await redis_.exec(std::move(call));
  if (!answer) co_return std::unexpected(failure_of_function(answer.error()));
  co_return result<void>{};
}

awaitable<result<bool>> audit_log::append_if_changed(v1::AuditRecord record, std::string name,
                                                     std::string value) {
  const std::vector<std::string> keys{std::string(audit_key()), head_key(people_shard),
                                      audit_note_key(name)};
  auto call = function_call("record", keys);
  call.add(data_set_).add(record.SerializeAsString()).add(value);
  const auto answer = co_await redis_.exec(std::move(call));
  if (!answer) co_return std::unexpected(failure_of_function(answer.error()));
  co_return answer->integer() == 1;
}

awaitable<result<std::optional<std::string>>> audit_log::note(std::string name) {
  auto answer = co_await redis_.exec(redis::command("GET", audit_note_key(name)));
  if (!answer) co_return pass(answer);
  if (answer->is_nil()) co_return std::optional<std::string>();
  co_return std::optional<std::string>(answer->take_string());
}

awaitable<result<record_page>> audit_log::page(std::optional<std::string> cursor,
                                               std::size_t limit) {
  if (cursor && !parse_place(*cursor)) {
    co_return fail(errc::invalid_argument, "not a cursor of the audit records");
  }
  const std::string newest = cursor ? "(" + *cursor : "+";
  const auto answer = co_await redis_.exec(
      redis::command("XREVRANGE", audit_key(), newest, "-", "COUNT", limit + 1));
  if (!answer) co_return pass(answer);
  record_page page;
  for (const auto& entry : answer->array()) {
    if (page.records.size() == limit) {
      page.next = page.records.back().id;
      break;
    }
    logged_record one;
    one.id = entry.at(0).string();
    const auto bytes = entry.at(1).at(1).string();
    one.readable = one.record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    page.records.push_back(std::move(one));
  }
  co_return page;
}

bool record_filter::wants(const v1::AuditRecord& record) const {
  const bool same_action = action.ends_with('.') ? record.action().starts_with(action)
                                                 : action.empty() || record.action() == action;
  return same_action && (user.empty() || record.actor().user() == user) && record.at() >= since;
}

awaitable<result<record_page>> audit_log::find(record_filter wanted,
                                               std::optional<std::string> cursor, std::size_t limit,
                                               std::size_t looks) {
  record_page found;
  while (looks > 0) {
    auto next = co_await page(cursor, std::min(looks, step));
    if (!next) co_return pass(next);
    for (auto& one : next->records) {
      cursor = one.id;
      // What cannot be read is shown to everybody who asks: it must not be missed.
      if (!one.readable || wanted.wants(one.record)) found.records.push_back(std::move(one));
      if (found.records.size() == limit) {
        found.next = cursor;
        co_return found;
      }
    }
    if (!next->next) co_return found;
    looks -= std::min(looks, next->records.size());
  }
  found.next = cursor;
  co_return found;
}

}  // namespace hotline::store
