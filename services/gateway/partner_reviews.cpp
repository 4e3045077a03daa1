#include "services/gateway/partner_reviews.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/domain/exchange_in.hpp"
#include "common/domain/exchange_out.hpp"
#include "common/domain/free_text.hpp"
#include "common/domain/permission.hpp"
#include "common/exchange/read_message.hpp"
#include "services/gateway/answers.hpp"
#include "services/gateway/partner_deed.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/shown_letter.hpp"
#include "services/gateway/shown_review.hpp"
#include "services/gateway/viewing.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

constexpr std::size_t reason_bytes_max = 600;

net::problem bad_field(std::string_view code, std::string_view field, std::string_view zh,
                       std::string_view en) {
  auto p = make_problem(422, code, zh, en);
  p.field = field;
  return p;
}

reading<void> check_reason(const std::string& reason) {
  if (reason.empty()) {
    return std::unexpected(
        bad_field("field_required", "reason", "请写明理由。", "Say why this is decided."));
  }
  if (reason.size() > reason_bytes_max) {
    return std::unexpected(bad_field("field_malformed", "reason", "理由不超过 200 字。",
                                     "A reason has at most 200 characters."));
  }
  return {};
}

reading<void> check_order(const v1::ResolveReview& order) {
  if (order.how() == v1::REVIEW_DECISION_UNSPECIFIED) {
    return std::unexpected(bad_field("field_required", "how", "请选择不予处理或重新接收。",
                                     "Say whether it is dismissed or tried again."));
  }
  return check_reason(order.reason());
}

/// Whether the partner hears of it is decided each time it could.
reading<void> check_telling(const v1::ResolveReview& order) {
  if (order.tell_partner() == v1::TELL_PARTNER_UNSPECIFIED) {
    return std::unexpected(bad_field(
        "field_required", "tell_partner",
        "这是对方派来的工单：请选择退回对方（TELL_PARTNER_YES，并给出 refusal）或不告知"
        "（TELL_PARTNER_NO）。",
        "This is a ticket they gave us: refuse it (TELL_PARTNER_YES, with a refusal), or do not "
        "tell them (TELL_PARTNER_NO)."));
  }
  const bool told = order.tell_partner() == v1::TELL_PARTNER_YES;
  if (told && order.refusal() == v1::ITEM_REFUSAL_UNSPECIFIED) {
    return std::unexpected(bad_field("field_required", "refusal", "退回对方须选择退回原因。",
                                     "A refusal has a reason of the list."));
  }
  return {};
}

constexpr const char* has_ticket_text = "该对方工单号在我方已有工单，不退回";

std::string untold_text(domain::untold why) {
  switch (why) {
    case domain::untold::no_create: return "不是派单，或无法辨认，无可退回";
    case domain::untold::no_way: return "该对接方未约定接收退回";
    case domain::untold::no_number: return "对方未告知工单号，无法退回";
  }
  return {};
}

/// An id is 32 lower case hex digits.
bool is_review_id(std::string_view text) {
  constexpr std::size_t id_length = 2 * store::exchange_vault::print_bytes;
  return text.size() == id_length && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

v1::ReviewResolved resolved_as(const store::stored_review& review, const v1::PartnerEvent& event,
                               v1::ReviewDecision how) {
  v1::ReviewResolved made;
  made.set_id(review.id);
  made.set_how(how);
  made.set_kind(event.kind());
  made.set_external_no(event.external_no());
  made.set_ticket_no(review.ticket_no);
  return made;
}

net::problem still_unreadable(const std::string& faults) {
  const auto shown = domain::mask_free_text(faults);
  return make_problem(409, "review_unreadable", "按现行配置仍不能转换：" + shown,
                      "With today's configuration it still cannot be read: " + shown);
}

net::problem other_content() {
  return make_problem(409, "review_other_content",
                      "同一编号的消息此后已以其他内容接收，请由对方以新的编号重发，或不予处理。",
                      "Another content was taken in under its serial since: have the partner send "
                      "it under a new one, or dismiss it.");
}

}  // namespace

