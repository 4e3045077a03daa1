// Which tickets a list is asked for: the parameters of GET /v1/tickets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/organisation.hpp"
#include "hotline/v1/ticket.pb.h"
#include "services/gateway/api.hpp"
#include "services/gateway/request_reading.hpp"
#include "services/gateway/summaries.hpp"

namespace hotline::gateway {

struct ticket_filter {
  std::string unit;  ///< empty: any
  v1::State state = v1::STATE_UNSPECIFIED;
  std::string category;  ///< "wages" means "wages.arrears", too
  std::string region;    ///< and what lies in it
  v1::Urgency urgency = v1::URGENCY_UNSPECIFIED;
  v1::Light light = v1::LIGHT_UNSPECIFIED;
  v1::Source source = v1::SOURCE_UNSPECIFIED;
  std::optional<bool> overdue;
  std::int64_t created_from_at = 0;  ///< 0: since ever
  std::int64_t created_to_at = 0;    ///< not included; 0: until now

  /// Asks about what a ticket is now, which those who lost it are not told.
  bool asks_present() const;
  /// Asks how the unions share the work, which partners are not told.
  bool asks_work() const;
};

/// Their names and meanings, for the route.
std::vector<query_parameter> filter_parameters();

reading<ticket_filter> read_filter(const net::request& request, const domain::organisation& org);

/// Whether the unit took the ticket, has to act on it, or has or had a part in it.
bool has_part(const v1::Ticket& ticket, std::string_view unit);

/// Whether a ticket is one that is asked for, its unit aside (has_part, or an index), as far as the
/// reader's line of it says: nothing is found by what the line does not show.
bool matches(const ticket_filter& filter, const domain::organisation& org, const line_view& shown,
             const v1::Ticket& ticket);

}  // namespace hotline::gateway
