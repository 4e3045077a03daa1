#include "random_life.hpp"

#include <algorithm>
#include <stdexcept>

#include "catalogue.hpp"
#include "common/domain/decide.hpp"
#include "common/domain/derive.hpp"
#include "small_province.hpp"

namespace hotline::model {

namespace {

/// Moves that bring a ticket forward; without a preference for them hardly any life is closed.
bool leads_on(const v1::Command& c) {
  return c.has_dispatch() || c.has_sign() || c.has_record_contact() || c.has_reply() ||
         c.has_record_visit() || (c.has_review() && c.review().pass());
}

}  // namespace

random_life::random_life(std::uint64_t seed, std::string no, instant start)
    : random_(seed), no_(std::move(no)), now_(start) {
  const auto kind = below(6) == 0 ? v1::KIND_PETITION : v1::KIND_COMPLAINT;
  auto create = create_command(kind, static_cast<v1::Urgency>(1 + below(3)));
  if (!take(nullptr, std::move(create))) throw std::runtime_error("a create was refused");
}

bool random_life::step(instant now) {
  now_ = std::max(now_, now);
  const auto next = domain::next_timer(ticket_);
  if (next && *next <= now_ && below(2) == 0) return take(&ticket_, tick_command());
  auto all = commands_at(now_);
  if (below(2) == 0) std::erase_if(all, [](const v1::Command& c) { return !leads_on(c); });
  const auto& body = all[below(all.size())];
  const auto from = below(actors().size());
  for (std::size_t i = 0; i < actors().size(); ++i) {
    const auto& actor = actors()[(from + i) % actors().size()];
    if (!domain::may_move(body.body_case(), ticket_.state(), actor.role())) continue;
    if (take(&ticket_, said_by(body, actor))) return true;
  }
  return false;
}

bool random_life::advance(milliseconds pause) {
  constexpr int tries_max = 2'000;
  const auto then = now_ + milliseconds(below(static_cast<std::size_t>(pause.count()) + 1));
  for (int i = 0; i < tries_max; ++i) {
    if (step(then)) return true;
  }
  return false;
}

std::size_t random_life::below(std::size_t n) {
  return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
}

bool random_life::take(const v1::Ticket* before, v1::Command command) {
  command.set_ticket_no(no_);
  auto made = domain::decide(before, command, small_province(), now_);
  if (!made || made->events.empty()) return false;
  before_ = ticket_;
  ticket_ = std::move(made->ticket);
  last_ = std::move(made->events);
  history_.insert(history_.end(), last_.begin(), last_.end());
  return true;
}

}  // namespace hotline::model
