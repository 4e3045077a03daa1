// The board (看板): which derived entries its numbers count.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/domain/organisation.hpp"
#include "hotline/v1/api.pb.h"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// A number of a unit's row: its entries `family:<unit>` with from <= score < to (see derive).
struct board_column {
  std::string family;
  double from;
  double to;
  std::int64_t (v1::BoardRow::*get)() const;
  void (v1::BoardRow::*set)(std::int64_t);
};

/// Columns that can only be above zero where the unit has a `guard` entry, so that a reader may
/// skip them together.
struct board_group {
  std::string guard;
  std::vector<board_column> columns;
};

/// Which tickets are counted. Sensitive ones only for dispatchers and supervisors, who see them all
/// (PERMISSION.md 1.6): which of them others see is a matter of persons, not of units.
enum class board_scope { all, ordinary };

board_scope scope_of(v1::Role reader);

/// The columns at an instant: "today" and "this month" are civil ones of it. `sensitive`: the same
/// columns of the sensitive tickets alone.
std::vector<board_group> board_groups(instant now, bool sensitive = false);

/// The derived sets with every complaint about the reader's own people: few tickets, which numbers
/// count although the reader may not see them.
std::vector<std::string> accusing_sets(const organisation& org, const v1::Actor& reader);

/// The one of these sets that a complaint is in; empty for a ticket that complains of nobody.
std::string accusing_set(const v1::Ticket& ticket);

/// How numbers of the reader's scope must change by this ticket to be the reader's own: -1 it is
/// counted and not seen, 1 it is seen and not counted, 0 otherwise.
int correction(const organisation& org, const v1::Actor& reader, const v1::Ticket& ticket);

/// A number of a unit's row in which a ticket is counted.
struct board_number {
  std::string unit;
  std::int64_t (v1::BoardRow::*get)() const;
  void (v1::BoardRow::*set)(std::int64_t);
};

/// Every number that counts a ticket at an instant; none for one that no board shows.
std::vector<board_number> numbers_of(const v1::Ticket& ticket, instant now);

/// Takes a ticket that these numbers count off a row. False: its unit has none of them.
bool take_off(v1::BoardRow& row, std::span<const board_number> numbers);

/// What follows from the counts of a row: the on-time rate of the month.
void complete_row(v1::BoardRow& row);

}  // namespace hotline::domain
