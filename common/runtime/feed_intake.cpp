#include "common/runtime/feed_intake.hpp"

#include <vector>

namespace hotline::runtime {

using boost::asio::awaitable;

namespace {

constexpr int window_s_default = 300;
constexpr std::size_t name_bytes_max =
    200;  ///< of their number and serial, as the store keeps them

/// What the store could not keep apart.
std::optional<exchange::fault> too_long(const v1::PartnerEvent& event) {
  if (event.external_no().size() > name_bytes_max) return exchange::fault{"", "对方工单号过长"};
  if (event.serial().size() > name_bytes_max) return exchange::fault{"", "对方消息编号过长"};
  return std::nullopt;
}

}  // namespace

milliseconds feed_intake::window() const {
  const auto seconds = from_.config().inbound().signature().window_s();
  return std::chrono::seconds(seconds == 0 ? window_s_default : seconds);
}

awaitable<result<store::feed_entry>> feed_intake::entry_of(exchange::read_item item, instant now) {
  store::feed_entry entry;
  entry.item.set_original(std::move(item.original));
  entry.item.set_received_at(to_unix_ms(now));
  auto& event = item.event;
  if (event) {
    if (auto wrong = too_long(*event)) event = std::unexpected(std::vector{*std::move(wrong)});
  }
  if (!event) {
    entry.faults = exchange::to_string(event.error());
    co_return entry;
  }
  *entry.item.mutable_event() = *std::move(event);
  const auto& told = entry.item.event();
  if (told.kind() != v1::PARTNER_EVENT_KIND_CREATE) co_return entry;
  auto no = co_await numbers_.next(
      store::birth_shard(told.intake(), from_.unit(), province_()->org), now);
  if (!no) co_return pass(no);
  entry.proposed_no = *std::move(no);
  co_return entry;
}

awaitable<result<taken_document>> feed_intake::take_in(std::string bytes, document_origin origin,
                                                       instant now) {
  taken_document taken;
  store::feed_document document{{}, std::move(origin.nonce), std::move(origin.cursor)};
  auto items = exchange::read_message(from_, bytes);
  if (!items) {
    taken.unreadable = items.error();
    items.emplace();
    items->push_back({std::move(bytes), std::unexpected(std::vector{*taken.unreadable})});
  }
  if (items->size() > store::feed_entries_max) {
    taken.too_many = true;
    co_return taken;
  }
  document.entries.reserve(items->size());
  for (auto& item : *items) {
    auto entry = co_await entry_of(std::move(item), now);
    if (!entry) co_return pass(entry);
    document.entries.push_back(*std::move(entry));
  }
  auto answer = co_await feed_.put(std::move(document), now, window());
  if (!answer) co_return pass(answer);
  taken.answer = *std::move(answer);
  co_return taken;
}

awaitable<result<store::feed_entry>> feed_intake::read_again(std::string original, instant now) {
  auto items = exchange::read_message(from_, original);
  if (items && items->size() == 1) co_return co_await entry_of(std::move(items->front()), now);
  const auto why = items ? exchange::fault{"", "不是单独一件"} : items.error();
  co_return co_await entry_of({std::move(original), std::unexpected(std::vector{why})}, now);
}

}  // namespace hotline::runtime
