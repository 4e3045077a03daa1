#include "common/domain/merging.hpp"

#include "common/domain/free_text.hpp"

namespace hotline::domain {

v1::FollowMain how_it_ended(const v1::Ticket& main) {
  v1::FollowMain told;
  told.set_ended_as(main.state());
  told.set_result(main.reply().result());
  // Of a matter that is not to be known of, or a caller who is not to be, others read nothing.
  const bool is_secret = main.intake().sensitivity() == v1::SENSITIVITY_SENSITIVE ||
                         main.intake().caller().confidential();
  if (!is_secret) told.set_public_answer(mask_free_text(main.reply().public_answer()));
  return told;
}

v1::State state_for_others(v1::State state, bool has_ended) {
  if (state != v1::STATE_MERGED) return state;
  return has_ended ? v1::STATE_CLOSED : v1::STATE_HANDLING;
}

}  // namespace hotline::domain
