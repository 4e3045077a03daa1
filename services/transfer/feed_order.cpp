#include "services/transfer/feed_order.hpp"

#include <algorithm>
#include <tuple>

namespace hotline::transfer {
namespace {

using item = store::waiting_items::item;

bool creates(const item& one) {
  return one.content.event().kind() == v1::PARTNER_EVENT_KIND_CREATE;
}

bool is_ready(const store::waiting_items& waiting, const item& one) {
  if (creates(one)) return true;
  // Without a number of ours the message is about a ticket that has not come yet.
  return !waiting.ticket_no.empty() && one.content.event().sequence() <= waiting.applied + 1;
}

}  // namespace

std::optional<std::size_t> next_to_apply(const store::waiting_items& waiting) {
  const auto& items = waiting.items;
  std::optional<std::size_t> best;
  const auto rank = [&](std::size_t i) {
    return std::tuple(!creates(items[i]), items[i].content.event().sequence());
  };
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (is_ready(waiting, items[i]) && (!best || rank(i) < rank(*best))) best = i;
  }
  return best;
}

std::size_t first_to_give_up(const store::waiting_items& waiting) {
  const auto& items = waiting.items;
  const auto first = std::ranges::min_element(items, {}, [](const item& one) {
    return std::tuple(one.content.event().sequence(), one.content.received_at());
  });
  return static_cast<std::size_t>(first - items.begin());
}

instant patience_ends(const store::waiting_items& waiting, milliseconds gap_wait) {
  const auto oldest = std::ranges::min(waiting.items, {},
                                       [](const item& one) { return one.content.received_at(); });
  return from_unix_ms(oldest.content.received_at()) + gap_wait;
}

}  // namespace hotline::transfer
