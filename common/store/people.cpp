#include "common/store/people.hpp"

#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <chrono>
#include <utility>

#include "common/base/assert.hpp"
#include "common/domain/civil.hpp"
#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"
#include "common/store/people_records.hpp"
#include "common/store/records.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

// Statuses of the functions.
constexpr std::int64_t status_absent = 0;
constexpr std::int64_t status_done = 1;
constexpr std::int64_t status_changed = 2;
constexpr std::int64_t status_code_used = 3;
constexpr std::int64_t status_repeated = 4;
constexpr std::int64_t status_key_reused = 5;

constexpr std::size_t counted_bytes_max = 70;

std::string step_text(const std::optional<std::int64_t>& step) {
  return step ? std::to_string(*step) : std::string();
}

std::string account_field(std::string_view user) {
  return "u:" + std::string(user.substr(0, counted_bytes_max));
}

std::string address_field(std::string_view address) {
  return "a:" + counted_address(address).substr(0, counted_bytes_max);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

result<people_outcome> outcome_of(std::int64_t status) {
  switch (status) {
    case status_done: return people_outcome::done;
    case status_changed: return people_outcome::changed;
    case status_code_used: return people_outcome::code_used;
    case status_repeated: return people_outcome::repeated;
    case status_key_reused: return people_outcome::key_reused;
    default: return fail(errc::internal, "a function answered with an unknown status");
  }
}

redis::command call(std::string_view function, const std::vector<std::string>& keys) {
  return function_call(function, keys);
}

/// Where a request is remembered; of today first.
std::vector<std::string> request_keys(const std::optional<repeatable>& request) {
  const instant at = request ? request->at : instant();
  return {idempotency_key(domain::civil_date(at)),
          idempotency_key(domain::civil_date(at - std::chrono::days(1)))};
}

void add_request(redis::command& command, const put_options& options) {
  if (!options.request) {
    command.add("").add("").add("");
    return;
  }
  const auto& [key, fingerprint] = options.request->request;
  HL_ASSERT(!key.empty() && key.size() <= idempotency_key_bytes_max,
            "the door checks idempotency keys");
  HL_ASSERT(options.answer.password().empty(), "a password is kept nowhere");
  command.add(key).add(shorten_fingerprint(fingerprint)).add(options.answer.SerializeAsString());
}

}  // namespace

std::string counted_address(std::string_view address) {
  boost::system::error_code bad;
  const auto parsed = boost::asio::ip::make_address(std::string(address), bad);
  if (bad || !parsed.is_v6()) return std::string(address);
  const auto v6 = parsed.to_v6();
  if (v6.is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_string();
  }
  auto bytes = v6.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return boost::asio::ip::address_v6(bytes).to_string() + "/64";
}

people_store::people_store(redis::client& redis, commit_floor& floor, store_options options)
    : redis_(redis), floor_(floor), options_(std::move(options)) {}

awaitable<result<std::optional<v1::User>>> people_store::load_user(std::string id) {
  const auto answer = co_await redis_.exec(redis::command("GET", user_key(id)));
  if (!answer) co_return pass(answer);
  if (answer->is_nil()) co_return std::optional<v1::User>();
  auto user = decode_user(id, answer->string());
  if (!user) co_return pass(user);
  co_return std::optional<v1::User>(*std::move(user));
}

awaitable<result<user_page>> people_store::list_users(std::string after, std::size_t count) {
  const auto ids = co_await redis_.exec(redis::command(
      "ZRANGEBYLEX", users_key(), after.empty() ? "-" : "(" + after, "+", "LIMIT", 0, count + 1));
  if (!ids) co_return pass(ids);
  user_page page;
  std::vector<std::string> names;
  for (const auto& id : ids->array()) names.emplace_back(id.string());
  if (names.size() > count) {
    names.resize(count);
    page.next = names.back();
  }
  if (names.empty()) co_return page;
  redis::command get("MGET");
  for (const auto& name : names) get.add(user_key(name));
  const auto values = co_await redis_.exec(std::move(get));
  if (!values) co_return pass(values);
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto user = decode_user(names[i], values->at(i).string());
    if (!user) co_return pass(user);
    page.users.push_back(*std::move(user));
  }
  co_return page;
}

