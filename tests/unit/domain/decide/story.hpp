// Tests of the rules read as stories: one line a step, with who, what, when and what comes of it.
//
//   2026-11-23 09:00  OPERATOR@370000   create intake { … }          -> ACCEPTED
//   +2h               OFFICER@370883    sign                          -> HANDLING
//   +1d               OFFICER@370883    reply reply { … }             -> !contact_missing
//
// A time is absolute (civil) or after the step before (min, h, d). A body is the textproto of the
// command's message. What is expected: the state after, or `!` and the code of the rejection, or
// `=` where nothing may happen. After every step the promises are checked (see check_promises).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/domain/decide.hpp"

namespace hotline::test {

/// The province as it is shipped in config/, with its partners switched on; built once per program.
const domain::province& shipped_province();

/// What must hold for every ticket after every step; the sentences of what does not.
std::vector<std::string> broken_promises(const v1::Ticket& ticket);

class story {
 public:
  explicit story(const domain::province& land = shipped_province()) : land_(land) {}

  /// Plays the lines; fails the running doctest case at the first that goes another way.
  story& play(std::string_view lines);

  /// A common beginning: an accepted wage complaint in 邹城, at 2026-11-23 09:00 (a Monday).
  story& accepted(std::string_view more_intake = "");
  /// … dispatched to 370883.
  story& dispatched();
  /// … signed.
  story& handling();
  /// … contacted and replied.
  story& replied();

  const v1::Ticket& ticket() const { return ticket_; }
  const std::vector<v1::Event>& history() const { return history_; }
  /// Events of the last step.
  const std::vector<v1::Event>& events() const { return last_; }
  /// The rejection of the last step.
  const v1::Rejection& rejection() const { return rejection_; }
  instant now() const { return now_; }
  /// A clock of the ticket by kind (the last started, one that runs first); fails when there is
  /// none.
  const v1::Clock& clock(v1::ClockKind kind) const;
  /// "2026-11-30 17:30"
  std::string due(v1::ClockKind kind) const;

 private:
  void step(std::string_view line);
  v1::Command read_command(std::string_view words) const;
  void check_accepted(const domain::decision& made, std::string_view line);

  const domain::province& land_;
  v1::Ticket ticket_;
  bool exists_ = false;
  std::vector<v1::Event> history_;
  std::vector<v1::Event> last_;
  v1::Rejection rejection_;
  instant now_{};
};

}  // namespace hotline::test
