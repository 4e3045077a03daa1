#include "common/domain/merging.hpp"

#include "common/domain/free_text.hpp"

namespace hotline::domain {

v1::FollowMain how_it_ended(const v1::Ticket& main) {
  v1::FollowMain told;
  told.set_ended_as(main.state());
  told.set_result(main.reply().result());
  told.set_public_answer(mask_free_text(main.reply().public_answer()));
  return told;
}

}  // namespace hotline::domain
