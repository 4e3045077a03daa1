// The workbench of one decision: the ticket as it stands, the events so far, and the change being
// written. Rules read from it and write to it; nothing else in the domain builds events.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/domain/clocks.hpp"
#include "common/domain/derive.hpp"
#include "common/domain/province.hpp"
#include "common/domain/rejections.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/event.pb.h"

namespace hotline::domain {

/// Nothing, or why not.
using refusal = std::optional<v1::Rejection>;

class move {
 public:
  /// `current` is nullptr for a create. All references outlive the move.
  move(const v1::Ticket* current, const v1::Command& command, const province& land, instant now);
  /// Works on a ticket that is given away.
  move(v1::Ticket current, const v1::Command& command, const province& land, instant now);
  move(const move&) = delete;
  move& operator=(const move&) = delete;

  /// As the finished events leave it.
  const v1::Ticket& ticket() const { return *stands_; }
  const v1::Command& command() const { return command_; }
  const v1::Actor& actor() const { return command_.actor(); }
  const province& land() const { return land_; }
  const organisation& org() const { return land_.org; }
  const policies& policy() const { return land_.policy; }
  instant now() const { return now_; }
  std::int64_t now_ms() const { return to_unix_ms(now_); }

  /// From here on the events are those of the command, not of the time that has passed before it.
  void begin_command();
  /// From here on the events are those of the time again: what the command has made due.
  void end_command();
  /// Whether the command itself has led to an event.
  bool has_spoken() const { return events_.size() > events_before_command_; }

  /// Opens the next event; the one before is finished and applied. The first event of a command
  /// carries the command's words.
  v1::Change& event(v1::EventKind kind);
  v1::Event& current_event();
  bool has_open_event() const { return open_; }
  /// Finishes the open event and hands everything over.
  std::vector<v1::Event> take_events() &&;
  v1::Ticket take_ticket() &&;
  void finish();

  // Items of the ticket as the open event leaves them; the first touch copies them into it. The
  // reference holds until another item of the same kind is touched.
  v1::Assignment& edit_assignment(std::int32_t id);
  v1::Request& edit_request(std::int32_t id);
  v1::Supervision& edit_supervision(std::int32_t id);
  v1::Transfer& edit_transfer(std::int32_t id);

  v1::Assignment& add_assignment();
  v1::Request& add_request(v1::RequestKind kind);
  v1::Supervision& add_supervision();
  v1::Transfer& add_transfer();

  /// Starts a clock of a step by the policy's limit at the ticket's urgency, if there is one.
  void start_step(v1::ClockKind kind, std::int32_t assignment, std::string_view unit,
                  std::int32_t subject = 0);
  void start(const clock_order& order);
  /// Ends every running or paused clock of the kind (met or missed); assignment -1 = any.
  void stop(v1::ClockKind kind, std::int32_t assignment = -1, std::int32_t subject = -1);
  void cancel(v1::ClockKind kind, std::int32_t assignment = -1, std::int32_t subject = -1);
  void cancel_all_clocks();
  void pause_all_of(std::int32_t assignment);
  void resume_all_of(std::int32_t assignment, instant since);
  void pause(v1::ClockKind kind, std::int32_t assignment);
  void resume(v1::ClockKind kind, std::int32_t assignment);
  /// A running or paused clock as the open event leaves it; nullptr when there is none.
  v1::Clock* edit_clock(v1::ClockKind kind, std::int32_t assignment, std::int32_t subject = 0);

  /// Sets the state; what it was is kept by `remember_state` where it is needed again.
  void state(v1::State next) { change().set_state(next); }
  /// The partner's deadline after the open event; 0 = none.
  std::int64_t partner_due_at() const;
  /// What the caller wants, as the open event leaves it.
  const v1::Intake& intake() const;
  // As the open event leaves them; never unspecified.
  v1::Urgency urgency() const;
  v1::Grade grade() const;
  bool priority() const;

  /// Ends the ticket: open assignments and requests are closed, clocks cancelled, archive clock
  /// set.
  void end_ticket(v1::State final_state, v1::AssignmentState parts_end_as);
  /// 归档: the ended ticket becomes read-only by itself.
  void start_archive_clock();

 private:
  v1::Change& change();
  template <class Fn>
  void each_clock(v1::ClockKind kind, std::int32_t assignment, std::int32_t subject, Fn fn);
  v1::Clock& touch(const v1::Clock& clock);

  v1::Ticket ticket_;
  /// The ticket given, until the first event is applied to a copy: most rejections need none.
  const v1::Ticket* stands_;
  const v1::Command& command_;
  const province& land_;
  instant now_;
  std::vector<v1::Event> events_;
  std::size_t events_before_command_ = 0;
  bool speaking_ = false;
  bool open_ = false;
  std::int32_t assignments_added_ = 0;
  std::int32_t subjects_added_ = 0;
};

}  // namespace hotline::domain
