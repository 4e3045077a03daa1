#include "common/store/exchange_checker.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/domain/ticket_no.hpp"
#include "common/redis/reply_error.hpp"
#include "common/store/function_call.hpp"
#include "common/store/records.hpp"
#include "hotline/v1/feed.pb.h"
#include "hotline/v1/letter.pb.h"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

constexpr std::string_view order_suffix = ":order";
constexpr std::string_view message_mark = "m:";
constexpr std::string_view failure_mark = "f:";
constexpr std::string_view fetch_mark = "o:";
constexpr std::string_view their_field = "their";

/// What was refused before there was a ticket has versions below 0, and may never get one.
bool is_of_refusal(std::string_view field) {
  const auto colon = field.find(':');
  return colon != field.npos && field.substr(colon + 1).starts_with('-');
}

/// Whether the ticket contradicts that the partner calls it by this number. A transfer without a
/// number yet contradicts nothing.
bool names_another(const v1::Ticket& ticket, std::string_view their) {
  bool named = false;
  const auto is_theirs = [&](const std::string& number) {
    named = named || !number.empty();
    return number == their;
  };
  if (is_theirs(ticket.intake().external_no())) return false;
  for (const v1::Transfer& transfer : ticket.transfers()) {
    if (transfer.external_no().empty() || is_theirs(transfer.external_no())) return false;
  }
  return named;
}

}  // namespace

awaitable<result<exchange_report>> exchange_checker::run() {
  std::string cursor = "0";
  do {
    const auto answer = co_await redis_.exec(
        redis::command("SCAN", cursor, "MATCH", partner_keys_pattern(), "COUNT", options_.batch));
    if (!answer) co_return pass(answer);
    cursor = answer->at(0).string();
    for (const auto& one : answer->at(1).array()) {
      const auto parts = parse_partner_key(one.string());
      if (!parts) continue;
      const auto checked = co_await check({std::string(one.string()), std::string(parts->partner),
                                           std::string(parts->family), std::string(parts->name)});
      if (!checked) co_return pass(checked);
    }
    if (const auto mended = co_await mend_noted(); !mended) co_return pass(mended);
  } while (cursor != "0");
  co_return std::move(report_);
}

exchange_checker::step exchange_checker::check(place at) {
  const bool whole = at.name.empty();
  if (at.family == "head" && whole) co_return co_await check_head(std::move(at));
  if (at.family == "ticket" && !whole) co_return co_await check_ticket(std::move(at));
  if (at.family == "waiting" && !whole) co_return co_await check_waiting(std::move(at));
  if (at.family == "out" && at.name.ends_with(order_suffix)) {
    co_return co_await check_order(std::move(at));
  }
  if (at.family == "out" && !whole) co_return co_await check_messages(std::move(at));
  if (whole && (at.family == "due" || at.family == "unsettled" || at.family == "seen")) {
    co_return co_await check_members(std::move(at), "in_");
  }
  if (at.family == "sending" && whole) co_return co_await check_members(std::move(at), "out");
  if (whole && (at.family == "unsent" || at.family == "dead")) {
    co_return co_await check_members(std::move(at), "member");
  }
  if (at.family == "reviews" && whole) co_return co_await check_reviews(std::move(at));
  if (at.family == "reviews") co_return co_await check_members(std::move(at), "review");
  if (at.family == "fetches" && whole) co_return co_await check_fetches(std::move(at));
  if (at.family == "fetches") co_return co_await check_members(std::move(at), "fetch");
  co_return result<void>();
}

exchange_checker::step exchange_checker::check_head(place at) {
  ++report_.partners;
  const auto head = co_await read(at, redis::command("HMGET", at.key, "dataset", "commits"));
  if (!head) co_return pass(head);
  if (!*head) co_return result<void>();
  const auto id = (**head).at(0).string();
  const auto commits = (**head).at(1).string();
  const bool counted =
      !commits.empty() && std::ranges::all_of(commits, [](char c) { return c >= '0' && c <= '9'; });
  if (id != options_.data_set || !counted) {
    report(exchange_damage::head_unreadable, at.key,
           id == options_.data_set ? "no commit counter" : "belongs to another data set");
  }
  co_return result<void>();
}

