#include "services/transfer/reconciler.hpp"

#include <algorithm>
#include <utility>

#include "common/domain/apply.hpp"
#include "common/domain/civil.hpp"
#include "common/domain/derive.hpp"
#include "common/domain/exchange_out.hpp"
#include "common/domain/merging.hpp"

namespace hotline::transfer {

using boost::asio::awaitable;

namespace {

constexpr std::size_t page_max = 1000;
constexpr std::size_t tickets_at_once = 200;
// Longer than the comparison of a night takes; a day whose list could not be had is tried again
// after it, too.
constexpr milliseconds claim_lease{30 * 60'000};
constexpr milliseconds again_after{60 * 60'000};
constexpr milliseconds hour_of_comparison{2 * 3'600'000};
constexpr int days_by_default = 30;
// Who gives no list for so many days in a row gives none this hour.
constexpr int failures_in_row_max = 3;

std::chrono::year_month_day days_after(std::chrono::year_month_day day, int days) {
  return std::chrono::sys_days(day) + std::chrono::days(days);
}

bool has_ended(const exchange::our_ticket& one) {
  return !domain::is_open(domain::state_for_others(one.state, one.has_ended)) && !one.unsettled &&
         !one.unsent;
}

/// Nothing anybody has to read: a day that is compared once more, and agrees.
bool is_quiet(const v1::ReconciliationReport& report) {
  return report.failure().empty() && report.counts().empty();
}

}  // namespace

awaitable<result<v1::ReconciliationReport>> reconciler::compare_now(day_type day, bool repair,
                                                                    reconcile_cause cause) {
  auto made = co_await compare(day, repair, std::move(cause));
  if (!made) co_return pass(made);
  const auto kept = co_await parts_.ledger.keep(made->report);
  if (!kept) co_return pass(kept);
  co_return std::move(made->report);
}

awaitable<result<bool>> reconciler::compare_tonight() {
  const auto& rules = parts_.link.partner.config().reconciliation();
  if (rules.list_url().empty()) co_return false;
  const instant now = parts_.now.now();
  const auto at = domain::parse_time_of_day(rules.at());
  if (domain::civil_time_of_day(now) < at.value_or(hour_of_comparison)) co_return false;
  const auto today = domain::civil_date(now);
  const auto mine = co_await parts_.ledger.claim(today, now, claim_lease);
  if (!mine) co_return pass(mine);
  if (!*mine) co_return false;
  // Failing, somebody else tries when the lease is over, and goes on with the days that are left.
  const auto days = co_await days_of_night(today);
  if (!days) co_return pass(days);
  std::optional<v1::ReconciliationReport> quiet;  // of the newest day that has nothing to say
  bool has_news = false;
  bool failed = false;
  int failures_in_row = 0;
  for (const auto day : *days) {
    auto made = co_await compare(day, true, {});
    if (!made) co_return pass(made);
    if (!is_quiet(made->report)) {
      has_news = true;
      const auto kept = co_await parts_.ledger.keep(std::move(made->report));
      if (!kept) co_return pass(kept);
    } else if (!quiet) {
      quiet = std::move(made->report);
    }
    if (made->has_list) {
      failures_in_row = 0;
      const auto known = co_await parts_.ledger.set_compared(
          day, {.at = to_unix_ms(parts_.now.now()), .is_over = made->is_over});
      if (!known) co_return pass(known);
    } else {
      failed = true;
      if (++failures_in_row == failures_in_row_max) break;
    }
  }
  // The last one is what the health of the exchange shows: one that has something to say, if any
  // has.
  std::vector<v1::ReconciliationReport> reports;
  if (quiet && !has_news) reports.push_back(*std::move(quiet));
  const auto again = failed ? std::optional(parts_.now.now() + again_after) : std::nullopt;
  const auto ended = co_await parts_.ledger.finish(today, std::move(reports), again);
  if (!ended) co_return pass(ended);
  co_return true;
}

/// Newest first: a pull that is put back for each day that misses something ends at the oldest, and
/// old days whose lists are not to be had any more keep nobody from the newer ones. Before the
/// exchange began there is nothing to compare, but yesterday is looked at in any case: they may
/// list what never reached us.
awaitable<result<std::vector<reconciler::day_type>>> reconciler::days_of_night(day_type today) {
  const int configured = parts_.link.partner.config().reconciliation().days();
  const auto began = co_await parts_.ledger.first_day();
  if (!began) co_return pass(began);
  const auto known = co_await parts_.ledger.compared_days();
  if (!known) co_return pass(known);
  std::vector<day_type> days;
  const int most = configured > 0 ? configured : days_by_default;
  for (int back = 1; back <= most; ++back) {
    const day_type day = days_after(today, -back);
    if (back > 1 && (!*began || day < **began)) continue;
    const auto before = known->find(std::chrono::sys_days(day));
    if (before != known->end()) {
      if (domain::civil_date(from_unix_ms(before->second.at)) == today) continue;
      if (before->second.is_over) {
        const auto over = co_await is_still_over(day);
        if (!over) co_return pass(over);
        if (*over) continue;
      }
    }
    days.push_back(day);
  }
  co_return days;
}

/// What has ended may have begun anew (重办) since.
awaitable<result<bool>> reconciler::is_still_over(day_type day) {
  const auto exchanged = co_await exchanged_on(day);
  if (!exchanged) co_return pass(exchanged);
  const std::set<std::string> numbers(exchanged->begin(), exchanged->end());
  const auto ours = co_await our_side(numbers, numbers);
  if (!ours) co_return pass(ours);
  co_return std::ranges::all_of(*ours, has_ended);
}

awaitable<result<reconciler::compared>> reconciler::compare(day_type day, bool repair,
                                                            reconcile_cause cause) {
  compared made;
  v1::ReconciliationReport& report = made.report;
  report.set_partner(std::string(parts_.link.partner.name()));
  report.set_day(domain::format_date(day));
  report.set_at(to_unix_ms(parts_.now.now()));
  report.set_by(std::move(cause.by));
  report.set_reason(std::move(cause.reason));
  auto theirs = co_await parts_.list.of_day(day, parts_.now.now());
  if (!theirs) {
    report.set_failure(std::move(theirs.error()));
    parts_.log.warn("not compared day={} reason=\"{}\"", report.day(), report.failure());
    co_return made;
  }
  made.has_list = true;
  const auto exchanged = co_await exchanged_on(day);
  if (!exchanged) co_return pass(exchanged);
  const std::set<std::string> expected(exchanged->begin(), exchanged->end());
  std::set<std::string> numbers = expected;
  for (const auto& one : *theirs) numbers.insert(one.external_no);
  report.set_exchanged(static_cast<int>(expected.size()));
  report.set_listed(static_cast<int>(theirs->size()));

  auto ours = co_await our_side(std::move(numbers), expected);
  if (!ours) co_return pass(ours);
  const auto& config = parts_.link.partner.config();
  const auto first = exchange::compare(config, *theirs, *ours);
  const auto looked = co_await look_closer(first, *theirs, *ours, day);
  if (!looked) co_return pass(looked);
  auto found = exchange::compare(config, *theirs, *ours);
  made.is_over = found.differences.empty() && std::ranges::all_of(*ours, has_ended);
  report.set_agreed(found.agreed);
  for (auto& count : found.states) *report.add_states() = std::move(count);
  for (auto& count : exchange::count_kinds(found.differences)) *report.add_counts() = count;
  if (repair && found.differences.size() > differences_max) {
    report.set_failure("差异过多，未自动修复：请先核对清单");
    repair = false;
  }
  found.differences.resize(std::min(found.differences.size(), differences_max));
  for (auto& one : found.differences) *report.add_differences() = std::move(one);
  if (repair) {
    const auto repaired = co_await this->repair(report, day);
    if (!repaired) co_return pass(repaired);
  }
  parts_.log.info("compared day={} listed={} agreed={} differences={} resent={}", report.day(),
                  report.listed(), report.agreed(), report.differences_size(), report.resent());
  co_return made;
}

awaitable<result<std::vector<std::string>>> reconciler::exchanged_on(day_type day) {
  std::vector<std::string> numbers;
  const instant from = domain::midnight(day);
  const instant until = domain::midnight(days_after(day, 1));
  while (true) {
    auto page = co_await parts_.ledger.first_exchanged(from, until, numbers.size(), page_max);
    if (!page) co_return pass(page);
    const bool last = page->size() < page_max;
    for (auto& number : *page) numbers.push_back(std::move(number));
    if (last) co_return numbers;
  }
}

awaitable<result<std::vector<exchange::our_ticket>>> reconciler::our_side(
    std::set<std::string> numbers, const std::set<std::string>& expected) {
  std::vector<exchange::our_ticket> ours;
  auto next = numbers.begin();
  while (next != numbers.end()) {
    std::vector<std::string> batch;
    for (; next != numbers.end() && batch.size() < tickets_at_once; ++next) batch.push_back(*next);
    auto known = co_await parts_.ledger.look_up(std::move(batch));
    if (!known) co_return pass(known);
    std::erase_if(*known, [](const store::exchanged_ticket& one) { return !one.known; });
    std::vector<std::string> tickets;
    for (const auto& one : *known) {
      if (!one.ticket_no.empty()) tickets.push_back(one.ticket_no);
    }
    const auto loaded = co_await parts_.tickets.load_many(std::move(tickets));
    if (!loaded) co_return pass(loaded);
    std::size_t at = 0;
    for (auto& one : *known) {
      const bool of_day = expected.contains(one.external_no);
      auto& made = ours.emplace_back();
      made.external_no = std::move(one.external_no);
      made.ticket_no = std::move(one.ticket_no);
      made.expected = of_day;
      made.unsettled = one.unsettled > 0;
      made.unsent = one.unsent > 0;
      if (one.refused) {
        // 退回: for them it has this state, whether or not they still list it.
        made.state = v1::STATE_REJECTED;
        made.expected = false;
      }
      if (!made.ticket_no.empty()) add_state(made, (*loaded)[at++]);
    }
  }
  co_return ours;
}

/// A ticket that cannot be read is missing here; `verify` says more about it.
void reconciler::add_state(exchange::our_ticket& made,
                           const result<std::optional<v1::Ticket>>& loaded) {
  if (!loaded) {
    parts_.log.error("ticket={} not compared reason=\"{}\"", made.ticket_no,
                     to_string(loaded.error()));
    return;
  }
  if (!*loaded) return;
  made.state = (*loaded)->state();
  made.has_ended = (*loaded)->closed_at() != 0;
  made.withheld = (*loaded)->intake().sensitivity() == v1::SENSITIVITY_SENSITIVE;
}

awaitable<result<void>> reconciler::look_closer(const exchange::comparison& first,
                                                std::vector<exchange::listed_ticket>& theirs,
                                                std::vector<exchange::our_ticket>& ours,
                                                day_type day) {
  std::set<std::string> missing;
  for (const auto& one : first.differences) {
    if (one.kind() == v1::DIFFERENCE_KIND_MISSING_THERE) missing.insert(one.external_no());
    if (one.kind() != v1::DIFFERENCE_KIND_STATE) continue;
    const auto events = co_await told(one.ticket_no());
    if (!events) co_return pass(events);
    // In the order of the numbers, as they were made.
    const auto at =
        std::ranges::lower_bound(ours, one.external_no(), {}, &exchange::our_ticket::external_no);
    if (!events->empty()) at->told_word = events->back().word;
  }
  if (!missing.empty()) co_await add_neighbours(missing, day, theirs);
  co_return result<void>();
}

/// What was exchanged around midnight they may count to the other day.
awaitable<void> reconciler::add_neighbours(const std::set<std::string>& missing, day_type day,
                                           std::vector<exchange::listed_ticket>& theirs) {
  for (const int step : {-1, 1}) {
    const auto other = co_await parts_.list.of_day(days_after(day, step), parts_.now.now());
    if (!other) continue;
    for (const auto& one : *other) {
      if (missing.contains(one.external_no)) theirs.push_back(one);
    }
  }
}

awaitable<result<std::vector<reconciler::told_event>>> reconciler::told(std::string ticket_no) {
  std::vector<told_event> made;
  const auto present = co_await parts_.tickets.load(ticket_no);
  if (!present) co_return pass(present);
  if (!*present) co_return made;
  const auto events = co_await parts_.tickets.history(ticket_no, 1, (*present)->version());
  if (!events) co_return pass(events);
  const auto land = parts_.province();
  const auto& config = parts_.link.partner.config();
  v1::Ticket past;
  for (const v1::Event& event : *events) {
    domain::apply(past, event);
    auto then = domain::told_to(config, past, event, land->org);
    if (!then) continue;
    // What is told once more is what would be told now: a matter may have become sensitive.
    auto now = domain::told_to(config, **present, event, land->org);
    if (now) made.push_back({event.version(), *std::move(now), then->state()});
  }
  co_return made;
}

awaitable<result<void>> reconciler::repair(v1::ReconciliationReport& report, day_type day) {
  if (const auto pulled = co_await pull_missing(report, day); !pulled) co_return pulled;
  for (auto& difference : *report.mutable_differences()) {
    const auto resent = co_await tell_again(difference);
    if (!resent) co_return pass(resent);
    if (!*resent) continue;
    difference.set_repair(v1::DIFFERENCE_REPAIR_RESENT);
    report.set_resent(report.resent() + 1);
  }
  co_return result<void>();
}

/// One step back for all that is missing: the pull finds them again, and the rest has no effect.
awaitable<result<void>> reconciler::pull_missing(v1::ReconciliationReport& report, day_type day) {
  const auto is_missing = [](const v1::PartnerDifference& one) {
    return one.kind() == v1::DIFFERENCE_KIND_MISSING_HERE;
  };
  if (!parts_.link.partner.config().inbound().has_pull()) co_return result<void>();
  if (std::ranges::none_of(report.differences(), is_missing)) co_return result<void>();
  const auto back = co_await parts_.ledger.pull_again(domain::midnight(day));
  if (!back) co_return pass(back);
  if (!*back) co_return result<void>();
  for (auto& one : *report.mutable_differences()) {
    if (!is_missing(one)) continue;
    one.set_repair(v1::DIFFERENCE_REPAIR_PULLED);
    report.set_pulled(report.pulled() + 1);
  }
  co_return result<void>();
}

/// The last word where they have another state, the whole story where they do not have the ticket.
awaitable<result<bool>> reconciler::tell_again(const v1::PartnerDifference& difference) {
  const bool all = difference.kind() == v1::DIFFERENCE_KIND_MISSING_THERE;
  if (!all && difference.kind() != v1::DIFFERENCE_KIND_STATE) co_return false;
  auto events = co_await told(difference.ticket_no());
  if (!events) co_return pass(events);
  if (!all && events->size() > 1) events->erase(events->begin(), events->end() - 1);
  const instant now = parts_.now.now();
  bool resent = false;
  for (auto& one : *events) {
    v1::OutMessage message;
    *message.mutable_event() = std::move(one.event);
    message.set_made_at(to_unix_ms(now));
    const auto put = co_await parts_.link.queue.put_again({difference.ticket_no(), one.version},
                                                          std::move(message), now);
    if (!put) co_return pass(put);
    resent = resent || *put;
  }
  co_return resent;
}

}  // namespace hotline::transfer
