#include "common/store/exchange_feed.hpp"

#include <fmt/core.h>

#include <utility>

#include "common/store/digest.hpp"
#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"
#include "common/store/stored_number.hpp"
#include "common/store/waiting_page.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

// Statuses of feed_put.
constexpr std::int64_t status_done = 1;
constexpr std::int64_t status_cursor_moved = 2;
constexpr std::int64_t status_nonce_used = 3;
constexpr std::int64_t status_review_gone = 4;

// Statuses of review_let_in.
constexpr std::int64_t status_gone = 0;
constexpr std::int64_t status_let_in = 1;
constexpr std::int64_t status_same_before = 2;
constexpr std::int64_t status_other_before = 3;

// Statuses of review_refuse.
constexpr std::int64_t status_told = 1;

constexpr milliseconds nonce_bucket{3'600'000};

std::int64_t bucket_of(instant at) { return to_unix_ms(at) / nonce_bucket.count(); }

std::string item_id(const v1::PartnerEvent& event) {
  return fmt::format("{}:{}", static_cast<int>(event.kind()), event.serial());
}

v1::FeedReview review_of(const feed_entry& entry) {
  v1::FeedReview review;
  const bool mapped = entry.item.has_event();
  review.set_reason(mapped ? v1::REVIEW_REASON_OTHER_CONTENT : entry.reason);
  review.set_text(mapped ? "同一编号的消息曾以不同内容收到" : entry.faults);
  *review.mutable_item() = entry.item;
  return review;
}

/// Nothing of it was taken in yet.
bool is_unread(v1::ReviewReason reason) {
  return reason == v1::REVIEW_REASON_NOT_MAPPED || reason == v1::REVIEW_REASON_DOCUMENT;
}

/// The item has had its turn: the same may have another.
bool had_its_turn(v1::ReviewReason reason) {
  return reason == v1::REVIEW_REASON_REJECTED || reason == v1::REVIEW_REASON_GAP;
}

std::string print_of(exchange_vault& vault, const v1::FeedItem& item) {
  return vault.print(item.has_event() ? item.event().SerializeAsString() : item.original());
}

}  // namespace

exchange_feed::exchange_feed(redis::client& redis, exchange_vault& vault, std::string partner,
                             std::string data_set, commit_floor* floor)
    : redis_(redis),
      vault_(vault),
      partner_(std::move(partner)),
      data_set_(std::move(data_set)),
      floor_(floor) {}

std::string exchange_feed::place(std::string_view what) const {
  return partner_prefix(partner_).append(what);
}

redis::command exchange_feed::function(std::string_view name) const {
  return partner_call(name, partner_, data_set_);
}

awaitable<result<redis::reply>> exchange_feed::call(redis::command command) {
  return call_function(redis_, std::move(command));
}

void exchange_feed::committed(std::int64_t commit_no) {
  if (floor_ != nullptr) floor_->seen("p:" + partner_, commit_no);
}

awaitable<result<void>> exchange_feed::adopt() {
  const auto adopted = co_await call(function("partner_adopt"));
  if (!adopted) co_return pass(adopted);
  committed(adopted->integer());
  co_return result<void>();
}

void exchange_feed::add_entry(redis::command& call, feed_entry entry) {
  const auto& event = entry.item.event();
  const auto print = entry.own.empty() ? print_of(vault_, entry.item) : vault_.print(entry.own);
  const auto review_id = to_hex(print);
  const auto review = review_of(entry);
  call.add(event.external_no()).add(item_id(event)).add(print).add(entry.proposed_no);
  call.add(entry.handled_no);
  call.add(vault_.seal(place(event.external_no()), entry.item));
  call.add(review_id).add(vault_.seal(place(review_id), review));
}

awaitable<result<feed_answer>> exchange_feed::put(feed_document document, instant now,
                                                  milliseconds window) {
  auto command = function("feed_put");
  command.add(to_unix_ms(now));
  if (document.nonce) {
    command.add(bucket_of(document.nonce->signed_at)).add(document.nonce->nonce);
  } else {
    command.add("").add("");
  }
  // One bucket of slack for clocks that are set back.
  command.add(bucket_of(now - window) - 1);
  const auto cursor = document.cursor.value_or(cursor_step());
  command.add(cursor.before).add(cursor.after).add(document.review_id);
  for (auto& entry : document.entries) {
    if (entry.item.has_event() && entry.item.event().external_no().empty()) {
      co_return fail(errc::invalid_argument, "an item without the partner's number");
    }
    add_entry(command, std::move(entry));
  }
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);

  feed_answer answer;
  switch (reply->at(0).integer()) {
    case status_done: break;
    case status_cursor_moved:
      answer.how = feed_answer::end::cursor_moved;
      answer.cursor = reply->at(1).string();
      co_return answer;
    case status_review_gone: answer.how = feed_answer::end::review_gone; co_return answer;
    case status_nonce_used: answer.how = feed_answer::end::nonce_used; co_return answer;
    default: co_return fail(errc::internal, "feed_put answered with an unknown status");
  }
  committed(reply->at(1).integer());
  for (std::size_t i = 2; i < reply->size(); ++i) {
    const auto& one = reply->at(i);
    answer.outcomes.push_back(
        {static_cast<feed_status>(one.at(0).integer()), std::string(one.at(1).string())});
  }
  if (answer.outcomes.size() != document.entries.size()) {
    co_return fail(errc::internal, "feed_put answered for another number of items");
  }
  co_return answer;
}

