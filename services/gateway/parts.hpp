// What the gateway works with. Everything is made by main and outlives the gateway; one set per
// thread, except the clock, the province and the metrics, which are shared.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/net/connection_budget.hpp"
#include "common/net/http_message.hpp"
#include "common/store/attachment_store.hpp"
#include "common/store/audit_log.hpp"
#include "common/store/board_reader.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/file_link.hpp"
#include "common/store/file_receipt.hpp"
#include "common/store/index_reader.hpp"
#include "common/store/personal_vault.hpp"
#include "common/store/queues.hpp"
#include "common/store/ticket_store.hpp"
#include "services/gateway/authenticator.hpp"
#include "services/gateway/cursor_seal.hpp"
#include "services/gateway/identity_parts.hpp"
#include "services/gateway/letter_desk.hpp"
#include "services/gateway/metrics.hpp"
#include "services/gateway/partner_desk.hpp"
#include "services/gateway/refusals.hpp"

namespace hotline::gateway {

namespace live {
class feed;
}
struct partner_health_parts;
struct intake_parts;

/// What /v1/stream works with.
struct live_parts {
  live::feed* feed = nullptr;  ///< nullptr: there is no live push
  /// Sockets by user, over all threads.
  std::shared_ptr<net::connection_budget> per_user = {};
  std::vector<std::string> origins = {};
  /// Whether who has opened a socket may go on; asked again and again. Empty: they may.
  std::function<std::function<bool()>(const v1::Actor&, const net::request&)> rights_of = {};
};

/// What files are handed in with.
struct upload_parts {
  const store::file_receipts& receipts;
  std::size_t file_bytes_max = std::size_t{10} * 1024 * 1024;
  /// Redis may write to the same disk, and tickets come first: with less left no file is taken.
  std::uintmax_t free_bytes_min = std::uintmax_t{1024} * 1024 * 1024;
  /// Files on their way at once, in all and from one user; over all threads.
  std::shared_ptr<net::connection_budget> room = {};
};

struct gateway_parts {
  store::command_runner& runner;
  store::ticket_store& tickets;
  store::queues& queues;
  store::index_reader& index;
  store::board_reader& board;
  store::province_source province;
  authenticator& who;
  /// Sessions and users; nullptr: the API has no such resources (tests of the rest).
  const identity_parts* identity = nullptr;
  const clock& now;
  store::personal_vault& vault;
  metrics& counts;
  logger log;
  /// Whether Redis is connected and its guard has passed; asked by /readyz.
  std::function<bool()> ready;
  /// Rehearsal mode: the clock that PUT /v1/clock sets; nullptr in real service.
  virtual_clock* rehearsal_clock = nullptr;
  /// Tells the other processes of a rehearsal the new time and rate, before it is set here.
  std::function<boost::asio::awaitable<result<void>>(instant, double rate)> share_clock = {};
  /// Seals the cursors of lists; the same in all gateways of a data set.
  std::shared_ptr<const cursor_seal> cursors = std::make_shared<const cursor_seal>();
  /// The audit records; nullptr: there is no route to them.
  store::audit_log* audit = nullptr;
  /// Records and limits refusals; nullptr: they are only counted.
  refusals* refused = nullptr;
  live_parts live = {};
  /// The partners and what they send; nullptr: there are none.
  partner_parts* partners = nullptr;
  /// Of every active partner.
  std::vector<letter_desk> letters = {};
  /// What is kept of the tickets' files; nullptr: there is no route to them.
  const store::attachment_store* files = nullptr;
  /// How files are handed in; nullptr: they are not, and no receipt is good.
  const upload_parts* uploads = nullptr;
  /// The addresses partners get such files at; nullptr: none.
  const store::file_links* links = nullptr;
  /// How the exchange with partners goes; nullptr: there is no route to it.
  const partner_health_parts* partner_health = nullptr;
  /// 公众渠道; nullptr: there are no routes for them.
  const intake_parts* intake = nullptr;
  /// Besides loopback, who may read the metrics and the description of the API.
  std::vector<std::string> trusted_proxies = {};
};

}  // namespace hotline::gateway
