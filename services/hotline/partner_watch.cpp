#include "services/hotline/partner_watch.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "common/store/exchange_ledger.hpp"

namespace hotline::program {
namespace {

std::int64_t seconds(std::int64_t unix_ms) { return unix_ms / 1000; }

std::int64_t age_s(std::int64_t since, instant now) {
  return since == 0 ? 0 : std::max<std::int64_t>(0, seconds(to_unix_ms(now) - since));
}

}  // namespace

struct partner_watch::column {
  const char* name;
  const char* help;
  number numbers::* value;
};

partner_watch::partner_watch(const exchange::partner_book& partners) {
  for (const auto& one : partners.all()) by_partner_.try_emplace(std::string(one.name()));
}

void partner_watch::show_in(gateway::metrics& shown) const {
  static constexpr std::array columns{
      column{"unsent", "Messages the partner has not heard, dead letters included.",
             &numbers::unsent},
      column{"unsent_age_seconds", "Since when the oldest of them waits. Alarm above some hours.",
             &numbers::unsent_age_s},
      column{"unsettled", "Tickets with something the partner told us to apply.",
             &numbers::unsettled},
      column{"unsettled_age_seconds", "Since when the oldest of them waits. Alarm.",
             &numbers::unsettled_age_s},
      column{"fetches_waiting", "Messages whose files are not fetched yet.",
             &numbers::fetches_waiting},
      column{"fetches_age_seconds", "Since when the oldest of them waits. Alarm.",
             &numbers::fetches_age_s},
      column{"reviews", "What the partner sent and a person has to look at. Alarm.",
             &numbers::reviews},
      column{"dead_letters", "Messages given up. Alarm.", &numbers::dead_letters},
      column{"failures_in_row", "Tries that failed since the last that did not.",
             &numbers::failures_in_row},
      column{"breaker_open", "1: nothing is sent for a while. Alarm when it lasts.",
             &numbers::breaker_open},
      column{"pull_failures",
             "Pages that could not be pulled or read, in a row. Alarm when it lasts.",
             &numbers::pull_failures},
      column{"last_pulled_seconds", "When a page was last pulled, Unix time.",
             &numbers::last_pulled_at_s},
      column{"last_received_seconds", "When the partner last told us something, Unix time.",
             &numbers::last_received_at_s},
      column{"last_sent_seconds", "When the partner last heard us, Unix time.",
             &numbers::last_sent_at_s},
      column{"differences", "Differences of the last comparison. Alarm.", &numbers::differences},
      column{"compared_seconds", "When both sides were last compared, Unix time.",
             &numbers::compared_at_s},
      column{"comparison_failed", "1: the last comparison could not be made or repaired. Alarm.",
             &numbers::comparison_failed},
  };
  for (const column& one : columns) {
    for (const auto& [partner, values] : by_partner_) {
      const number& value = values.*one.value;
      shown.add({.name = fmt::format("hotline_partner_{}", one.name),
                 .help = one.help,
                 .counter = false,
                 .read = [&value] { return static_cast<double>(value.load()); },
                 .labels = fmt::format("partner=\"{}\"", partner)});
    }
  }
}

void partner_watch::note(numbers& of, const v1::PartnerHealth& health, instant now) {
  of.unsent = health.unsent();
  of.unsent_age_s = age_s(health.unsent_since_at(), now);
  of.unsettled = health.unsettled();
  of.unsettled_age_s = age_s(health.unsettled_since_at(), now);
  of.fetches_waiting = health.fetches();
  of.fetches_age_s = age_s(health.fetches_since_at(), now);
  of.reviews = health.reviews();
  of.dead_letters = health.dead_letters();
  of.failures_in_row = health.failures_in_row();
  of.breaker_open = health.breaker_until_at() != 0 ? 1 : 0;
  of.pull_failures = health.pull_failures();
  of.last_pulled_at_s = seconds(health.last_pulled_at());
  of.last_received_at_s = seconds(health.last_received_at());
  of.last_sent_at_s = seconds(health.last_sent_at());
  const auto& compared = health.last_reconciliation();
  std::int64_t differences = 0;
  for (const auto& kind : compared.counts()) differences += kind.count();
  of.differences = differences;
  of.compared_at_s = seconds(compared.at());
  of.comparison_failed = compared.failure().empty() ? 0 : 1;
}

boost::asio::awaitable<result<void>> partner_watch::look(redis::client& redis, std::string data_set,
                                                         const clock& now) {
  for (auto& [partner, values] : by_partner_) {
    store::exchange_ledger ledger(redis, partner, data_set);
    const auto health = co_await ledger.health();
    if (!health) co_return pass(health);
    note(values, *health, now.now());
  }
  co_return result<void>();
}

}  // namespace hotline::program