awaitable<result<std::int64_t>> people_store::count_users() {
  const auto answer = co_await redis_.exec(redis::command("ZCARD", users_key()));
  if (!answer) co_return pass(answer);
  co_return answer->integer();
}

awaitable<result<people_outcome>> people_store::put_user(v1::User user, put_options options,
                                                         v1::AuditRecord record) {
  const auto requests = request_keys(options.request);
  auto command = call("user_put",
                      {user_key(user.id()), users_key(), epoch_key(), totp_key(),
                       std::string(audit_key()), head_key(people_shard), requests[0], requests[1]});
  command.add(options_.data_set).add(user.id()).add(user.version() - 1).add(encode_user(user));
  command.add(options.rights_changed ? "1" : "0").add(step_text(options.used_step));
  command.add(encode_audit(record));
  add_request(command, options);
  const auto status = co_await commit(std::move(command));
  if (!status) co_return pass(status);
  co_return outcome_of(*status);
}

awaitable<result<known_user_request>> people_store::find_request(repeatable request) {
  std::vector<redis::command> commands;
  for (const auto& key : request_keys(request)) {
    commands.emplace_back("HGET", key, request.request.key);
  }
  const auto answers = co_await redis_.exec_all(std::move(commands));
  const auto print = shorten_fingerprint(request.request.fingerprint);
  for (const auto& answer : answers) {
    if (!answer) co_return pass(answer);
    if (answer->is_nil()) continue;
    const std::string_view record = answer->string();
    if (!record.starts_with(print)) co_return key_reused{};
    v1::UserAnswer known;
    if (!known.ParseFromString(std::string(record.substr(print.size())))) {
      co_return fail(errc::corrupt_data, "idempotency record cannot be read");
    }
    co_return known;
  }
  co_return known_user_request();
}

awaitable<result<std::optional<instant>>> people_store::count_attempt(sign_in_attempt who,
                                                                      attempt_limits limits,
                                                                      instant now) {
  auto command = call("user_attempt", {attempts_key(), attempts_due_key(), head_key(people_shard)});
  command.add(options_.data_set).add(to_unix_ms(now));
  command.add(account_field(who.user)).add(address_field(who.address));
  command.add(limits.tries_max).add(limits.address_tries_max).add(limits.lock.count());
  const auto answer = co_await redis_.exec(std::move(command));
  if (!answer) co_return std::unexpected(failure_of_function(answer.error()));
  if (answer->at(0).integer() == status_done) co_return std::optional<instant>();
  co_return std::optional<instant>(from_unix_ms(answer->at(1).integer()));
}

awaitable<result<void>> people_store::forgive_attempt(sign_in_attempt who, attempt_limits limits,
                                                      instant now) {
  auto command = call("user_forgive", {attempts_key(), attempts_due_key(), head_key(people_shard)});
  command.add(options_.data_set).add(to_unix_ms(now));
  command.add(account_field(who.user)).add(address_field(who.address)).add(limits.lock.count());
  const auto answer = co_await redis_.exec(std::move(command));
  if (!answer) co_return std::unexpected(failure_of_function(answer.error()));
  co_return result<void>();
}

awaitable<result<people_outcome>> people_store::unlock(std::string user, put_options options,
                                                       v1::AuditRecord record) {
  const auto requests = request_keys(options.request);
  auto command = call("user_unlock", {attempts_key(), attempts_due_key(), std::string(audit_key()),
                                      head_key(people_shard), requests[0], requests[1]});
  command.add(options_.data_set).add(account_field(user)).add(encode_audit(record));
  add_request(command, options);
  const auto status = co_await commit(std::move(command));
  if (!status) co_return pass(status);
  co_return outcome_of(*status);
}

awaitable<result<people_outcome>> people_store::create_session(
    v1::Session session, std::int64_t user_version, std::optional<std::int64_t> used_step,
    sign_in_attempt who, attempt_limits limits, v1::AuditRecord record) {
  auto command =
      call("session_create",
           {user_key(session.user()), session_key(session.id()), sessions_key(), attempts_key(),
            attempts_due_key(), totp_key(), std::string(audit_key()), head_key(people_shard)});
  command.add(options_.data_set).add(session.user()).add(user_version);
  command.add(session.id()).add(encode_session(session));
  command.add(session.created_at()).add(session.ends_at()).add(step_text(used_step));
  command.add(account_field(who.user)).add(address_field(who.address)).add(limits.lock.count());
  command.add(encode_audit(record));
  const auto status = co_await commit(std::move(command));
  if (!status) co_return pass(status);
  co_return outcome_of(*status);
}

