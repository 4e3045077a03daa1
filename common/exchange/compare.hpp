// Comparing what a partner lists with what we have (对账). Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/exchange/read_message.hpp"
#include "hotline/v1/partner.pb.h"
#include "hotline/v1/partner_health.pb.h"

namespace hotline::exchange {

/// A ticket as our side has it.
struct our_ticket {
  std::string external_no;
  std::string ticket_no;                    ///< empty where it is not known
  v1::State state = v1::STATE_UNSPECIFIED;  ///< unspecified: there is no such ticket here
  bool has_ended = false;  ///< closed, which a merged ticket is without another state
  /// The code they were told last: not every state of ours is told.
  std::string told_word = {};
  bool expected = false;   ///< first exchanged on the day that is compared: they should list it
  bool unsettled = false;  ///< something they told us is not applied yet
  bool unsent = false;     ///< something they are to be told they have not heard
  bool withheld = false;   ///< they are told nothing about it, so its state may differ
};

struct comparison {
  int agreed = 0;
  std::vector<v1::PartnerDifference> differences;  ///< by number
  std::vector<v1::StateCount> states;              ///< by their code, in its order
};

/// Each number once: of a number they list twice the last line counts. A ticket of ours they list
/// by one of its numbers is missing under no other. A number they list that is not among `ours` is
/// missing here. States are compared where they list one and `partner` has a
/// word for ours; what still waits on a side is waiting, not different.
comparison compare(const v1::Partner& partner, std::span<const listed_ticket> theirs,
                   std::span<const our_ticket> ours);

/// How many of each kind, in the order of the kinds.
std::vector<v1::DifferenceCount> count_kinds(std::span<const v1::PartnerDifference> differences);

}  // namespace hotline::exchange