void partner_reviews::add_to(api& routes) {
  if (parts_.partners == nullptr) return;
  routes.add(
      {.verb = net::method::get,
       .pattern = "/v1/partners/{name}/reviews",
       .name = "list_partner_reviews",
       .summary = "对接方来件中待人工核对的及原因、原文；查看留有记录",
       .answer = v1::PartnerReviews::descriptor(),
       .query = {{"skip", "略过最早的若干条，默认 0"}, {"limit", "每页条数，1 至 200，默认 50"}}},
      [this](call c) { return list(std::move(c)); });
  routes.add({.verb = net::method::post,
              .pattern = "/v1/partners/{name}/reviews/{id}:reveal",
              .name = "reveal_partner_review",
              .summary = "待核对来件的全部原文；须写明理由，先留记录",
              .body = v1::RevealReview::descriptor(),
              .answer = v1::RevealedReview::descriptor()},
             [this](call c) { return reveal(std::move(c)); });
  routes.add(
      {.verb = net::method::post,
       .pattern = "/v1/partners/{name}/reviews/{id}:resolve",
       .name = "resolve_partner_review",
       .summary = "不予处理（派单须定是否退回对方），或按现行配置重新接收；须写明理由，留有记录",
       .body = v1::ResolveReview::descriptor(),
       .answer = v1::ReviewResolved::descriptor()},
      [this](call c) { return resolve(std::move(c)); });
}

/// A partner of another part of the tree does not exist.
reading<partner_desk*> partner_reviews::find_desk(const call& c) const {
  const auto land = parts_.province();
  partner_desk* const desk = parts_.partners->find(c.params.at("name"));
  if (desk == nullptr) return std::unexpected(not_found());
  const auto may = [&](domain::action what) {
    return domain::permit_unit(land->org, c.actor, what, desk->partner().unit());
  };
  if (may(domain::action::read_partner) != domain::access::granted)
    return std::unexpected(not_found());
  auto granted = check_access(may(domain::action::settle_partner));
  if (!granted) return std::unexpected(std::move(granted.error()));
  return desk;
}

awaitable<outcome> partner_reviews::list(call c) {
  const auto desk = find_desk(c);
  if (!desk) co_return std::unexpected(desk.error());
  const auto skip = read_skip(c.request);
  if (!skip) co_return std::unexpected(skip.error());
  const auto limit = read_limit(c.request);
  if (!limit) co_return std::unexpected(limit.error());
  const auto& partner = (*desk)->partner();
  auto kept = co_await record_deed(parts_, c, {"review.read", std::string(partner.name())});
  if (!kept) co_return std::unexpected(std::move(kept.error()));
  const auto page = co_await (*desk)->feed.reviews(*skip, static_cast<std::size_t>(*limit));
  if (!page) co_return std::unexpected(net::problem_for(page.error()));
  v1::PartnerReviews shown;
  shown.set_total(page->total);
  const auto land = parts_.province();
  for (const auto& review : page->reviews)
    *shown.add_reviews() = show_review(review, partner, *land);
  auto answer = make_answer(shown, c.accepted, codec_);
  answer.headers.emplace_back("Cache-Control", "no-store");
  co_return answer;
}

awaitable<outcome> partner_reviews::reveal(call c) {
  const auto desk = find_desk(c);
  if (!desk) co_return std::unexpected(desk.error());
  const auto& id = c.params.at("id");
  if (!is_review_id(id)) co_return std::unexpected(not_found());
  v1::RevealReview order;
  if (auto read = read_body(c.request, codec_, order); !read)
    co_return std::unexpected(std::move(read.error()));
  if (auto good = check_reason(order.reason()); !good)
    co_return std::unexpected(std::move(good.error()));
  const auto review = co_await (*desk)->feed.find_review(id);
  if (!review) co_return std::unexpected(net::problem_for(review.error()));
  if (!*review) co_return std::unexpected(not_found());
  const auto& partner = (*desk)->partner();
  auto kept = co_await record_deed(
      parts_, c, {"review.reveal", fmt::format("{} {}", partner.name(), id), order.reason()});
  if (!kept) co_return std::unexpected(std::move(kept.error()));
  const auto& original = (*review)->review.item().original();
  v1::RevealedReview shown;
  shown.set_id(id);
  shown.set_text(whole_text(original, partner.config().inbound().format().charset()));
  shown.set_original(original);
  auto answer = make_answer(shown, c.accepted, codec_);
  answer.headers.emplace_back("Cache-Control", "no-store");
  co_return answer;
}

