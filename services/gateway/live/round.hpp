// What a round of the feed works on: changed tickets, each once.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/domain/board.hpp"
#include "common/domain/organisation.hpp"
#include "common/store/stream_tail.hpp"
#include "hotline/v1/api.pb.h"
#include "hotline/v1/ticket.pb.h"
#include "services/gateway/live/event_ring.hpp"
#include "services/gateway/live/frames.hpp"
#include "services/gateway/live/session.hpp"
#include "services/gateway/live/touch.hpp"

namespace hotline::gateway::live {

/// A ticket to which something happened.
struct changed_ticket {
  std::string no;
  std::vector<v1::EventKind> kinds;  ///< in order, each once
  touch touched;
  std::int64_t version_before = 0;  ///< 0: there was no such ticket
};

/// By number; tickets that cannot be read are missing.
using loaded_tickets = std::unordered_map<std::string, v1::Ticket>;

/// Tickets as they were, by number and version: of those that somebody may not be told any more.
using past_tickets = std::map<std::pair<std::string, std::int64_t>, v1::Ticket>;

/// Rows of the board as they were counted, by scope and unit, the same as JSON, and when that was.
struct board_rows {
  using place = std::pair<domain::board_scope, std::string>;

  std::map<place, v1::BoardRow> counted;
  std::map<place, std::string> texts;
  std::string at;  ///< RFC 3339
};

/// Rows for one client.
struct own_rows {
  domain::board_scope scope;
  std::vector<std::string> units;
  /// By unit, as JSON: those that are other than what was counted for everybody.
  std::map<std::string, std::string> corrected = {};
};

/// Collects events by ticket, in the order of the first event of each.
class change_list {
 public:
  void add(const seen_event& event);
  const std::vector<changed_ticket>& changes() const { return changes_; }

 private:
  std::vector<changed_ticket> changes_;
  std::unordered_map<std::string, std::size_t> places_;
};

/// The index keys of everything a changed ticket concerns: whoever has subscribed to one of them
/// is told.
std::vector<std::string> keys_of(const changed_ticket& change, const v1::Ticket& now,
                                 const domain::organisation& org);

/// Units whose rows of the board may have changed.
std::vector<std::string> rows_of(const changed_ticket& change, const v1::Ticket& now,
                                 const domain::organisation& org);

/// The messages of a round: what several clients get is written once.
class round_texts {
 public:
  round_texts(const json::codec& codec, const std::vector<changed_ticket>& changes,
              const loaded_tickets& tickets, const past_tickets& past, const board_rows& rows,
              std::string position)
      : codec_(codec),
        changes_(changes),
        tickets_(tickets),
        past_(past),
        rows_(rows),
        position_(std::move(position)) {}

  const std::vector<changed_ticket>& changes() const { return changes_; }
  const board_rows& rows() const { return rows_; }
  /// nullptr: it could not be read.
  const v1::Ticket* ticket(const std::string& no) const;
  /// As it was before the change; nullptr where nobody needed to know.
  const v1::Ticket* ticket_before(const changed_ticket& change) const;

  /// The messages for these hits (places in changes(), with topics) and rows.
  const std::vector<text>& messages(const std::vector<session::hit>& hits, const own_rows& rows);
  /// The same for changes of a client's own.
  std::vector<text> own_messages(const std::vector<changed_ticket>& changes,
                                 const std::vector<session::hit>& hits, const own_rows& rows) const;

 private:
  void add_rows(frame& out, const own_rows& rows) const;

  const json::codec& codec_;
  const std::vector<changed_ticket>& changes_;
  const loaded_tickets& tickets_;
  const past_tickets& past_;
  const board_rows& rows_;
  std::string position_;
  std::map<std::pair<std::size_t, std::string>, std::string> written_;  // by change and shape
  std::unordered_map<std::string, std::vector<text>> made_;
};

seen_event see(const store::stream_id& id, const v1::Event& event);

}  // namespace hotline::gateway::live
