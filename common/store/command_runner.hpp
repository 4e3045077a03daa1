// Commands in, answers out: load, decide, commit; again when somebody else was first.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/domain/province.hpp"
#include "common/store/number_source.hpp"
#include "common/store/personal_vault.hpp"
#include "common/store/ticket_store.hpp"
#include "hotline/v1/api.pb.h"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/rejection.pb.h"

namespace hotline::store {

/// The province as it is now; a reload of the configuration makes the next call give another one.
using province_source = std::function<std::shared_ptr<const domain::province>()>;

struct executed {
  v1::CommandAnswer answer;
  bool replayed = false;       ///< the answer of an earlier, equal request
  std::int64_t commit_no = 0;  ///< 0: nothing was written (a replay, or nothing to do)
  /// As the answer tells it; of a replay as it is now, and nothing where that is out of the actor's
  /// sight.
  std::optional<v1::Ticket> ticket;
};

/// Why a command was not carried out. `why.code` is errc::rejected exactly if there is a rejection;
/// key_reused: the idempotency key belongs to another request; conflict: too many others were
/// first; outcome_unknown: repeat with the same key.
struct refusal {
  failure why;
  std::optional<v1::Rejection> rejection;
};

using run_result = std::expected<executed, refusal>;

/// One per thread, like the store and the client under it. Everything given outlives the runner.
class command_runner {
 public:
  command_runner(ticket_store& store, number_source& numbers, const clock& clock,
                 province_source province, personal_vault& vault);

  /// Carries a command out. A create gets its ticket number here, unless it brings one that was
  /// taken from the number source for it, in the shard of its birth. With a command id (at most 200
  /// bytes) a repeat within a day gives the first answer again; `fingerprint` tells a repeat from
  /// another request under the same id: make it of actor, route and body.
  boost::asio::awaitable<run_result> run(v1::Command command, std::string fingerprint = {});

  /// The same for a caller that has the ticket already, perhaps an old one: it is decided on
  /// without loading, and loaded only if somebody changed it meanwhile.
  boost::asio::awaitable<run_result> run_on(v1::Ticket ticket, v1::Command command,
                                            std::string fingerprint = {});

  /// How a request under this id is remembered; nothing without an id. What is kept of the
  /// fingerprint tells nothing of what was in the request.
  std::optional<idempotency> request(const std::string& id, std::string_view fingerprint);

  /// What a request that was carried out before is answered with. What was answered stays answered,
  /// but not to somebody who has lost sight of the ticket since: to them it does not exist. Only
  /// who created a ticket is told its number again, whatever has become of it.
  boost::asio::awaitable<run_result> repeat(v1::Command command, v1::CommandAnswer answer);

  static constexpr int attempts_max = 16;

 private:
  struct attempt;

  boost::asio::awaitable<run_result> run_create(v1::Command command,
                                                std::optional<idempotency> request);
  boost::asio::awaitable<run_result> run_reserved(v1::Command command,
                                                  std::optional<idempotency> request);
  boost::asio::awaitable<run_result> judged(v1::Command command, run_result end,
                                            std::optional<idempotency> request);
  boost::asio::awaitable<run_result> run_change(std::optional<v1::Ticket> ticket,
                                                v1::Command command,
                                                std::optional<idempotency> request);
  bool is_hidden(const v1::Command& command, const v1::Ticket& ticket) const;
  boost::asio::awaitable<run_result> refuse_unknown(v1::Command command);
  boost::asio::awaitable<attempt> try_once(const v1::Ticket* ticket, const v1::Command& command,
                                           const std::optional<idempotency>& request);

  ticket_store& store_;
  number_source& numbers_;
  const clock& clock_;
  province_source province_;
  personal_vault& vault_;
};

/// What a command answers: the ticket as it is now, and what happened.
v1::CommandAnswer make_answer(const v1::Ticket& ticket, const std::vector<v1::Event>& events);

/// The shard a new ticket is born in: that of the region of the matter, else of the actor's unit.
std::string birth_shard(const v1::Command& command, const domain::organisation& org);
std::string birth_shard(const v1::Intake& intake, std::string_view actor_unit,
                        const domain::organisation& org);

}  // namespace hotline::store
