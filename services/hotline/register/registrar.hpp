// One row of a register becomes its ticket, once for ever: whenever a run is cut off and however
// often the row is read again.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "common/store/register_numbers.hpp"
#include "hotline/v1/ticket.pb.h"
#include "services/hotline/register/register_report.hpp"
#include "services/hotline/register/register_rows.hpp"
#include "services/hotline/tool_session.hpp"

namespace hotline::program {

struct row_taken {
  row_outcome outcome;
  bool answered = false;       ///< its answer is filed, now or before
  std::optional<failure> why;  ///< it makes no sense to go on; the outcome is `waiting`
};

/// First the row has a number reserved for it, then the ticket is made under this number, then it
/// is answered. Each step looks whether it was done already.
class registrar {
 public:
  /// The session outlives it.
  registrar(tool_session& session, v1::Actor actor);

  boost::asio::awaitable<row_taken> take(register_entry entry);

 private:
  using step = boost::asio::awaitable<row_taken>;

  step make(register_entry entry, std::string no);
  step go_on(register_entry entry, v1::Ticket ticket);
  step answer(register_entry entry, v1::Ticket ticket, row_end end);
  boost::asio::awaitable<std::optional<result<store::register_place>>> place_of(
      const register_entry& entry);
  store::register_row prints_of(const register_identity& identity);

  tool_session& session_;
  v1::Actor actor_;
  store::register_numbers numbers_;
};

}  // namespace hotline::program
