// What of a partner's was carried out on a ticket before (先后): what comes late overwrites nothing
// that the partner said after it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "hotline/v1/event.pb.h"
#include "hotline/v1/exchange.pb.h"

namespace hotline::domain {

/// The id of the command at `place` of those the item `item_id` asks for. It says which place the
/// message has among the partner's, so that the ticket's history, which is written in one step with
/// the effect, remembers that as well.
std::string feed_command_id(std::string_view item_id, std::size_t place,
                            const v1::PartnerEvent& event);

/// Whether what an event of the kind asks for depends on what was heard before.
bool is_told_in_order(v1::PartnerEventKind kind);

/// By the history of one ticket.
class heard_before {
 public:
  /// Events of others than the partner of `unit` say nothing, and what created the ticket came
  /// before all else.
  void add(const v1::Event& event, std::string_view unit);

  /// Whether one of these (none: any) was carried out that the partner said after `event`. Who
  /// counts is believed by the count, who does not by the instants; of the same second is not late.
  bool after(const v1::PartnerEvent& event, std::initializer_list<v1::EventKind> what = {}) const;

 private:
  struct place {
    std::int64_t sequence = 0;
    std::int64_t occurred_at = 0;
  };
  std::map<v1::EventKind, place> newest_;
};

}  // namespace hotline::domain