awaitable<result<std::string>> exchange_feed::cursor() {
  auto reply = co_await redis_.exec(redis::command("HGET", partner_head_key(partner_), "cursor"));
  if (!reply) co_return pass(reply);
  co_return reply->take_string();
}

awaitable<result<std::vector<std::string>>> exchange_feed::take(instant now, milliseconds lease,
                                                                std::size_t most) {
  auto command = function("feed_take");
  command.add(to_unix_ms(now)).add(to_unix_ms(now + lease)).add(most);
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  std::vector<std::string> numbers;
  for (const auto& one : reply->array()) numbers.emplace_back(one.string());
  co_return numbers;
}

awaitable<result<waiting_items>> exchange_feed::waiting(std::string external_no) {
  std::vector<redis::command> questions;
  questions.emplace_back("HMGET", partner_ticket_key(partner_, external_no), "no", "applied");
  // All of them: the one the others wait for may have come last.
  questions.emplace_back("LRANGE", partner_waiting_key(partner_, external_no), 0, -1);
  auto replies = co_await redis_.exec_all(std::move(questions));
  for (const auto& reply : replies) {
    if (!reply) co_return pass(reply);
  }
  waiting_items found;
  found.ticket_no = replies[0]->at(0).string();
  found.applied = whole_number(replies[0]->at(1).string());
  for (const auto& stored : replies[1]->array()) {
    waiting_items::item item{std::string(stored.string()), {}};
    const auto opened = vault_.open(place(external_no), item.stored, item.content);
    if (!opened) co_return pass(opened);
    found.items.push_back(std::move(item));
  }
  found.external_no = std::move(external_no);
  co_return found;
}

awaitable<result<bool>> exchange_feed::settle(std::string external_no, waiting_items::item item,
                                              std::optional<v1::FeedReview> review, instant now) {
  const auto sequence = item.content.event().sequence();
  auto command = function("feed_done");
  command.add(to_unix_ms(now)).add(external_no).add(item.stored);
  command.add(sequence > 0 ? std::to_string(sequence) : std::string());
  if (review) {
    const auto id = to_hex(print_of(vault_, item.content));
    command.add(id).add(vault_.seal(place(id), *review));
  } else {
    command.add("").add("");
  }
  const bool not_made = review && item.content.event().kind() == v1::PARTNER_EVENT_KIND_CREATE;
  command.add(not_made ? "1" : "");
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return reply->at(0).integer() == 1;
}

awaitable<result<void>> exchange_feed::defer(std::string external_no, instant when) {
  auto command = function("feed_defer");
  command.add(external_no).add(to_unix_ms(when));
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return result<void>();
}

awaitable<result<review_page>> exchange_feed::reviews(std::size_t skip, std::size_t limit) {
  const auto listed =
      co_await read_waiting(redis_, partner_reviews_order_key(partner_), skip, limit);
  if (!listed) co_return pass(listed);
  review_page page;
  page.total = listed->total;
  if (listed->entries.empty()) co_return page;
  redis::command get("HMGET", partner_reviews_key(partner_));
  for (const auto& entry : listed->entries) get.add(entry.member);
  const auto values = co_await redis_.exec(std::move(get));
  if (!values) co_return pass(values);
  for (std::size_t i = 0; i < values->size(); ++i) {
    if (values->at(i).is_nil()) continue;  // resolved between the two questions
    stored_review one;
    one.id = listed->entries[i].member;
    one.since = listed->entries[i].since;
    const auto opened = vault_.open(place(one.id), values->at(i).string(), one.review);
    if (!opened) co_return pass(opened);
    page.reviews.push_back(std::move(one));
  }
  const auto numbered = co_await add_numbers(page.reviews);
  if (!numbered) co_return pass(numbered);
  co_return page;
}

