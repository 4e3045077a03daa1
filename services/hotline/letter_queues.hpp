// The queues of all partners as the gateway looks at their dead letters, for one thread.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "common/exchange/partner.hpp"
#include "common/runtime/store_kit.hpp"
#include "common/store/exchange_queue.hpp"
#include "common/store/exchange_vault.hpp"
#include "services/gateway/letter_desk.hpp"

namespace hotline::program {

/// The kit outlives them. That a partner is part of the data set is the exchange's to see to: until
/// then it has no letters.
class letter_queues {
 public:
  letter_queues(const exchange::partner_book& partners, runtime::store_kit& kit,
                const runtime::store_access& access)
      : vault_(access.keys) {
    for (const auto& partner : partners.all()) {
      auto& queue = queues_.emplace_back(kit.redis, vault_, std::string(partner.name()),
                                         access.options.data_set);
      desks_.push_back({std::string(partner.name()), std::string(partner.unit()), queue});
    }
  }

  std::vector<gateway::letter_desk> desks() const { return desks_; }

 private:
  store::exchange_vault vault_;
  std::deque<store::exchange_queue> queues_;
  std::vector<gateway::letter_desk> desks_;
};

}  // namespace hotline::program
