// Requests that were refused because of who asked (权限拒绝): counted by user and address, the
// first of each kind put on record, and beyond a limit answered without saying why.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "common/base/clock.hpp"
#include "common/base/log.hpp"
#include "common/net/problem.hpp"
#include "common/store/audit_log.hpp"
#include "hotline/v1/command.pb.h"

namespace hotline::gateway {

/// Code of what a partner has not signed as agreed.
inline constexpr std::string_view wrong_signature = "signature_invalid";

/// Whether a refusal says that somebody tried what is not theirs: rights, unknown or hidden
/// tickets, sealed and masked fields, a locked sign-in, a wrong signature. Rules of the hotline
/// that say no to honest work (409, most of 422) are none, however many an office meets.
bool is_about_rights(const net::problem& p);

struct refusal_limits {
  std::chrono::seconds window{60};
  int of_user_max = 60;      ///< in a window; pages and scripts that repeat themselves stay below
  int of_address_max = 600;  ///< which a whole office may share
  std::size_t keys_max =
      10'000;  ///< users and addresses remembered in a window; more are not told apart
};

/// Who was refused what.
struct refused_request {
  v1::Actor actor;  ///< empty: nobody known
  std::string address;
  std::string request_id;
  std::string operation;
};

/// One per thread. Costs nothing where nothing is refused.
class refusals {
 public:
  /// `records` and `now` outlive it.
  refusals(store::audit_log& records, const clock& now, logger log, refusal_limits limits = {})
      : records_(records), now_(now), log_(std::move(log)), limits_(limits) {}

  /// Counts it, and records the first of its code in the window of this user and address. What is
  /// answered: the problem, or beyond the limits 429.
  boost::asio::awaitable<net::problem> judge(refused_request what, net::problem p);

 private:
  struct verdict {
    bool first;
    bool over;
  };
  verdict count(const refused_request& what, std::string_view code);
  bool count_one(std::string key, int max);

  store::audit_log& records_;
  const clock& now_;
  logger log_;
  refusal_limits limits_;
  std::unordered_map<std::string, int> counts_;
  std::unordered_set<std::string> recorded_;
  std::chrono::steady_clock::time_point begun_{};
};

}  // namespace hotline::gateway
