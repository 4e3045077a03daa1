#include "common/store/sealed_index.hpp"

#include <algorithm>
#include <tuple>

namespace hotline::store {
namespace {

constexpr unsigned serial_bits = 32;
/// Keeps days before 1970 (nobody has them) in order.
constexpr std::int64_t day_bias = 1'000'000;

}  // namespace

ticket_code code_of(const sealed_item& item) {
  return static_cast<ticket_code>(item.day + day_bias) << serial_bits | item.serial;
}

std::string ticket_no_of(std::string_view shard, ticket_code code) {
  sealed_item item;
  item.day = static_cast<std::int32_t>(static_cast<std::int64_t>(code >> serial_bits) - day_bias);
  item.serial = static_cast<std::uint32_t>(code);
  item.version = 1;
  return ticket_no_of(shard, item);
}

void sealed_index::sort() {
  std::ranges::sort(events_, [](const sealed_event& a, const sealed_event& b) {
    return std::tie(a.ticket, a.version, a.entry) < std::tie(b.ticket, b.version, b.entry);
  });
}

std::span<const sealed_event> sealed_index::next_ticket() {
  const std::size_t begin = at_;
  while (at_ < events_.size() && events_[at_].ticket == events_[begin].ticket) ++at_;
  return {events_.data() + begin, at_ - begin};
}

}  // namespace hotline::store