awaitable<result<std::optional<stored_session>>> people_store::load_session(std::string id) {
  const auto answer = co_await redis_.exec(redis::command("HMGET", session_key(id), "s", "seen"));
  if (!answer) co_return pass(answer);
  if (answer->at(0).is_nil()) co_return std::optional<stored_session>();
  auto session = decode_session(id, answer->at(0).string());
  if (!session) co_return pass(session);
  const auto seen = whole_number(answer->at(1).string());
  if (!seen) co_return fail(errc::corrupt_data, "a session without the time of its last use");
  co_return std::optional<stored_session>({*std::move(session), from_unix_ms(*seen)});
}

awaitable<result<bool>> people_store::touch_session(std::string id, instant now) {
  auto command = call("session_touch", {session_key(id)});
  command.add(id).add(to_unix_ms(now));
  const auto answer = co_await redis_.exec(std::move(command));
  if (!answer) co_return std::unexpected(failure_of_function(answer.error()));
  co_return answer->integer() == 1;
}

awaitable<result<bool>> people_store::end_session(std::string id, v1::AuditRecord record) {
  auto command = call("session_end", {session_key(id), sessions_key(), epoch_key(),
                                      std::string(audit_key()), head_key(people_shard)});
  command.add(options_.data_set).add(id).add(encode_audit(record));
  const auto status = co_await commit(std::move(command));
  if (!status) co_return pass(status);
  co_return *status != status_absent;
}

awaitable<result<std::int64_t>> people_store::sweep_sessions(instant now, std::size_t count) {
  const auto over = co_await redis_.exec(
      redis::command("ZRANGEBYSCORE", sessions_key(), "-inf", to_unix_ms(now), "LIMIT", 0, count));
  if (!over) co_return pass(over);
  if (over->size() == 0) co_return 0;
  std::vector<std::string> keys{sessions_key()};
  for (const auto& id : over->array()) keys.push_back(session_key(id.string()));
  auto command = call("session_sweep", keys);
  command.add(to_unix_ms(now));
  for (const auto& id : over->array()) command.add(id.string());
  const auto answer = co_await redis_.exec(std::move(command));
  if (!answer) co_return std::unexpected(failure_of_function(answer.error()));
  co_return answer->integer();
}

awaitable<result<std::int64_t>> people_store::epoch() {
  const auto answer = co_await redis_.exec(redis::command("GET", epoch_key()));
  if (!answer) co_return pass(answer);
  if (answer->is_nil()) co_return 0;
  const auto number = whole_number(answer->string());
  if (!number) co_return fail(errc::corrupt_data, "the epoch of rights is no number");
  co_return *number;
}

awaitable<result<void>> people_store::record(v1::AuditRecord record) {
  auto command = call("audit_append", {std::string(audit_key()), head_key(people_shard)});
  command.add(options_.data_set).add(encode_audit(record));
  const auto status = co_await commit(std::move(command));
  if (!status) co_return pass(status);
  co_return result<void>();
}

awaitable<result<std::int64_t>> people_store::commit(redis::command command) {
  std::vector<redis::command> commands;
  commands.push_back(std::move(command));
  if (options_.replicas_min > 0) {
    commands.emplace_back("WAIT", options_.replicas_min, options_.replica_timeout.count());
  }
  const auto answers = co_await redis_.exec_all(std::move(commands));
  const auto& answer = answers.front();
  if (!answer) co_return std::unexpected(failure_of_function(answer.error()));
  const auto status = answer->at(0).integer();
  if (status != status_done) co_return status;
  floor_.seen(people_shard, answer->at(1).integer());
  // A right that was withdrawn must stay so when another server takes over.
  const bool received = options_.replicas_min == 0 ||
                        (answers.back() && answers.back()->integer() >= options_.replicas_min);
  if (received) co_return status;
  co_return fail(errc::outcome_unknown, "written, but too few replicas have received it in time");
}

}  // namespace hotline::store
