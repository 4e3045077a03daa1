// The services a process may run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.hpp"

namespace hotline::program {

/// In the order in which they are listed.
struct service_set {
  bool gateway = false;
  bool dispatch = false;
  bool sla = false;
  bool escalation = false;
  bool audit = false;     ///< in a thread of its own: it waits for the disk
  bool transfer = false;  ///< in a thread of its own: it waits for partners

  static service_set all() { return {true, true, true, true, true, true}; }
  bool any_worker() const { return dispatch || sla || escalation; }
};

/// "gateway,sla"; "redis" stands for none: a process that only keeps Redis. invalid_argument for
/// other names.
result<service_set> parse_services(std::string_view text);

/// "gateway,dispatch,sla,escalation,audit,transfer", or "redis".
std::string to_string(const service_set& services);

/// The group of the exchange with partners: there as long as a partner is active.
inline constexpr const char* transfer_group = "transfer";

}  // namespace hotline::program
