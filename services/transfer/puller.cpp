#include "services/transfer/puller.hpp"

#include <fmt/core.h>

#include <string_view>
#include <utility>

#include "common/net/http_target.hpp"
#include "common/net/http_url.hpp"
#include "services/transfer/request_signing.hpp"
#include "services/transfer/round_pause.hpp"

namespace hotline::transfer {

using boost::asio::awaitable;

namespace {

constexpr milliseconds otherwise_every{300'000};
constexpr int page_items_default = 100;
// So often a page cannot be read before it is for a person.
constexpr int unreadable_rounds = 5;
constexpr std::size_t page_bytes_max = 8 * 1024 * 1024;

std::string filled(std::string url, std::string_view place, std::string_view value) {
  if (const auto at = url.find(place); at != url.npos) url.replace(at, place.size(), value);
  return url;
}

std::string url_of(const v1::Pull& rules, std::string_view cursor) {
  const int limit = rules.limit() > 0 ? rules.limit() : page_items_default;
  return filled(filled(rules.url(), "{cursor}", net::percent_encode(cursor)), "{limit}",
                std::to_string(limit));
}

}  // namespace

puller::puller(boost::asio::io_context& context, partner_link& link, runtime::feed_intake intake,
               exchange::secret_source secrets, const clock& now, puller_options options,
               logger log)
    : link_(link),
      intake_(std::move(intake)),
      secrets_(std::move(secrets)),
      now_(now),
      options_(options),
      every_(round_of(link.partner.config().inbound().pull().every(), otherwise_every)),
      http_(context, {.internal = link.partner.config().internal(),
                      .ca_file = link.partner.config().ca_file(),
                      .answer_bytes_max = page_bytes_max,
                      .idle_max = 1}),
      log_(std::move(log)) {}

awaitable<void> puller::run(runtime::stop_signal& stopping) {
  stopping.on_raise([this] { http_.stop(); });
  bool more = !stopping.raised();
  while (more) {
    const bool taken = co_await pull_page() == page::taken;
    more = taken ? !stopping.raised() : co_await wait_until(now_.now() + every_, now_, stopping);
  }
}

/// A page that cannot be read is left where it is: what it holds is the partner's to send again,
/// and the cursor stays before it. A person has to tell them, so after some rounds it is with the
/// reviews, too.
awaitable<puller::page> puller::pull_page() {
  const auto& rules = link_.partner.config().inbound().pull();
  auto before = co_await link_.feed.cursor();
  if (!before) co_return fail(to_string(before.error()));
  const std::string cursor = before->empty() ? rules.first_cursor() : *before;
  auto body = co_await ask(cursor);
  if (!body) co_return fail(body.error());
  auto found = read(*body);
  if (!found) co_return co_await put_aside(*std::move(body), cursor, found.error());
  unread_at_.reset();
  const bool moves = !found->next_cursor.empty() && found->next_cursor != cursor;
  if (!moves) {
    if (found->items.empty()) co_return had(page::nothing_new);
    // The last page of a partner that names no cursor behind it: its items come again and are the
    // same, until there are more.
    found->next_cursor = cursor;
  }
  const auto end = co_await take_in(*std::move(found), *std::move(before));
  co_return end == page::taken && !moves ? page::nothing_new : end;
}

std::expected<exchange::message_page, std::string> puller::read(const std::string& body) const {
  auto found = exchange::read_page(link_.partner, body);
  if (!found) return std::unexpected(exchange::to_string({found.error()}));
  if (found->items.size() > store::feed_entries_max) {
    return std::unexpected(
        fmt::format("一页 {} 件，超过 {} 件", found->items.size(), store::feed_entries_max));
  }
  return *std::move(found);
}

awaitable<std::expected<std::string, std::string>> puller::ask(const std::string& cursor) {
  const auto& rules = link_.partner.config().inbound();
  auto url = url_of(rules.pull(), cursor);
  const auto parts = net::parse_http_url(url);
  if (!parts) co_return std::unexpected("no URL: " + url);
  auto headers =
      signed_fields(rules.signature(), secrets_, net::method::get, parts->target, {}, now_.now());
  if (!headers) co_return std::unexpected("no key to sign with");
  auto answer = co_await http_.send(net::method::get, std::move(url), *std::move(headers), {},
                                    options_.answer_limit);
  if (!answer) co_return std::unexpected(to_string(answer.error()));
  if (answer->status != 200) co_return std::unexpected(fmt::format("status {}", answer->status));
  co_return std::move(answer->body);
}

awaitable<puller::page> puller::take_in(exchange::message_page read, std::string before) {
  runtime::document_origin origin;
  origin.cursor = {.before = std::move(before), .after = std::move(read.next_cursor)};
  const auto taken = co_await intake_.take_in(std::move(read.items), std::move(origin), now_.now());
  if (!taken) co_return fail(to_string(taken.error()));
  // Where another process has pulled meanwhile, the next page is behind its cursor.
  co_return had(page::taken);
}

awaitable<puller::page> puller::put_aside(std::string body, const std::string& cursor,
                                          std::string why) {
  if (unread_at_ != cursor) unread_times_ = 0;
  unread_at_ = cursor;
  // What was garbled on the way comes whole the next time. And it says the time, perhaps: it would
  // be another review each time it is asked for.
  if (++unread_times_ != unreadable_rounds) co_return fail(why);
  const auto kept = co_await intake_.put_aside(std::move(body), why, now_.now());
  if (!kept) --unread_times_;
  co_return fail(kept ? why : to_string(kept.error()));
}

puller::page puller::had(page what) {
  link_.counters.pulled_at = to_unix_ms(now_.now());
  link_.counters.pull_failures = 0;
  link_.counters.pull_failure.set({});
  return what;
}

puller::page puller::fail(const std::string& why) {
  link_.counters.pull_failure.set(why);
  ++link_.counters.pull_failures;
  log_.warn("not pulled partner={} reason=\"{}\"", link_.partner.name(), why);
  return page::failed;
}

}  // namespace hotline::transfer