awaitable<outcome> partner_reviews::resolve(call c) {
  const auto desk = find_desk(c);
  if (!desk) co_return std::unexpected(desk.error());
  const auto& id = c.params.at("id");
  if (!is_review_id(id)) co_return std::unexpected(not_found());
  v1::ResolveReview order;
  if (auto read = read_body(c.request, codec_, order); !read)
    co_return std::unexpected(std::move(read.error()));
  if (auto good = check_order(order); !good) co_return std::unexpected(std::move(good.error()));
  const auto review = co_await (*desk)->feed.find_review(id);
  if (!review) co_return std::unexpected(net::problem_for(review.error()));
  if (!*review) co_return std::unexpected(not_found());
  const request what{c, **desk, **review, order};
  const bool dismissed = order.how() == v1::REVIEW_DECISION_DISMISS;
  const bool about_files = (*review)->review.reason() == v1::REVIEW_REASON_ATTACHMENT;
  auto done = dismissed     ? co_await dismiss(what)
              : about_files ? co_await fetch_again(what)
                            : co_await retry(what);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return make_answer(*done, c.accepted, codec_);
}

awaitable<reading<void>> partner_reviews::record(const request& what, std::string action,
                                                 std::string detail) const {
  partner_deed deed{std::move(action),
                    fmt::format("{} {}", what.desk.partner().name(), what.review.id),
                    what.order.reason()};
  const auto& event = what.review.review.item().event();
  deed.detail = std::move(detail);
  if (deed.detail.empty() && !event.external_no().empty())
    deed.detail = fmt::format("external_no {}", event.external_no());
  co_return co_await record_deed(parts_, what.asked, std::move(deed));
}

reading<void> partner_reviews::check_in_time(const request& what) const {
  const auto until = domain::return_until_at(what.desk.partner().config(),
                                             from_unix_ms(what.review.review.item().received_at()),
                                             *parts_.province());
  if (until == 0 || to_unix_ms(parts_.now.now()) <= until) return {};
  auto p = make_problem(
      422, "return_too_late",
      "已过退回时限，视为已受理：请补充后重新接收，或登记工单后不告知对方（TELL_PARTNER_NO）。",
      "The time to return it is over and it counts as accepted: take it in, or make a ticket of it "
      "and do not tell them.");
  p.rule = "partner.return-limit";
  p.field = "tell_partner";
  return std::unexpected(std::move(p));
}

awaitable<partner_reviews::resolved> partner_reviews::dismiss(request what) const {
  const auto& item = what.review.review.item();
  const auto& partner = what.desk.partner();
  auto named = item.has_event() ? item.event() : exchange::read_names(partner, item.original());
  auto silent = what.review.review.reason() == v1::REVIEW_REASON_ATTACHMENT
                    ? std::optional(domain::untold::no_create)
                    : domain::why_untold(partner.config(), named);
  std::string why = silent ? untold_text(*silent) : std::string();
  if (!silent) {
    const auto place = co_await what.desk.feed.refusal_of(named.external_no());
    if (!place) co_return std::unexpected(net::problem_for(place.error()));
    if (place->has_ticket) why = has_ticket_text;
  }
  if (why.empty()) {
    if (auto good = check_telling(what.order); !good)
      co_return std::unexpected(std::move(good.error()));
    if (what.order.tell_partner() == v1::TELL_PARTNER_YES) {
      if (auto good = check_in_time(what); !good)
        co_return std::unexpected(std::move(good.error()));
      co_return co_await refuse(what, named);
    }
    why = "按决定不告知对方";
  }
  auto kept = co_await record(what, "review.dismiss", "partner not told: " + why);
  if (!kept) co_return std::unexpected(std::move(kept.error()));
  const auto done = co_await what.desk.feed.resolve(what.review.id);
  if (!done) co_return std::unexpected(net::problem_for(done.error()));
  if (!*done) co_return std::unexpected(not_found());  // somebody else was first
  auto made = resolved_as(what.review, named, what.order.how());
  made.set_not_told(std::move(why));
  co_return made;
}