exchange_checker::step exchange_checker::check_ticket(place at) {
  ++report_.tickets;
  const auto stored = co_await read(at, redis::command("HGET", at.key, "no"));
  if (!stored) co_return pass(stored);
  if (!*stored) co_return result<void>();
  const std::string no((**stored).string());
  if (!no.empty()) {
    const auto checked = co_await check_number(at, no);
    if (!checked) co_return checked;
  }
  note(at, "in_", at.name);
  co_return result<void>();
}

exchange_checker::step exchange_checker::check_number(place at, std::string no) {
  if (!domain::is_ticket_no(no)) {
    report(exchange_damage::ticket_missing, at.key, fmt::format("{} is no ticket number", no));
    co_return result<void>();
  }
  // In this order: what waits no more has made its ticket, or was refused.
  const auto waiting = co_await redis_.exec(
      redis::command("LRANGE", partner_waiting_key(at.partner, at.name), 0, options_.batch - 1));
  const auto value = co_await redis_.exec(redis::command("GET", ticket_key(no)));
  const auto unused = co_await redis_.exec(redis::command("HGET", at.key, "unused"));
  const auto linked = co_await redis_.exec(redis::command("HGET", at.key, "linked"));
  for (const auto* answer : {&waiting, &value, &unused, &linked}) {
    if (*answer) continue;
    if (!redis::is_error_reply(answer->error(), "WRONGTYPE")) co_return pass(*answer);
    co_return result<void>();  // reported where it is looked at itself
  }
  if (value->is_nil()) {
    if (!unused->is_nil() || is_to_be_made(at, *waiting)) co_return result<void>();
    report(exchange_damage::ticket_missing, at.key, fmt::format("there is no ticket {}", no));
    co_return result<void>();
  }
  const auto ticket = decode_ticket(no, value->string());
  // A ticket that was handed over they may call by several numbers.
  const bool is_linked = !linked->is_nil() && ticket && !ticket->transfers().empty();
  if (ticket && !is_linked && names_another(*ticket, at.name)) {
    report(exchange_damage::number_differs, at.key,
           fmt::format("ticket {} names another number of theirs", no));
  }
  co_return result<void>();
}

bool exchange_checker::is_to_be_made(const place& at, const redis::reply& waiting) {
  return std::ranges::any_of(waiting.array(), [&](const redis::reply& sealed) {
    v1::FeedItem item;
    return vault_.open(partner_prefix(at.partner).append(at.name), sealed.string(), item) &&
           item.event().kind() == v1::PARTNER_EVENT_KIND_CREATE;
  });
}

exchange_checker::step exchange_checker::check_waiting(place at) {
  for (std::size_t from = 0;; from += options_.batch) {
    const auto items =
        co_await read(at, redis::command("LRANGE", at.key, from, from + options_.batch - 1));
    if (!items) co_return pass(items);
    if (!*items) co_return result<void>();
    for (const auto& one : (**items).array()) {
      ++report_.items;
      v1::FeedItem item;
      if (opens(at, at.name, one.string(), item) && item.event().external_no() != at.name) {
        report(exchange_damage::item_unreadable, at.key, "holds an item of another ticket");
      }
    }
    if ((**items).size() < options_.batch) break;
  }
  note(at, "in_", at.name);
  co_return result<void>();
}

