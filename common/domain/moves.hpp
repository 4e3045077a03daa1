// The moves of the hotline (domain tables 2.2 and 2.3), one function each. decide() has checked the
// form, the state, the role and the standing by its table before one is called; a function checks
// what is particular to its move and writes the events, or answers why not.
#pragma once

#include "common/domain/move.hpp"

namespace hotline::domain::moves {

// Intake: moves_intake.cpp
refusal create(move& m);
refusal supplement(move& m);
refusal answer_directly(move& m);
refusal check_answer(move& m);
refusal refuse(move& m);
refusal decide_refusal(move& m);

// How much it presses: moves_urgency.cpp
refusal change_urgency(move& m);

// Whose ticket it is: moves_dispatch.cpp, moves_return.cpp
refusal dispatch(move& m);
refusal sign(move& m);
refusal redispatch(move& m);
refusal hand_down(move& m);
refusal take_over(move& m);
refusal request_take_over(move& m);
refusal decide_take_over(move& m);
refusal return_ticket(move& m);
refusal decide_return(move& m);

// Handling: moves_handling.cpp
refusal add_co_handler(move& m);
refusal release_co_handler(move& m);
refusal give_opinion(move& m);
refusal record_contact(move& m);
refusal report_progress(move& m);

// Requests for time: moves_time_requests.cpp
refusal request_extension(move& m);
refusal decide_extension(move& m);
refusal decide_partner_extension(move& m);
refusal request_suspension(move& m);
refusal decide_suspension(move& m);
refusal resume(move& m);
refusal set_partner_due(move& m);

// Pressure: moves_supervision.cpp
refusal urge(move& m);
refusal supervise(move& m);
refusal answer_supervision(move& m);
refusal close_supervision(move& m);
refusal escalate(move& m);

// Result: moves_result.cpp
refusal reply(move& m);
refusal review(move& m);
refusal record_visit(move& m);
refusal order_rework(move& m);

// With a partner: moves_transfer.cpp
refusal transfer_out(move& m);
refusal record_partner_answer(move& m);

// Other ends: moves_ends.cpp
refusal request_termination(move& m);
refusal decide_termination(move& m);
refusal request_exclusion(move& m);
refusal decide_exclusion(move& m);
refusal withdraw(move& m);
refusal archive(move& m);

// Links between tickets and notes: moves_links.cpp
refusal merge(move& m);
refusal add_merged(move& m);
refusal unmerge(move& m);
refusal follow_main(move& m);
refusal annotate(move& m);
refusal add_link(move& m);

// Files: moves_files.cpp
refusal add_attachment(move& m);

// Personal data: moves_personal.cpp
refusal reveal(move& m);

// Time: moves_time.cpp
refusal tick(move& m);
/// Lets everything happen that was due before now: what a Tick would have done, had it come in
/// time.
void catch_up(move& m);
/// At the end of a command that moves deadlines: what lies in the past now has happened.
void catch_up_moved(move& m);

// Calendar or policy have changed: moves_recalculate.cpp
refusal recalculate(move& m);

}  // namespace hotline::domain::moves