awaitable<partner_reviews::resolved> partner_reviews::refuse(request what,
                                                             v1::PartnerEvent named) const {
  const auto now = parts_.now.now();
  auto told = domain::refusal_of_item(what.desk.partner().config(), named, what.order.refusal(),
                                      what.order.reason(), now);
  auto kept = co_await record(
      what, "review.dismiss",
      fmt::format("partner told: {} external_no {}", told.reason_code(), told.external_no()));
  if (!kept) co_return std::unexpected(std::move(kept.error()));
  const auto done =
      co_await what.desk.intake.refuse(what.review.id, named.sequence(), std::move(told), now);
  if (!done) co_return std::unexpected(net::problem_for(done.error()));
  using end = runtime::refused_item::end;
  if (done->how == end::gone) co_return std::unexpected(not_found());  // somebody else was first
  if (done->how == end::has_ticket) {
    co_return std::unexpected(make_problem(409, "review_has_ticket", has_ticket_text,
                                           "A ticket was made of it meanwhile: look again."));
  }
  auto made = resolved_as(what.review, named, what.order.how());
  made.set_told_id(shown_message_id(done->id));
  co_return made;
}

awaitable<partner_reviews::resolved> partner_reviews::retry(request what) const {
  const auto& item = what.review.review.item();
  const auto now = parts_.now.now();
  auto entries = co_await what.desk.intake.read_again(item.original(), now);
  if (!entries) co_return std::unexpected(net::problem_for(entries.error()));
  // The partner's time limits run from when it came.
  for (auto& one : *entries) one.item.set_received_at(item.received_at());
  if (entries->size() > 1) co_return co_await retry_all(what, *std::move(entries));
  auto* const entry = &entries->front();
  if (!entry->item.has_event()) co_return std::unexpected(still_unreadable(entry->faults));
  auto kept = co_await record(what, "review.retry");
  if (!kept) co_return std::unexpected(std::move(kept.error()));
  auto made = resolved_as(what.review, entry->item.event(), what.order.how());
  const auto answer = co_await what.desk.feed.let_in(what.review.id, what.review.review.reason(),
                                                     std::move(*entry), now);
  if (!answer) co_return std::unexpected(net::problem_for(answer.error()));
  using end = store::let_in_answer::end;
  if (answer->how == end::gone) co_return std::unexpected(not_found());  // somebody else was first
  if (answer->how == end::other_content) co_return std::unexpected(other_content());
  if (answer->how == end::taken) runtime::add(parts_.partners->counts.taken);
  made.set_duplicate(answer->how == end::duplicate);
  made.set_ticket_no(answer->ticket_no);
  co_return made;
}

/// A whole document: each of its items is on its own from now on.
awaitable<partner_reviews::resolved> partner_reviews::retry_all(
    request what, std::vector<store::feed_entry> entries) const {
  const auto readable = [](const store::feed_entry& one) { return one.item.has_event(); };
  if (std::ranges::none_of(entries, readable))
    co_return std::unexpected(still_unreadable(entries.front().faults));
  auto kept = co_await record(what, "review.retry", fmt::format("items {}", entries.size()));
  if (!kept) co_return std::unexpected(std::move(kept.error()));
  const auto answer =
      co_await what.desk.intake.let_in_all(what.review.id, std::move(entries), parts_.now.now());
  if (!answer) co_return std::unexpected(net::problem_for(answer.error()));
  if (answer->how != store::feed_answer::end::done) co_return std::unexpected(not_found());
  auto made = resolved_as(what.review, {}, what.order.how());
  std::int32_t taken = 0, duplicates = 0, reviewed = 0;
  for (const auto& one : answer->outcomes) {
    const bool known = one.status == store::feed_status::duplicate;
    ++(one.status == store::feed_status::taken ? taken : known ? duplicates : reviewed);
  }
  runtime::add(parts_.partners->counts.taken, static_cast<std::uint64_t>(taken));
  made.set_taken_items(taken);
  made.set_duplicate_items(duplicates);
  made.set_reviewed_items(reviewed);
  co_return made;
}

awaitable<partner_reviews::resolved> partner_reviews::fetch_again(request what) const {
  v1::FetchOrder order;
  *order.mutable_event() = what.review.review.item().event();
  order.set_ticket_no(order.event().ticket_no());
  order.mutable_event()->clear_ticket_no();
  auto kept = co_await record(what, "review.retry");
  if (!kept) co_return std::unexpected(std::move(kept.error()));
  auto made = resolved_as(what.review, order.event(), what.order.how());
  const auto done =
      co_await what.desk.fetches.again(what.review.id, std::move(order), parts_.now.now());
  if (!done) co_return std::unexpected(net::problem_for(done.error()));
  if (!*done) co_return std::unexpected(not_found());  // somebody else was first
  co_return made;
}

}  // namespace hotline::gateway
