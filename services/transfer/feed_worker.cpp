#include "services/transfer/feed_worker.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "common/crypto/digest.hpp"
#include "common/domain/apply.hpp"
#include "common/domain/exchange_in.hpp"
#include "common/domain/personal.hpp"
#include "common/exchange/wait.hpp"
#include "services/transfer/attachment_fetcher.hpp"
#include "services/transfer/feed_order.hpp"

namespace hotline::transfer {

using boost::asio::awaitable;

namespace {

/// Looked at first when it is asked what of an item was done before.
constexpr std::int64_t recent_events = 50;

v1::FeedReview review_of(v1::ReviewReason reason, std::string text, const v1::FeedItem& item) {
  v1::FeedReview review;
  review.set_reason(reason);
  review.set_text(std::move(text));
  *review.mutable_item() = item;
  return review;
}

std::string text_of(const v1::Rejection& no) {
  return fmt::format("{}（{}）", no.text(), no.rule());
}

/// Why a person has to look at it; nothing: the same again may go better.
std::optional<std::string> final_reason(const store::refusal& no) {
  if (no.rejection) return text_of(*no.rejection);
  const bool hopeless = no.why.code == errc::invalid_argument || no.why.code == errc::key_reused;
  return hopeless ? std::optional(std::string("消息不能办理，编号与工单不符")) : std::nullopt;
}

/// The work goes on by itself when Redis is back or somebody else was slower.
bool passes(errc code) {
  return code != errc::corrupt_data && code != errc::wrong_data_set && code != errc::internal;
}

}  // namespace

feed_worker_options feed_worker_options_of(const v1::TransferSettings& settings) {
  feed_worker_options options;
  if (settings.poll_ms() > 0) options.poll = milliseconds(settings.poll_ms());
  if (settings.in_flight_max() > 0)
    options.in_flight_max = static_cast<std::size_t>(settings.in_flight_max());
  if (const auto wait = exchange::parse_wait(settings.gap_wait())) options.gap_wait = *wait;
  return options;
}

feed_worker::feed_worker(partner_link& link, runtime::store_kit& kit,
                         const store::province_source& province, const clock& now,
                         feed_worker_options options, runtime::task_group& tasks,
                         boost::asio::any_io_executor executor, logger log)
    : link_(link),
      kit_(kit),
      province_(province),
      now_(now),
      options_(options),
      tasks_(tasks),
      room_(std::move(executor)),
      log_(std::move(log)) {}

awaitable<void> feed_worker::run(runtime::stop_signal& stopping) {
  stopping.on_raise([this] { room_.cancel(); });
  while (!stopping.raised()) {
    const auto begun = co_await take_up();
    if (!begun) log_.warn("nothing taken up reason=\"{}\"", to_string(begun.error()));
    const bool more = begun && *begun > 0 && in_hand_.size() < options_.in_flight_max;
    if (more || stopping.raised()) continue;
    room_.expires_after(options_.poll);
    co_await room_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
}

awaitable<result<std::size_t>> feed_worker::take_up() {
  if (in_hand_.size() >= options_.in_flight_max) co_return 0;
  const auto room = options_.in_flight_max - in_hand_.size();
  const auto taken = co_await link_.feed.take(now_.now(), options_.lease, room);
  if (!taken) co_return pass(taken);
  std::size_t begun = 0;
  for (const auto& external_no : *taken) {
    if (!in_hand_.insert(external_no).second) continue;
    tasks_.spawn("feed", work_on(external_no));
    ++begun;
  }
  co_return begun;
}

awaitable<void> feed_worker::work_on(std::string external_no) {
  const auto done = co_await settle_waiting(external_no);
  if (!done) {
    log_.warn("partner={} not applied yet reason=\"{}\"", link_.partner.name(),
              to_string(done.error()));
    // Otherwise the lease is what paces a fault that stays.
    if (passes(done.error().code)) {
      const auto put_off = co_await link_.feed.defer(external_no, now_.now() + options_.retry);
      if (!put_off) log_.debug("left to the lease reason=\"{}\"", to_string(put_off.error()));
    }
  }
  in_hand_.erase(external_no);
  if (in_hand_.size() <= options_.in_flight_max / 2) room_.cancel();
}

awaitable<result<void>> feed_worker::settle_waiting(const std::string& external_no) {
  while (true) {
    auto waiting = co_await link_.feed.waiting(external_no);
    if (!waiting) co_return pass(waiting);
    if (waiting->items.empty()) co_return result<void>{};
    if (!next_to_apply(*waiting)) {
      const auto given_up = co_await wait_or_give_up(*waiting);
      if (!given_up) co_return pass(given_up);
      if (*given_up) continue;
      co_return result<void>{};
    }
    while (const auto place = next_to_apply(*waiting)) {
      const auto item = waiting->items.begin() + static_cast<std::ptrdiff_t>(*place);
      const auto applied = co_await apply(external_no, waiting->ticket_no, *item);
      if (!applied) co_return applied;
      waiting->applied = std::max(waiting->applied, item->content.event().sequence());
      waiting->items.erase(item);
    }
  }
}

/// All of them wait for messages before them. True: there is something to do again.
awaitable<result<bool>> feed_worker::wait_or_give_up(const store::waiting_items& waiting) {
  const auto until = patience_ends(waiting, options_.gap_wait);
  if (now_.now() >= until) {
    const auto& item = waiting.items[first_to_give_up(waiting)];
    auto review = review_of(v1::REVIEW_REASON_GAP, "此前的消息未按时收到", item.content);
    const auto settled = co_await settle(waiting.external_no, item, std::move(review));
    if (!settled) co_return pass(settled);
    co_return true;
  }
  const auto put_off = co_await link_.feed.defer(waiting.external_no, until);
  if (!put_off) co_return pass(put_off);
  // One that came between the look and the putting off is not to wait with them.
  const auto now = co_await link_.feed.waiting(waiting.external_no);
  if (!now) co_return pass(now);
  co_return now->items.size() != waiting.items.size() || now->applied != waiting.applied;
}

awaitable<result<void>> feed_worker::apply(const std::string& external_no,
                                           const std::string& ticket_no,
                                           const store::waiting_items::item& item) {
  const auto id = id_of(item.content);
  auto found = co_await find_ticket(ticket_no, item.content, id);
  if (!found) co_return pass(found);
  // Files are fetched by themselves: a slow one keeps nothing else waiting.
  v1::FeedItem content = item.content;
  auto files = take_out_files(*content.mutable_event(), ticket_no);
  // What it says of the caller is compared with what is known, which is sealed at rest.
  if (content.event().kind() == v1::PARTNER_EVENT_KIND_SUPPLEMENT && found->before) {
    const auto opened = open_intake(ticket_no, *found->before->mutable_intake());
    if (!opened) co_return opened;
  }
  const auto land = province_();
  auto asked = domain::commands_of(content, link_.partner.config(),
                                   found->before ? &*found->before : nullptr, found->heard, *land,
                                   now_.now());
  std::optional<v1::FeedReview> review;
  if (asked.review) {
    review = review_of(v1::REVIEW_REASON_REJECTED, text_of(*asked.review), item.content);
    // All of it is the person's, its files too.
    if (asked.commands.empty()) co_return co_await settle(external_no, item, std::move(review));
  }
  std::size_t place = 0;
  for (auto& command : asked.commands) {
    command.set_id(domain::feed_command_id(id, place++, item.content.event()));
    command.set_ticket_no(ticket_no);
    if (found->done.contains(command.id())) continue;
    const auto end = co_await kit_.runner.run(std::move(command), id);
    if (end) continue;
    auto why = final_reason(end.error());
    if (!why) co_return std::unexpected(end.error().why);
    co_return co_await settle(external_no, item,
                              review_of(v1::REVIEW_REASON_REJECTED, *std::move(why), item.content));
  }
  // Ordered twice after a crash they are added once.
  if (files && !ticket_no.empty()) {
    const auto ordered = co_await link_.fetches.put(*std::move(files), now_.now());
    if (!ordered) co_return pass(ordered);
  }
  const bool nothing = asked.commands.empty() && !files;
  runtime::add(nothing ? link_.counters.settled : link_.counters.applied);
  co_return co_await settle(external_no, item, std::move(review));
}

result<void> feed_worker::open_intake(const std::string& ticket_no, v1::Intake& intake) {
  result<void> opened;
  domain::visit_personal(intake, [&](std::string_view path, std::string& value) {
    auto plain = kit_.vault.open(ticket_no, path, value);
    if (plain) {
      value = *std::move(plain);
    } else {
      opened = pass(plain);
    }
  });
  return opened;
}

awaitable<result<void>> feed_worker::settle(const std::string& external_no,
                                            store::waiting_items::item item,
                                            std::optional<v1::FeedReview> review) {
  if (review) runtime::add(link_.counters.reviewed);
  const auto settled =
      co_await link_.feed.settle(external_no, std::move(item), std::move(review), now_.now());
  if (!settled) co_return pass(settled);
  co_return result<void>{};
}

/// Who was killed in the middle of an item has left a ticket that asks for other commands than the
/// one before it: what is still to be done follows from that one.
awaitable<result<feed_worker::found_ticket>> feed_worker::find_ticket(const std::string& no,
                                                                      const v1::FeedItem& item,
                                                                      const std::string& id) {
  found_ticket found;
  if (no.empty()) co_return found;
  auto loaded = co_await kit_.tickets.load(no);
  if (!loaded) co_return pass(loaded);
  if (!*loaded) co_return found;
  const auto version = (*loaded)->version();
  auto first = std::max<std::int64_t>(1, version - recent_events + 1);
  auto events = co_await kit_.tickets.history(no, first, version);
  if (!events) co_return pass(events);
  const auto ours = [&](const v1::Event& event) {
    return event.command_id().starts_with(id + ":");
  };
  const bool reach_back =
      first > 1 && !events->empty() &&
      (domain::is_told_in_order(item.event().kind()) ||
       events->front().at() >= item.received_at() || std::ranges::any_of(*events, ours));
  if (reach_back) {
    events = co_await kit_.tickets.history(no, 1, version);
    if (!events) co_return pass(events);
  }
  const auto begun = std::ranges::find_if(*events, ours);
  for (auto event = events->begin(); event != begun; ++event) {
    found.heard.add(*event, link_.partner.config().unit());
  }
  if (begun == events->end()) {
    found.before = std::move(*loaded);
    co_return found;
  }
  for (auto event = begun; event != events->end(); ++event) {
    if (ours(*event)) found.done.insert(event->command_id());
  }
  if (begun == events->begin()) co_return found;  // it has made the ticket
  found.before.emplace();
  for (auto event = events->begin(); event != begun; ++event) {
    domain::apply(*found.before, *event);
  }
  co_return found;
}

/// Of this message and no other: a person may let one with another content pass that has the same
/// serial.
std::string feed_worker::id_of(const v1::FeedItem& item) {
  return "feed:" + crypto::to_hex(link_.vault.print(item.event().SerializeAsString()));
}

}  // namespace hotline::transfer
