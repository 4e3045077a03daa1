// Which of a ticket's waiting messages comes next.
#pragma once

#include <cstddef>
#include <optional>

#include "common/base/clock.hpp"
#include "common/store/exchange_feed.hpp"

namespace hotline::transfer {

/// The place among the items of the one to apply now; nothing while all of them wait for messages
/// before them. What creates the ticket comes first, then the lowest sequence; a message without
/// one comes in its turn. Late ones are never held up: the rules know what has passed.
std::optional<std::size_t> next_to_apply(const store::waiting_items& waiting);

/// Of those that all wait, the one that goes first when waiting is over.
std::size_t first_to_give_up(const store::waiting_items& waiting);

/// When the first of them has waited long enough.
instant patience_ends(const store::waiting_items& waiting, milliseconds gap_wait);

}  // namespace hotline::transfer
