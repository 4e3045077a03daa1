#include "common/store/event_log.hpp"

#include <fmt/core.h>

#include <utility>

#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"
#include "common/store/records.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

redis::consumer_options consumer_of(const event_log_options& options) {
  redis::consumer_options consumer;
  consumer.stream = lane_key(options.shard, options.lane);
  consumer.group = options.group;
  consumer.consumer = options.consumer;
  consumer.who = options.who;
  return consumer;
}

result<v1::Event> event_of(const redis::entry& entry,
                           const std::function<bool(v1::EventKind)>& may_want) {
  for (const auto& [field, value] : entry.fields) {
    if (field != "e") continue;
    const auto kind = may_want ? peek_event_kind(value) : v1::EVENT_KIND_UNSPECIFIED;
    if (kind == v1::EVENT_KIND_UNSPECIFIED || may_want(kind)) return decode_event(value);
    v1::Event unread;
    unread.set_kind(kind);
    return unread;
  }
  return fail(errc::corrupt_data, "an outbox entry without an event");
}

}  // namespace

event_log::event_log(boost::asio::any_io_executor executor, redis::endpoint where,
                     redis::client& shared, event_log_options options, logger log)
    : shared_(shared),
      options_(std::move(options)),
      log_(log),
      consumer_(std::move(executor), std::move(where), consumer_of(options_), std::move(log)) {}

awaitable<result<event_batch>> event_log::read(std::size_t count, milliseconds block) {
  auto entries = co_await consumer_.read(count, block);
  if (!entries) co_return pass(entries);
  event_batch batch;
  for (auto& entry : *entries) {
    const auto added = co_await add(batch, std::move(entry), 1);
    if (!added) co_return pass(added);
  }
  co_return batch;
}

awaitable<result<event_batch>> event_log::take_stale(std::size_t count) {
  auto claim = co_await consumer_.claim_stale(options_.claim_idle, count);
  if (!claim) co_return pass(claim);
  event_batch batch;
  if (!claim->deleted.empty()) {
    const auto noted = co_await give_up(claim->deleted);
    if (!noted) co_return pass(noted);
  }
  batch.lost = std::move(claim->deleted);
  for (auto& claimed : claim->entries) {
    const auto added = co_await add(batch, std::move(claimed.item), claimed.deliveries);
    if (!added) co_return pass(added);
  }
  co_return batch;
}

/// Sorts an entry into the batch. A failure loses nothing: the entry stays pending.
awaitable<result<void>> event_log::add(event_batch& batch, redis::entry entry,
                                       std::int64_t deliveries) {
  if (entry.deleted) {
    std::vector<std::string> ids{entry.id};
    batch.lost.push_back(std::move(entry.id));
    co_return co_await give_up(std::move(ids));
  }
  auto event = event_of(entry, options_.may_want);
  std::string reason;
  if (!event) {
    reason = event.error().detail;
  } else if (deliveries > options_.deliveries_max) {
    reason = fmt::format("delivered {} times", deliveries);
  }
  if (reason.empty()) {
    batch.events.push_back({std::move(entry.id), *std::move(event)});
    co_return result<void>();
  }
  const auto buried = co_await bury(entry.id, reason);
  if (buried) batch.buried.push_back(std::move(entry.id));
  co_return buried;
}

/// Nobody can handle these; that the shard misses them is kept with it.
awaitable<result<void>> event_log::give_up(std::vector<std::string> ids) {
  for (const auto& id : ids) {
    log_.error("event lost before it was handled shard={} group={} entry={}", options_.shard,
               options_.group, id);
  }
  const std::vector<std::string> keys{lane_key(options_.shard, options_.lane),
                                      head_key(options_.shard)};
  auto command = function_call("outbox_lost", keys);
  command.add(options_.group);
  for (const auto& id : ids) command.add(id);
  const auto answer = co_await call_function(shared_, std::move(command));
  if (!answer) co_return pass(answer);
  co_return result<void>();
}

awaitable<result<void>> event_log::ack(std::vector<std::string> ids) {
  if (ids.empty()) co_return result<void>();
  const auto answer = co_await shared_.exec(consumer_.ack_command(ids));
  if (!answer) co_return pass(answer);
  co_return result<void>();
}

awaitable<result<void>> event_log::bury(std::string id, std::string reason) {
  const std::vector<std::string> keys{lane_key(options_.shard, options_.lane),
                                      dead_letters_key(options_.shard, options_.group)};
  auto command = function_call("bury", keys);
  command.add(options_.group).add(id).add(reason);
  const auto answer = co_await shared_.exec(std::move(command));
  if (!answer) co_return std::unexpected(failure_of_function(answer.error()));
  log_.error("event buried shard={} group={} entry={} reason=\"{}\"", options_.shard,
             options_.group, id, reason);
  co_return result<void>();
}

}  // namespace hotline::store
