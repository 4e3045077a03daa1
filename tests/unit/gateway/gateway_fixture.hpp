// A gateway on a real HTTP server with a real Redis, and a client that speaks to it.
#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/domain/province.hpp"
#include "common/net/http_client.hpp"
#include "common/net/http_server.hpp"
#include "common/store/board_reader.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/commit_floor.hpp"
#include "common/store/file_receipt.hpp"
#include "common/store/guard.hpp"
#include "common/store/index_reader.hpp"
#include "common/store/intake_limits.hpp"
#include "common/store/number_source.hpp"
#include "common/store/queues.hpp"
#include "common/store/ticket_store.hpp"
#include "services/gateway/gateway.hpp"
#include "services/gateway/intake/channel_rules.hpp"
#include "services/gateway/live/feed.hpp"
#include "tests/support/redis_fixture.hpp"
#include "tests/support/test_keys.hpp"
#include "tests/unit/gateway/header_authenticator.hpp"

namespace hotline::gateway {

/// Who sends a request; user "li", e.g. {"ROLE_OPERATOR", "370000"}.
struct sender {
  std::string role;
  std::string unit;
  std::string user = "li";
  std::string other_unit = {};  ///< where the user belongs besides
};

inline const sender operator_of_province{"ROLE_OPERATOR", "370000"};
inline const sender dispatcher_of_province{"ROLE_DISPATCHER", "370000"};
inline const sender officer_of_zoucheng{"ROLE_OFFICER", "370883", "wang"};
inline const sender administrator{"ROLE_ADMINISTRATOR", "370000", "admin"};

/// A create that is accepted: a wage complaint in 邹城 (370883).
inline constexpr std::string_view good_create = R"({"intake":{"source":"SOURCE_PHONE",
  "caller":{"name":"赵师傅","phone":"13805310001","consent_to_share":true},
  "employer":{"name":"济宁某置业公司"},
  "matter":{"kind":"KIND_COMPLAINT","category":"wages.arrears","region":"370883",
            "content":"工地瓦工，公司拖欠工资"}}})";

/// The province as it is shipped in config/; built once per program.
std::shared_ptr<const domain::province> shipped_province();

enum class mode { live, rehearsal };

/// Live push without long waits.
live::feed_options quick_push();

class gateway_fixture {
 public:
  /// The clock stands still at 2026-11-23 09:00 +08:00, a Monday.
  explicit gateway_fixture(mode how = mode::live, live::feed_options pushed = quick_push());
  ~gateway_fixture();

  net::response send(net::method verb, std::string target, net::field_list headers,
                     std::string body = {});
  net::response get(const sender& who, std::string target);
  /// A JSON POST with an Idempotency-Key of its own, or the given one.
  net::response post(const sender& who, std::string target, std::string_view body = {},
                     std::string key = {});

  /// Hands a file in; the route is there once a test has opened the door to files.
  net::response upload(const sender& who, std::string_view bytes, std::string_view name);
  /// As if `who` had handed these bytes in now.
  std::string receipt_for(const sender& who, std::string_view bytes);

  /// Creates a ticket from good_create and returns its number.
  std::string create_ticket();
  /// The same, dispatched to 370883.
  std::string dispatch_ticket();

  const std::string& data_set() const { return guard_->data_set(); }
  gateway_parts parts(mode how);

  /// A digest of everything Redis keeps but the heads of the shards, from which ticket numbers are
  /// leased: a request that changes nothing leaves it as it was.
  std::string digest();

  test::redis_fixture redis{{"enable-debug-command local"}};
  std::shared_ptr<const domain::province> land = shipped_province();
  virtual_clock clock;
  store::commit_floor floor;
  metrics counts;
  header_authenticator authenticated;
  bool ready = true;
  /// Whether whoever opens a socket may keep it.
  std::function<bool(const v1::Actor&)> rights = [](const v1::Actor&) { return true; };
  live::live_counters live_counts;
  std::shared_ptr<const cursor_seal> seal = std::make_shared<const cursor_seal>();
  std::unique_ptr<live::feed> feed;
  /// With these the next renew_feed() opens the door to partners; their owner outlives the
  /// fixture's last request.
  partner_parts* partners = nullptr;
  /// With these the next renew_feed() opens the routes about partners.
  std::unique_ptr<partner_health_parts> partner_health;

  std::uint16_t port() const { return server_->port(); }
  store::ticket_store& tickets() { return *tickets_; }
  store::audit_log& audit() { return *audit_; }
  /// Takes up push anew, as another process would.
  void renew_feed(live::feed_options pushed = quick_push());
  /// Ends it, and runs the context meanwhile: while everything that works there still exists.
  void stop_feed();
  std::vector<std::pair<instant, double>> shared_clocks;
  /// The public channels: none are configured at first.
  std::unique_ptr<store::intake_limits> intake_limits;
  std::unique_ptr<intake_parts> intake;
  store::file_receipts receipts{test::keys_for_tests()};
  upload_parts uploads{.receipts = receipts,
                       .room = std::make_shared<net::connection_budget>(4, 2)};

 private:
  int feed_loops_ = 0;  // of the feed, running

  std::unique_ptr<store::guard> guard_;
  std::unique_ptr<store::audit_log> audit_;
  std::unique_ptr<store::ticket_store> tickets_;
  std::unique_ptr<store::number_source> numbers_;
  store::personal_vault vault_{test::keys_for_tests()};
  std::unique_ptr<store::command_runner> runner_;
  std::unique_ptr<store::index_reader> index_;
  std::unique_ptr<store::queues> queues_;
  std::unique_ptr<store::board_reader> board_;
  int keys_ = 0;

 public:
  std::unique_ptr<gateway> door;

 private:
  std::unique_ptr<net::http_server> server_;
  std::unique_ptr<net::http_client> client_;
  mode how_;
};

net::field_list headers_of(const sender& who);

/// The body of an answer; fails the test when it is not JSON.
boost::json::value parse(const net::response& answer);
/// A text member of an answer's object; empty when absent. `path` may have dots.
std::string text_at(const net::response& answer, std::string_view path);
/// A whole number of an answer's object; 0 when absent.
std::int64_t number_at(const net::response& answer, std::string_view path);

}  // namespace hotline::gateway
