#include "common/runtime/feed_intake.hpp"

#include <vector>

#include "common/domain/exchange_in.hpp"
#include "common/domain/ticket_no.hpp"

namespace hotline::runtime {

using boost::asio::awaitable;

namespace {

constexpr int window_s_default = 300;

constexpr const char* too_many_text = "一次最多接收 1000 件";

/// How often a place is looked for that others take at the same time.
constexpr int tries_max = 5;

}  // namespace

milliseconds feed_intake::window() const {
  const auto seconds = from_.config().inbound().signature().window_s();
  return std::chrono::seconds(seconds == 0 ? window_s_default : seconds);
}

awaitable<result<store::feed_entry>> feed_intake::entry_of(exchange::read_item item, instant now) {
  store::feed_entry entry;
  entry.item.set_original(std::move(item.original));
  entry.own = std::move(item.own);
  entry.item.set_received_at(to_unix_ms(now));
  auto& event = item.event;
  if (!event) {
    entry.faults = exchange::to_string(event.error());
    co_return entry;
  }
  *entry.item.mutable_event() = *std::move(event);
  const auto& told = entry.item.event();
  if (told.kind() != v1::PARTNER_EVENT_KIND_CREATE) {
    const auto theirs = co_await handles(told.ticket_no());
    if (!theirs) co_return pass(theirs);
    if (*theirs) entry.handled_no = told.ticket_no();
    co_return entry;
  }
  auto no = co_await numbers_.next(
      store::birth_shard(told.intake(), from_.unit(), province_()->org), now);
  if (!no) co_return pass(no);
  entry.proposed_no = *std::move(no);
  co_return entry;
}

/// Whether the number is that of a ticket the partner handles, or has handled, for us: of no other
/// may it learn anything by naming it.
awaitable<result<bool>> feed_intake::handles(std::string ticket_no) {
  if (!domain::is_ticket_no(ticket_no)) co_return false;
  const auto ticket = co_await tickets_.load(std::move(ticket_no));
  if (!ticket) co_return pass(ticket);
  co_return *ticket&& domain::was_transferred_to(**ticket, from_.unit());
}

awaitable<result<taken_document>> feed_intake::take_in(std::string bytes, document_origin origin,
                                                       instant now) {
  auto items = exchange::read_message(from_, bytes);
  if (items) co_return co_await take_in(*std::move(items), std::move(origin), now);
  std::vector<exchange::read_item> whole;
  whole.push_back({std::move(bytes), {}, std::unexpected(std::vector{items.error()})});
  auto taken = co_await take_in(std::move(whole), std::move(origin), now);
  if (taken) taken->unreadable = std::move(items.error());
  co_return taken;
}

awaitable<result<taken_document>> feed_intake::take_in(std::vector<exchange::read_item> items,
                                                       document_origin origin, instant now) {
  taken_document taken;
  if (items.size() > store::feed_entries_max) {
    taken.too_many = true;
    co_return taken;
  }
  store::feed_document document{{}, std::move(origin.nonce), std::move(origin.cursor), {}};
  document.entries.reserve(items.size());
  for (auto& item : items) {
    auto entry = co_await entry_of(std::move(item), now);
    if (!entry) co_return pass(entry);
    document.entries.push_back(*std::move(entry));
  }
  auto answer = co_await feed_.put(std::move(document), now, window());
  if (!answer) co_return pass(answer);
  taken.answer = *std::move(answer);
  co_return taken;
}

awaitable<result<void>> feed_intake::put_aside(std::string original, std::string why, instant now) {
  store::feed_document document;
  auto& entry = document.entries.emplace_back();
  entry.item.set_original(std::move(original));
  entry.item.set_received_at(to_unix_ms(now));
  entry.faults = std::move(why);
  entry.reason = v1::REVIEW_REASON_DOCUMENT;
  const auto put = co_await feed_.put(std::move(document), now, window());
  if (!put) co_return pass(put);
  co_return result<void>{};
}

awaitable<result<std::vector<store::feed_entry>>> feed_intake::read_again(std::string original,
                                                                          instant now) {
  auto items = exchange::read_message(from_, original);
  std::optional<exchange::fault> wrong;
  if (!items) {
    wrong = items.error();
  } else if (items->empty()) {
    wrong = exchange::fault{"", "其中没有内容"};
  } else if (items->size() > store::feed_entries_max) {
    wrong = exchange::fault{"", too_many_text};
  }
  if (wrong) {
    items.emplace();
    items->push_back({std::move(original), {}, std::unexpected(std::vector{*std::move(wrong)})});
  }
  std::vector<store::feed_entry> entries;
  for (auto& item : *items) {
    auto entry = co_await entry_of(std::move(item), now);
    if (!entry) co_return pass(entry);
    entries.push_back(*std::move(entry));
  }
  co_return entries;
}

awaitable<result<store::feed_answer>> feed_intake::let_in_all(
    std::string review_id, std::vector<store::feed_entry> entries, instant now) {
  store::feed_document document;
  document.entries = std::move(entries);
  document.review_id = std::move(review_id);
  co_return co_await feed_.put(std::move(document), now, window());
}

awaitable<result<refused_item>> feed_intake::refuse(std::string review_id, std::int64_t sequence,
                                                    v1::PartnerEvent told, instant now) {
  using end = refused_item::end;
  for (int tries = 0; tries < tries_max; ++tries) {
    auto place = co_await feed_.refusal_of(told.external_no());
    if (!place) co_return pass(place);
    if (place->has_ticket) co_return refused_item{end::has_ticket, {}};
    auto& id = place->id;
    if (id.version >= 0) co_return fail(errc::invalid_argument, "refused too often");
    if (id.ticket_no.empty()) {
      auto no = co_await numbers_.next(store::birth_shard({}, from_.unit(), province_()->org), now);
      if (!no) co_return pass(no);
      id.ticket_no = *std::move(no);
    }
    v1::OutMessage message;
    told.set_ticket_no(id.ticket_no);
    told.set_serial(to_string(id));
    // Partners count from 1.
    told.set_sequence(id.version - store::first_refusal + 1);
    *message.mutable_event() = told;
    message.set_made_at(to_unix_ms(now));
    const auto done = co_await feed_.refuse(review_id, sequence, id, std::move(message), now);
    if (!done) co_return pass(done);
    if (*done == store::refuse_end::told) co_return refused_item{end::told, id};
    if (*done == store::refuse_end::gone) co_return refused_item{};
  }
  co_return fail(errc::conflict, "the number is being dealt with elsewhere");
}

}  // namespace hotline::runtime
