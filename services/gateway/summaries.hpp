// Tickets as lines of lists, and pages of them read through an index.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/domain/organisation.hpp"
#include "common/domain/permission.hpp"
#include "common/store/index_reader.hpp"
#include "hotline/v1/api.pb.h"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/ticket.pb.h"
#include "services/gateway/parts.hpp"
#include "services/gateway/request_reading.hpp"

namespace hotline::gateway {

/// What of a line of a list somebody is shown; the same line serves all who are shown the same.
struct line_view {
  bool whole = false;     ///< the present; otherwise only what does not change
  bool internal = false;  ///< who has it and how long still
  domain::field_access words = domain::field_access::hidden;

  bool operator==(const line_view&) const = default;
};

line_view line_view_of(const domain::organisation& org, const v1::Actor& actor,
                       const v1::Ticket& ticket);

/// A ticket as a line of a list: what the present holds is left out for those who are held to its
/// past, and who has it is left out for partners.
v1::TicketSummary summarise(const v1::Ticket& ticket, const line_view& shown);
v1::TicketSummary summarise(const domain::organisation& org, const v1::Actor& actor,
                            const v1::Ticket& ticket);

/// Which tickets of an index belong on a page.
struct listing {
  std::string index;  ///< name of a derived set: "open:370883"
  store::index_order order = store::index_order::ascending;
  v1::Actor reader;
  std::function<bool(const v1::Ticket&)> wanted;
  /// Whether nothing is wanted from an entry of this score on; empty: the index is read to its end.
  std::function<bool(double score)> ends = {};
};

struct summary_page {
  std::vector<v1::TicketSummary> lines;
  std::string next_cursor;  ///< empty: this was the last page
};

/// The tickets an index names, in its order; those that cannot be read are left out and logged.
boost::asio::awaitable<result<std::vector<v1::Ticket>>> load_members(
    const gateway_parts& parts, std::vector<store::index_member> members);

/// Reads on through the index until `limit` wanted tickets are found. At most `scanned_max` are
/// looked at in one request, so a page may be short, even empty, and yet have a next one.
boost::asio::awaitable<result<summary_page>> read_summaries(
    const gateway_parts& parts, listing what, std::optional<store::index_cursor> after,
    std::size_t limit);

inline constexpr std::size_t scanned_max = 1000;

/// cursor=: what next_cursor of the page before said; nothing when absent.
reading<std::optional<store::index_cursor>> read_cursor(const gateway_parts& parts,
                                                        const net::request& request);

}  // namespace hotline::gateway