exchange_checker::step exchange_checker::check_messages(place at) {
  const auto stored = co_await read(at, redis::command("HGETALL", at.key));
  if (!stored) co_return pass(stored);
  if (!*stored) co_return result<void>();
  const auto& fields = (**stored).array();
  bool only_refused = fields.size() > 0;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    const auto field = fields[i].string();
    only_refused = only_refused && (is_of_refusal(field) || field == their_field);
    if (field.starts_with(failure_mark)) {
      v1::SendFailure failed;
      const auto version = field.substr(failure_mark.size());
      opens(at, fmt::format("{}:{}:failure", at.name, version), fields[i + 1].string(), failed);
    }
    if (!field.starts_with(message_mark)) continue;
    ++report_.messages;
    v1::OutMessage message;
    const auto where = fmt::format("{}:{}", at.name, field.substr(message_mark.size()));
    if (opens(at, where, fields[i + 1].string(), message) &&
        message.event().ticket_no() != at.name && !message.event().ticket_no().empty()) {
      report(exchange_damage::item_unreadable, at.key, "holds a message of another ticket");
    }
  }
  const bool possible = domain::is_ticket_no(at.name);
  const auto exists = co_await redis_.exec(redis::command(
      "EXISTS", possible ? ticket_key(at.name) : std::string(data_set_key()) + ":none"));
  if (!exists) co_return pass(exists);
  if (exists->integer() == 0 && !only_refused) {
    report(exchange_damage::ticket_missing, at.key, fmt::format("there is no ticket {}", at.name));
  }
  note(at, "out", at.name);
  co_return result<void>();
}

exchange_checker::step exchange_checker::check_order(place at) {
  const std::string no = at.name.substr(0, at.name.size() - order_suffix.size());
  const auto versions = co_await read(at, redis::command("ZRANGE", at.key, 0, -1));
  if (!versions) co_return pass(versions);
  if (!*versions || (**versions).size() == 0) co_return result<void>();
  std::vector<redis::command> lookups;
  for (const auto& version : (**versions).array()) {
    const auto field = std::string(message_mark).append(version.string());
    lookups.emplace_back("HEXISTS", partner_out_key(at.partner, no), field);
    lookups.emplace_back("ZSCORE", at.key, version.string());
  }
  const auto found = co_await redis_.exec_all(std::move(lookups));
  for (std::size_t i = 0; i + 1 < found.size(); i += 2) {
    if (!found[i] && redis::is_error_reply(found[i].error(), "WRONGTYPE")) break;
    if (!found[i]) co_return pass(found[i]);
    if (!found[i + 1]) co_return pass(found[i + 1]);
    // Told meanwhile: gone from both.
    if (found[i]->integer() == 1 || found[i + 1]->is_nil()) continue;
    report(exchange_damage::message_missing, at.key,
           fmt::format("the message of version {} is gone", (**versions).at(i / 2).string()));
  }
  co_return result<void>();
}

exchange_checker::step exchange_checker::check_members(place at, std::string_view what) {
  std::string cursor = "0";
  do {
    const auto answer =
        co_await read(at, redis::command("ZSCAN", at.key, cursor, "COUNT", options_.batch));
    if (!answer) co_return pass(answer);
    if (!*answer) co_return result<void>();
    cursor = (**answer).at(0).string();
    const auto& items = (**answer).at(1).array();
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      note(at, what, std::string(items[i].string()));
    }
    if (const auto mended = co_await mend_noted(); !mended) co_return mended;
  } while (cursor != "0");
  co_return result<void>();
}

exchange_checker::step exchange_checker::check_reviews(place at) {
  co_return co_await check_fields(
      std::move(at), [this](const place& where, std::string_view id, std::string_view sealed) {
        ++report_.reviews;
        v1::FeedReview review;
        opens(where, id, sealed, review);
        note(where, "review", std::string(id));
      });
}

exchange_checker::step exchange_checker::check_fetches(place at) {
  co_return co_await check_fields(
      std::move(at), [this](const place& where, std::string_view field, std::string_view sealed) {
        if (!field.starts_with(fetch_mark)) return;
        const auto id = field.substr(fetch_mark.size());
        v1::FetchOrder order;
        opens(where, fmt::format("fetch:{}", id), sealed, order);
        note(where, "fetch", std::string(id));
      });
}

