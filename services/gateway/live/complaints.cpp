#include "services/gateway/live/complaints.hpp"

#include <optional>
#include <utility>

namespace hotline::gateway::live {

using boost::asio::awaitable;

void complaints::want(std::vector<std::string> sets) {
  for (auto& name : sets) sets_.try_emplace(std::move(name));
}

void complaints::reload() {
  for (auto& [name, set] : sets_) set = {};
  known_.clear();
}

void complaints::forget() {
  sets_.clear();
  known_.clear();
}

awaitable<result<void>> complaints::load(instant now) {
  std::vector<std::string> missing;
  for (const auto& [name, set] : sets_) {
    if (!set.loaded) missing.push_back(name);
  }
  if (missing.empty()) co_return result<void>();
  // Most of the sets do not exist.
  const auto sizes = co_await index_.counts(missing);
  if (!sizes) co_return pass(sizes);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if ((*sizes)[i] > 0) {
      if (auto ok = co_await load_set(missing[i], now); !ok) co_return ok;
    }
    sets_[missing[i]].loaded = true;
  }
  co_return result<void>();
}

awaitable<result<void>> complaints::load_set(std::string name, instant now) {
  std::optional<store::index_cursor> after;
  do {
    auto page = co_await index_.page(name, after, store::index_reader::page_max,
                                     store::index_order::ascending);
    if (!page) co_return pass(page);
    after = page->next;
    std::vector<std::string> numbers;
    for (auto& member : page->members) numbers.push_back(std::move(member.no));
    if (numbers.empty()) break;
    auto tickets = co_await tickets_.load_many(numbers);
    if (!tickets) co_return pass(tickets);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const auto& one = (*tickets)[i];
      if (!one) {
        log_.error("ticket={} is not taken off rows: {}", numbers[i], to_string(one.error()));
      } else if (one->has_value()) {
        note(**one, now);
      }
    }
  } while (after);
  co_return result<void>();
}

void complaints::note(const v1::Ticket& ticket, instant now) {
  if (const auto known = known_.find(ticket.no()); known != known_.end()) {
    sets_[domain::accusing_set(known->second.ticket)].numbers.erase(ticket.no());
    known_.erase(known);
  }
  const auto set = sets_.find(domain::accusing_set(ticket));
  if (set == sets_.end()) return;
  auto numbers = domain::numbers_of(ticket, now);
  if (numbers.empty()) return;
  set->second.numbers.insert(ticket.no());
  known_.emplace(ticket.no(), complaint{ticket, std::move(numbers)});
}

std::vector<const complaint*> complaints::unseen_by(const domain::organisation& org,
                                                    const v1::Actor& reader) const {
  std::vector<const complaint*> unseen;
  if (known_.empty()) return unseen;
  for (const auto& name : domain::accusing_sets(org, reader)) {
    const auto set = sets_.find(name);
    if (set == sets_.end()) continue;
    for (const auto& no : set->second.numbers) {
      const complaint& one = known_.at(no);
      if (domain::correction(org, reader, one.ticket) < 0) unseen.push_back(&one);
    }
  }
  return unseen;
}

}  // namespace hotline::gateway::live
