// Complaints about units whose people watch boards. Rows are counted once for everybody; the few
// readers whom a complaint is about get rows of their own, without it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/domain/board.hpp"
#include "common/domain/organisation.hpp"
#include "common/store/index_reader.hpp"
#include "common/store/ticket_store.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::gateway::live {

struct complaint {
  v1::Ticket ticket;
  std::vector<domain::board_number> numbers;  ///< of this day
};

/// Loaded once, then kept up by being told of every ticket that changed. What counts depends on the
/// civil day: on a new one everything is loaded again.
class complaints {
 public:
  complaints(store::index_reader& index, store::ticket_store& tickets, logger log)
      : index_(index), tickets_(tickets), log_(std::move(log)) {}

  /// From now on complaints of these derived sets (domain::accusing_sets) are needed.
  void want(std::vector<std::string> sets);
  bool any_wanted() const { return !sets_.empty(); }
  /// Events were missed, or the day is another: everything wanted is loaded anew.
  void reload();
  /// Nobody needs any.
  void forget();

  /// Loads what is wanted and not known. On failure the rest stays wanted.
  boost::asio::awaitable<result<void>> load(instant now);
  /// A ticket as it is after a change.
  void note(const v1::Ticket& ticket, instant now);

  /// Those that numbers of the reader's scope count although the reader may not see them.
  std::vector<const complaint*> unseen_by(const domain::organisation& org,
                                          const v1::Actor& reader) const;

 private:
  struct members {
    bool loaded = false;
    std::set<std::string> numbers;
  };

  boost::asio::awaitable<result<void>> load_set(std::string name, instant now);

  std::map<std::string, members> sets_;
  std::unordered_map<std::string, complaint> known_;  // by number: those that boards count
  store::index_reader& index_;
  store::ticket_store& tickets_;
  logger log_;
};

}  // namespace hotline::gateway::live