exchange_checker::step exchange_checker::check_fields(place at, field_look look) {
  std::string cursor = "0";
  do {
    const auto answer =
        co_await read(at, redis::command("HSCAN", at.key, cursor, "COUNT", options_.batch));
    if (!answer) co_return pass(answer);
    if (!*answer) co_return result<void>();
    cursor = (**answer).at(0).string();
    const auto& items = (**answer).at(1).array();
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      look(at, items[i].string(), items[i + 1].string());
    }
    if (const auto mended = co_await mend_noted(); !mended) co_return mended;
  } while (cursor != "0");
  co_return result<void>();
}

void exchange_checker::note(const place& at, std::string_view what, std::string name) {
  noted_.push_back({at.partner, std::string(what), std::move(name), at.key});
}

exchange_checker::step exchange_checker::mend_noted() {
  const auto noted = std::exchange(noted_, {});
  std::vector<redis::command> calls;
  for (const derivation& one : noted) {
    const std::vector<std::string> keys{partner_head_key(one.partner)};
    auto command = function_call("partner_mend", keys);
    command.add(options_.data_set).add(to_unix_ms(options_.now)).add(one.what).add(one.name);
    calls.push_back(std::move(command.add(options_.repair ? "0" : "1")));
  }
  const auto answers = co_await redis_.exec_all(std::move(calls));
  for (std::size_t i = 0; i < noted.size(); ++i) {
    if (!answers[i]) {
      // The head or a set is the problem, and is reported where it is looked at itself.
      const auto why = failure_of_function(answers[i].error());
      const bool known = redis::is_error_reply(answers[i].error(), "WRONGTYPE") ||
                         why.code == errc::wrong_data_set || why.code == errc::corrupt_data;
      if (!known) co_return std::unexpected(why);
      continue;
    }
    const auto entries = answers[i]->integer();
    const auto& [partner, what, name, key] = noted[i];
    if (entries == 0 || !wrong_.insert(fmt::format("{} {} {}", partner, what, name)).second) {
      continue;
    }
    report(exchange_damage::derived_differs, key,
           fmt::format("{} entries derived from {} are missing or too many", entries, name),
           options_.repair);
  }
  co_return result<void>();
}

awaitable<result<std::optional<redis::reply>>> exchange_checker::read(const place& at,
                                                                      redis::command question) {
  auto answer = co_await redis_.exec(std::move(question));
  if (answer) co_return std::optional<redis::reply>(*std::move(answer));
  if (!redis::is_error_reply(answer.error(), "WRONGTYPE")) co_return pass(answer);
  report(exchange_damage::wrong_type, at.key, "holds another type");
  co_return std::optional<redis::reply>();
}

bool exchange_checker::opens(const place& at, std::string_view where, std::string_view sealed,
                             google::protobuf::MessageLite& message) {
  const auto opened = vault_.open(partner_prefix(at.partner).append(where), sealed, message);
  if (opened) return true;
  report(exchange_damage::item_unreadable, at.key, to_string(opened.error()));
  return false;
}

void exchange_checker::report(exchange_damage kind, std::string key, std::string text,
                              bool repaired) {
  ++report_.counts[kind];
  if (repaired) ++report_.repaired;
  if (report_.problems.size() < options_.problems_max) {
    report_.problems.push_back({kind, std::move(key), std::move(text), repaired});
  }
}

std::string_view to_string(exchange_damage kind) {
  switch (kind) {
    case exchange_damage::head_unreadable: return "head_unreadable";
    case exchange_damage::item_unreadable: return "item_unreadable";
    case exchange_damage::message_missing: return "message_missing";
    case exchange_damage::ticket_missing: return "ticket_missing";
    case exchange_damage::number_differs: return "number_differs";
    case exchange_damage::derived_differs: return "derived_differs";
    case exchange_damage::wrong_type: return "wrong_type";
  }
  return "unknown";
}

awaitable<result<exchange_report>> check_exchange(redis::client& redis, exchange_vault& vault,
                                                  exchange_check_options options) {
  exchange_checker work(redis, vault, std::move(options));
  co_return co_await work.run();
}

}  // namespace hotline::store
