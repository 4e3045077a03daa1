#include "tests/partner/outbox.hpp"

#include <algorithm>
#include <iterator>

namespace hotline::test {
namespace {

/// How far a partner that counts may get out of order.
constexpr std::size_t reorder_max = 8;

}  // namespace

std::optional<v1::PartnerEvent> outbox::take_one() {
  if (waiting_.empty()) return std::nullopt;
  auto chosen = waiting_.begin();
  if (counts_) {
    const auto reach = std::min(waiting_.size(), reorder_max);
    chosen += static_cast<std::ptrdiff_t>(choices_.choose(chosen->serial(), reach));
  } else {
    chosen = std::ranges::find_if(
        waiting_, [&](const auto& event) { return !busy_.contains(event.external_no()); });
    if (chosen == waiting_.end()) return std::nullopt;
    busy_.insert(chosen->external_no());
  }
  v1::PartnerEvent event = std::move(*chosen);
  waiting_.erase(chosen);
  ++in_flight_;
  return event;
}

std::vector<v1::PartnerEvent> outbox::take() {
  std::vector<v1::PartnerEvent> events;
  std::size_t most = 1;
  while (events.size() < most) {
    auto event = take_one();
    if (!event) break;
    if (events.empty()) most = 1 + choices_.choose(event->serial(), per_document_max_);
    events.push_back(std::move(*event));
  }
  return events;
}

void outbox::done(const std::vector<v1::PartnerEvent>& events) {
  in_flight_ -= events.size();
  for (const auto& event : events) busy_.erase(event.external_no());
}

void outbox::again(std::vector<v1::PartnerEvent> events) {
  done(events);
  waiting_.insert(waiting_.begin(), std::make_move_iterator(events.begin()),
                  std::make_move_iterator(events.end()));
}

}  // namespace hotline::test
