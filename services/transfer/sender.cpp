#include "services/transfer/sender.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "services/transfer/http_outlet.hpp"

namespace hotline::transfer {

namespace asio = boost::asio;
using asio::awaitable;
using end_of_telling = telling::end;

namespace {

// Kept as "how it ended" where the partner's answer has no code.
constexpr const char* accepted_without_code = "accepted";
constexpr const char* refused_word = "refused";
// As Redis refuses longer ones.
constexpr std::size_t external_no_bytes_max = 200;

/// Longer than any telling takes, so that a message is not sent twice without need.
milliseconds lease_of(const v1::Outbound& rules) {
  constexpr milliseconds margin{30'000};
  return 2 * answer_limit(rules) + margin;
}

/// The partner's own words stay with the message: they may be about a person.
std::string why(const v1::SendFailure& failure) {
  if (failure.http_status() == 0) return failure.text();
  return fmt::format("HTTP {} {}", failure.http_status(), failure.code());
}

}  // namespace

sender::sender(asio::any_io_executor executor, partner_link& link, outlet& way, take_back& returns,
               const clock& now, sender_options options, runtime::task_counters& tasks, logger log)
    : link_(link),
      way_(way),
      returns_(returns),
      now_(now),
      options_(options),
      log_(std::move(log)),
      plan_(link.partner.config().outbound()),
      breaker_(link.partner.config().outbound()),
      gate_(executor, in_flight_max(link.partner.config().outbound())),
      tasks_(executor, tasks, log_),
      room_(executor) {}

awaitable<void> sender::run(runtime::stop_signal& stopping) {
  stopping.on_raise([this] {
    stopping_ = true;
    room_.cancel();
  });
  while (!stopping.raised()) {
    if (co_await take_some() == 0) co_await stopping.sleep_for(options_.poll);
    co_await wait_for_room();
  }
  if (!co_await tasks_.wait_idle(options_.drain_limit)) way_.stop();
  while (!co_await tasks_.wait_idle(options_.drain_limit)) {
  }
}

/// Messages that were begun.
awaitable<std::size_t> sender::take_some() {
  const auto now = now_.now();
  const auto allowed = breaker_.allows(now);
  if (allowed == breaker::allowance::none) co_return 0;
  const bool probe = allowed == breaker::allowance::one;
  if (probe && !in_hand_.empty()) co_return 0;
  const auto most = probe ? 1 : options_.batch_max - in_hand_.size();
  auto taken = co_await link_.queue.take(now, lease_of(link_.partner.config().outbound()), most);
  if (!taken) {
    log_.warn("cannot take messages partner={} reason=\"{}\"", link_.partner.name(),
              to_string(taken.error()));
    co_return 0;
  }
  std::size_t begun = 0;
  for (auto& message : *taken) {
    // On a fast virtual clock a lease ends while its message is on its way.
    if (!in_hand_.insert(message.id).second) continue;
    ++begun;
    tasks_.spawn("telling", finish(std::move(message), probe));
  }
  co_return begun;
}

awaitable<void> sender::wait_for_room() {
  while (!stopping_ && in_hand_.size() > options_.batch_max / 2) {
    room_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await room_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

awaitable<void> sender::finish(store::taken_message message, bool probe) {
  co_await tell(message, probe);
  in_hand_.erase(message.id);
  if (in_hand_.size() <= options_.batch_max / 2) room_.cancel();
}

/// To a slow partner the way is long: what another instance may take before it is told is left to
/// it. In real time, as the partner's answers are.
bool sender::lease_nearly_over(std::chrono::steady_clock::time_point taken_at) const {
  const auto& rules = link_.partner.config().outbound();
  return steady_now() - taken_at > lease_of(rules) - answer_limit(rules);
}

awaitable<void> sender::tell(const store::taken_message& message, bool probe) {
  const auto taken_at = steady_now();
  if (message.damage) co_return co_await put_aside(message);
  std::optional place(co_await gate_.enter());
  if (lease_nearly_over(taken_at)) co_return;
  result<bool> recorded = false;
  const bool closed = breaker_.allows(now_.now()) == breaker::allowance::any;
  if (!stopping_ && (closed || probe)) {
    const auto end = co_await way_.tell(message, now_.now());
    place.reset();  // settling is not telling: it needs no place
    recorded = co_await record(message, end, probe);
  } else {
    place.reset();
    const auto when = std::max(now_.now(), breaker_.until());
    recorded = co_await link_.queue.give_back(message.id, when);
  }
  if (recorded) co_return;
  // Its lease ends, and it is told again.
  log_.warn("not recorded how a message ended partner={} message={} reason=\"{}\"",
            link_.partner.name(), to_string(message.id), to_string(recorded.error()));
}

/// What is damaged stays so: a person has to look. A key that is missing may come back, and the
/// message's lease ends by itself.
awaitable<void> sender::put_aside(const store::taken_message& message) {
  log_.error("message does not open partner={} message={} reason=\"{}\"", link_.partner.name(),
             to_string(message.id), to_string(*message.damage));
  if (message.damage->code != errc::corrupt_data) co_return;
  telling end{.how = end_of_telling::impossible, .code = {}, .external_no = {}, .failure = {}};
  end.failure.set_text("消息已损坏，无法打开");
  const auto recorded = co_await give_up(message, end);
  if (!recorded) log_.warn("not given up reason=\"{}\"", to_string(recorded.error()));
}

awaitable<result<bool>> sender::record(const store::taken_message& message, const telling& end,
                                       bool probe) {
  const auto now = now_.now();
  note(end, now);
  if (end.how == end_of_telling::accepted && end.files_left_out > 0) {
    log_.warn("files left out: no way to the partner partner={} message={} files={}",
              link_.partner.name(), to_string(message.id), end.files_left_out);
  }
  switch (end.how) {
    case end_of_telling::accepted: break;
    case end_of_telling::refused: co_return co_await record_refusal(message, end);
    case end_of_telling::impossible: co_return co_await give_up(message, end);
    case end_of_telling::unclear:
    case end_of_telling::silent: co_return co_await record_failure(message, end, probe);
  }
  auto external_no = end.external_no;
  auto told_no = message.message.event().external_no();
  for (auto* number : {&external_no, &told_no}) {
    if (number->size() <= external_no_bytes_max) continue;
    log_.warn("number too long to be kept partner={} message={}", link_.partner.name(),
              to_string(message.id));
    number->clear();
  }
  co_return co_await link_.queue.settle(message.id,
                                        end.code.empty() ? accepted_without_code : end.code,
                                        std::move(external_no), now, std::move(told_no));
}

/// Nobody looks at a refused CREATE but the dispatcher the ticket comes back to; all else a person
/// has to mend.
awaitable<result<bool>> sender::record_refusal(const store::taken_message& message,
                                               const telling& end) {
  if (message.message.event().kind() != v1::PARTNER_EVENT_KIND_CREATE)
    co_return co_await give_up(message, end);
  const auto back = co_await returns_.run(message, end.failure);
  if (!back && back.error().code == errc::rejected) co_return co_await give_up(message, end);
  if (!back) co_return pass(back);
  co_return co_await link_.queue.settle(message.id, refused_word, {}, now_.now());
}

/// While the partner as a whole does not work its messages have not failed: a day of that must not
/// use up their tries.
awaitable<result<bool>> sender::record_failure(const store::taken_message& message,
                                               const telling& end, bool probe) {
  if (probe && end.how == end_of_telling::silent)
    co_return co_await link_.queue.give_back(message.id, breaker_.until());
  const double spread = std::uniform_real_distribution<>(0, 1)(random_);
  const auto wait = plan_.wait_after(message.tries + 1, spread);
  if (!wait) co_return co_await give_up(message, end);
  const auto now = now_.now();
  co_return co_await link_.queue.fail_try(message.id, now + *wait, end.failure, now);
}

awaitable<result<bool>> sender::give_up(const store::taken_message& message, const telling& end) {
  log_.error("message given up partner={} message={} status={}", link_.partner.name(),
             to_string(message.id), end.failure.http_status());
  auto given_up = co_await link_.queue.fail_try(message.id, std::nullopt, end.failure, now_.now());
  if (given_up && *given_up) runtime::add(link_.counters.given_up);
  co_return given_up;
}

void sender::note(const telling& end, instant now) {
  auto& counted = link_.counters;
  switch (end.how) {
    case end_of_telling::accepted:
      breaker_.succeeded();
      runtime::add(counted.sent);
      counted.last_sent_at = to_unix_ms(now);
      break;
    case end_of_telling::refused:
      breaker_.succeeded();
      runtime::add(counted.refused);
      break;
    case end_of_telling::impossible: runtime::add(counted.failed); break;
    case end_of_telling::unclear:
    case end_of_telling::silent:
      breaker_.failed(now);
      runtime::add(counted.failed);
      counted.last_failure.set(why(end.failure));
      counted.last_failure_at = to_unix_ms(now);
      break;
  }
  if (breaker_.until() != instant() && counted.breaker_until_at == 0)
    log_.warn("sending stopped partner={} failures={}", link_.partner.name(),
              breaker_.failures_in_row());
  if (breaker_.until() == instant() && counted.breaker_until_at != 0)
    log_.info("sending goes on partner={}", link_.partner.name());
  counted.failures_in_row = breaker_.failures_in_row();
  counted.breaker_until_at = to_unix_ms(breaker_.until());
}

}  // namespace hotline::transfer
