#include "common/store/recent_tickets.hpp"

namespace hotline::store {

void recent_tickets::put(v1::Ticket ticket) {
  auto no = ticket.no();
  tickets_.insert_or_assign(no, kept{std::move(ticket), ++turn_});
  order_.emplace_back(std::move(no), turn_);
  while (order_.size() > most_) {
    const auto& [oldest, turn] = order_.front();
    const auto found = tickets_.find(oldest);
    if (found != tickets_.end() && found->second.turn == turn) tickets_.erase(found);
    order_.pop_front();
  }
}

std::optional<v1::Ticket> recent_tickets::take(const std::string& no) {
  auto found = tickets_.extract(no);
  if (found.empty()) return std::nullopt;
  return std::move(found.mapped().ticket);
}

}  // namespace hotline::store
