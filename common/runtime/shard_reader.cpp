#include "common/runtime/shard_reader.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <exception>
#include <utility>

#include "common/store/keys.hpp"

namespace hotline::runtime {

namespace asio = boost::asio;

namespace {

store::event_log_options log_options(const reactor_options& options, const std::string& shard) {
  return {.shard = shard,
          .group = options.group,
          .consumer = options.consumer,
          .lane = options.lane,
          .who = options.who,
          .may_want = options.may_want,
          .claim_idle = options.claim_idle,
          .deliveries_max = options.deliveries_max};
}

/// How long ago Redis made the entry: its id begins with the instant. Both clocks are the wall's.
milliseconds age_of(const std::string& id) {
  std::int64_t made_ms = 0;
  std::from_chars(id.data(), id.data() + id.size(), made_ms);
  return wall_clock().now() - from_unix_ms(made_ms);
}

}  // namespace

shard_reader::shard_reader(const reactor_parts& parts, std::string shard)
    : parts_(parts),
      shard_(std::move(shard)),
      log_(parts.executor, parts.options.where, parts.shared, log_options(parts.options, shard_),
           parts.log),
      room_(parts.executor),
      next_claim_(steady_now()) {}

asio::awaitable<void> shard_reader::run() {
  parts_.stopping.on_raise([this] {
    log_.stop();
    room_.cancel();
  });
  co_await bury_exhausted();
  while (!parts_.stopping.raised()) {
    co_await wait_for_room();
    if (parts_.stopping.raised()) break;
    auto batch = co_await next_batch();
    if (!batch) {
      // The reader itself has said why and waits before it reconnects; this pause is for failures
      // on the shared client, which come at once.
      co_await parts_.stopping.sleep_for(parts_.options.retry_first);
      continue;
    }
    add(parts_.counters.lost, batch->lost.size());
    add(parts_.counters.buried, batch->buried.size());
    add(parts_.counters.events, batch->events.size());
    const bool all_read = batch->events.size() < parts_.options.batch_max;
    for (auto& entry : batch->events) accept(std::move(entry));
    if (all_read && parts_.options.gather > milliseconds(0)) {
      co_await parts_.stopping.sleep_for(parts_.options.gather);
    }
  }
}

/// An event that kills the process is read again by its successor, over and over. What this
/// instance was handed too often already goes to the dead letters before anything else.
asio::awaitable<void> shard_reader::bury_exhausted() {
  constexpr int look_at_max = 1000;
  const auto answer = co_await parts_.shared.exec(
      redis::command("XPENDING", store::lane_key(shard_, parts_.options.lane), parts_.options.group,
                     "-", "+", look_at_max, parts_.options.consumer));
  if (!answer) co_return;  // what is wrong shows again in the first read
  for (const auto& item : answer->array()) {
    const auto deliveries = item.at(3).integer();
    if (deliveries < parts_.options.deliveries_max) continue;
    co_await bury(std::string(item.at(0).string()),
                  fmt::format("unfinished after {} deliveries", deliveries));
  }
}

/// Once full, reading goes on when half is free: many small reads would cost more than they bring.
asio::awaitable<void> shard_reader::wait_for_room() {
  if (in_flight_ < parts_.options.in_flight_max) co_return;
  while (in_flight_ > parts_.options.in_flight_max / 2 && !parts_.stopping.raised()) {
    room_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await room_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

asio::awaitable<result<store::event_batch>> shard_reader::next_batch() {
  const auto count = std::min(parts_.options.batch_max, parts_.options.in_flight_max - in_flight_);
  if (steady_now() < next_claim_) co_return co_await log_.read(count, parts_.options.block);
  auto batch = co_await log_.take_stale(count);
  // A full claim may have left more behind; otherwise twice per idle time is often enough.
  const bool more = batch && batch->events.size() + batch->buried.size() >= count;
  if (!more) next_claim_ = steady_now() + parts_.options.claim_idle / 2;
  co_return batch;
}

void shard_reader::accept(store::logged_event entry) {
  if (!known_.insert(entry.id).second) return;
  ++in_flight_;
  if (!parts_.wants(entry.event)) return finish(std::move(entry.id));
  const auto [place, is_free] = busy_.try_emplace(entry.event.ticket_no());
  if (!is_free) {
    place->second.push_back(std::move(entry));
    return;
  }
  std::string ticket = place->first;
  parts_.tasks.spawn("event", drain(std::move(ticket), std::move(entry)));
}

/// The events of one ticket, one after the other.
asio::awaitable<void> shard_reader::drain(std::string ticket, store::logged_event entry) {
  for (;;) {
    if (!co_await handle(entry)) break;
    const auto mine = busy_.find(ticket);
    if (mine->second.empty()) break;
    entry = std::move(mine->second.front());
    mine->second.pop_front();
  }
  busy_.erase(ticket);
}

/// False: the program stops, the entry and those behind it stay pending.
asio::awaitable<bool> shard_reader::handle(const store::logged_event& entry) {
  auto pause = parts_.options.retry_first;
  std::int64_t thrown = 0;
  for (;;) {
    auto outcome = handled::retry;
    bool threw = false;
    try {
      const auto place = co_await parts_.gate.enter();
      if (parts_.stopping.raised()) co_return false;
      outcome = co_await try_handle(entry.event);
    } catch (const std::exception& e) {
      threw = true;
      parts_.log.error("handler threw group={} ticket={} event={} what=\"{}\"",
                       parts_.options.group, entry.event.ticket_no(), entry.id, e.what());
    }
    if (threw && ++thrown >= parts_.options.deliveries_max) outcome = handled::impossible;
    if (outcome == handled::done) {
      add(parts_.counters.handled);
      parts_.counters.lag.record(age_of(entry.id));
      finish(entry.id);
      co_return true;
    }
    if (outcome == handled::impossible) {
      std::string reason = thrown > 0 ? "the handler threw" : "the handler cannot handle it";
      if (co_await bury(entry.id, std::move(reason))) {
        forget(entry.id);
        co_return true;
      }
    }
    add(parts_.counters.retries);
    if (!co_await parts_.stopping.sleep_for(pause)) co_return false;
    pause = std::min(pause * 2, parts_.options.retry_last);
  }
}

asio::awaitable<handled> shard_reader::try_handle(const v1::Event& event) {
  return parts_.handle(event);
}

asio::awaitable<bool> shard_reader::bury(std::string id, std::string reason) {
  const auto buried = co_await log_.bury(id, std::move(reason));
  if (buried) add(parts_.counters.buried);
  co_return buried.has_value();
}

void shard_reader::forget(std::string_view id) {
  known_.erase(std::string(id));
  if (--in_flight_ == parts_.options.in_flight_max / 2) room_.cancel();
}

void shard_reader::finish(std::string id) {
  finished_.push_back(std::move(id));
  if (std::exchange(acknowledging_, true)) return;
  parts_.tasks.spawn("ack", acknowledge());
}

asio::awaitable<void> shard_reader::acknowledge() {
  auto pause = parts_.options.ack_delay;
  while (!finished_.empty()) {
    if (!co_await parts_.stopping.sleep_for(pause)) break;  // flush() does the rest
    pause = parts_.options.ack_delay;
    if (!co_await send_acks()) pause = parts_.options.retry_last;
  }
  acknowledging_ = false;
}

/// One XACK for everything finished. False: Redis did not answer; they are kept.
asio::awaitable<bool> shard_reader::send_acks() {
  auto ids = std::exchange(finished_, {});
  const auto acked = co_await log_.ack(ids);
  // Refused: the group is gone, and with it what was pending. It is created anew from the start of
  // the stream, and everything in it is seen again.
  const bool settled = acked.has_value() || acked.error().code == errc::refused;
  if (!settled) {
    finished_.insert(finished_.end(), std::make_move_iterator(ids.begin()),
                     std::make_move_iterator(ids.end()));
    co_return false;
  }
  for (const auto& id : ids) forget(id);
  co_return true;
}

asio::awaitable<void> shard_reader::flush() {
  if (finished_.empty()) co_return;
  if (!co_await send_acks()) {
    parts_.log.warn("not acknowledged at the end, will be seen again shard={} group={} count={}",
                    shard_, parts_.options.group, finished_.size());
  }
}

}  // namespace hotline::runtime