awaitable<result<std::optional<stored_review>>> exchange_feed::find_review(std::string id) {
  std::vector<redis::command> questions;
  questions.emplace_back("HGET", partner_reviews_key(partner_), id);
  questions.emplace_back("ZSCORE", partner_reviews_order_key(partner_), id);
  const auto replies = co_await redis_.exec_all(std::move(questions));
  for (const auto& reply : replies) {
    if (!reply) co_return pass(reply);
  }
  if (replies[0]->is_nil()) co_return std::nullopt;
  std::vector<stored_review> found(1);
  if (!replies[1]->is_nil()) found[0].since = from_unix_ms(whole_number(replies[1]->string()));
  const auto opened = vault_.open(place(id), replies[0]->string(), found[0].review);
  if (!opened) co_return pass(opened);
  found[0].id = std::move(id);
  const auto numbered = co_await add_numbers(found);
  if (!numbered) co_return pass(numbered);
  co_return std::move(found[0]);
}

awaitable<result<void>> exchange_feed::add_numbers(std::vector<stored_review>& reviews) {
  std::vector<redis::command> questions;
  std::vector<stored_review*> asked;
  for (auto& one : reviews) {
    const auto& event = one.review.item().event();
    one.ticket_no = event.ticket_no();
    if (!one.ticket_no.empty() || event.external_no().empty()) continue;
    questions.emplace_back("HGET", partner_ticket_key(partner_, event.external_no()), "no");
    asked.push_back(&one);
  }
  if (asked.empty()) co_return result<void>();
  const auto replies = co_await redis_.exec_all(std::move(questions));
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (!replies[i]) co_return pass(replies[i]);
    if (!replies[i]->is_nil()) asked[i]->ticket_no = replies[i]->string();
  }
  co_return result<void>();
}

awaitable<result<bool>> exchange_feed::resolve(std::string review_id) {
  auto command = function("review_resolve");
  command.add(review_id);
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  co_return reply->integer() == 1;
}

awaitable<result<let_in_answer>> exchange_feed::let_in(std::string review_id,
                                                       v1::ReviewReason reason, feed_entry entry,
                                                       instant now) {
  const auto& event = entry.item.event();
  if (event.external_no().empty()) {
    co_return fail(errc::invalid_argument, "an item without the partner's number");
  }
  auto command = function("review_let_in");
  command.add(to_unix_ms(now)).add(review_id).add(had_its_turn(reason) ? "1" : "");
  command.add(is_unread(reason) ? "" : "1");
  command.add(event.external_no()).add(item_id(event)).add(print_of(vault_, entry.item));
  command.add(entry.proposed_no)
      .add(entry.handled_no)
      .add(vault_.seal(place(event.external_no()), entry.item));
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  let_in_answer answer;
  switch (reply->at(0).integer()) {
    case status_gone: co_return answer;
    case status_other_before: answer.how = let_in_answer::end::other_content; co_return answer;
    case status_let_in: answer.how = let_in_answer::end::taken; break;
    case status_same_before: answer.how = let_in_answer::end::duplicate; break;
    default: co_return fail(errc::internal, "review_let_in answered with an unknown status");
  }
  committed(reply->at(1).integer());
  answer.ticket_no = reply->at(2).string();
  co_return answer;
}

awaitable<result<refusal_place>> exchange_feed::refusal_of(std::string external_no) {
  const auto known = co_await redis_.exec(redis::command(
      "HMGET", partner_ticket_key(partner_, external_no), "no", "unused", "refused"));
  if (!known) co_return pass(known);
  refusal_place found;
  found.id.ticket_no = known->at(0).string();
  found.id.version = first_refusal + whole_number(known->at(2).string());
  if (found.id.ticket_no.empty()) co_return found;
  // A second CREATE that was refused leaves the ticket of the first.
  const auto made = co_await redis_.exec(redis::command("EXISTS", ticket_key(found.id.ticket_no)));
  if (!made) co_return pass(made);
  found.has_ticket = known->at(1).is_nil() || made->integer() == 1;
  co_return found;
}

awaitable<result<refuse_end>> exchange_feed::refuse(std::string review_id, std::int64_t sequence,
                                                    message_id id, v1::OutMessage message,
                                                    instant now) {
  auto command = function("review_refuse");
  command.add(to_unix_ms(now)).add(id.ticket_no).add(id.version);
  command.add(vault_.seal(place(to_string(id)), message));
  command.add(review_id).add(message.event().external_no());
  command.add(sequence > 0 ? std::to_string(sequence) : std::string());
  const auto reply = co_await call(std::move(command));
  if (!reply) co_return pass(reply);
  const auto status = reply->at(0).integer();
  if (status == status_gone) co_return refuse_end::gone;
  if (status != status_told) co_return refuse_end::moved;
  committed(reply->at(1).integer());
  co_return refuse_end::told;
}

}  // namespace hotline::store
