#include "tests/unit/gateway/gateway_fixture.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "common/crypto/digest.hpp"
#include "common/net/http_target.hpp"
#include "common/runtime/config_loader.hpp"
#include "common/store/file_type.hpp"

namespace hotline::gateway {

namespace {

constexpr std::chrono::seconds patience{10};

boost::asio::awaitable<result<void>> remember(std::vector<std::pair<instant, double>>& shared,
                                              instant then, double rate) {
  shared.emplace_back(then, rate);
  co_return result<void>();
}

const boost::json::value* find_at(const boost::json::value& root, std::string_view path) {
  const boost::json::value* at = &root;
  while (!path.empty() && at != nullptr) {
    const std::size_t end = std::min(path.find('.'), path.size());
    at = at->is_object() ? at->as_object().if_contains(path.substr(0, end)) : nullptr;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return at;
}

}  // namespace

std::shared_ptr<const domain::province> shipped_province() {
  static const auto land = [] {
    const auto config = runtime::load_config(HOTLINE_CONFIG_DIR);
    if (!config) throw std::runtime_error(config.error().detail);
    auto built = domain::build_province(*config);
    if (!built) throw std::runtime_error(built.error().detail);
    return std::make_shared<const domain::province>(std::move(*built));
  }();
  return land;
}

live::feed_options quick_push() {
  live::feed_options options;
  options.poll = milliseconds(5);
  options.check = milliseconds(20);
  return options;
}

gateway_fixture::gateway_fixture(mode how, live::feed_options pushed)
    : clock(from_unix_ms(1'795'395'600'000), 0), how_(how) {
  store::guard_options guarded;
  guarded.state_file = redis.directory.path() + "/state";
  guarded.durable = false;
  for (const auto shard : land->org.shards()) guarded.shards.emplace_back(shard);
  guard_ = std::make_unique<store::guard>(guarded, floor, test::quiet_log());
  const auto started = redis.run(
      guard_->start([this](redis::command c) { return redis.client->exec(std::move(c)); }));
  REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.error().detail));

  audit_ = std::make_unique<store::audit_log>(*redis.client, guard_->data_set());
  store::store_options options;
  options.data_set = guard_->data_set();
  const store::province_source source = [this] { return land; };
  tickets_ = std::make_unique<store::ticket_store>(*redis.client, floor, options);
  numbers_ = std::make_unique<store::number_source>(redis.context.get_executor(), *redis.client,
                                                    guard_->data_set());
  runner_ = std::make_unique<store::command_runner>(*tickets_, *numbers_, clock, source, vault_);
  const auto shards = [this] {
    const auto& all = land->org.shards();
    return std::vector<std::string>(all.begin(), all.end());
  };
  index_ = std::make_unique<store::index_reader>(*redis.client, shards);
  board_ = std::make_unique<store::board_reader>(*redis.client, shards);
  queues_ = std::make_unique<store::queues>(*index_, *tickets_, *runner_, clock);
  intake_limits = std::make_unique<store::intake_limits>(*redis.client, guard_->data_set());
  intake = std::make_unique<intake_parts>(intake_parts{.settings = {}, .limits = *intake_limits});
  renew_feed(pushed);
  net::server_options served;
  served.route_body_limit = [this, others_max = served.body_bytes_max](net::method verb,
                                                                       std::string_view path) {
    return door->body_rule(verb, path, others_max);
  };
  served.gate = [this](net::request head) { return door->admit_body(std::move(head)); };
  server_ = std::make_unique<net::http_server>(
      redis.context, std::move(served),
      [this](net::request r) { return door->handle(std::move(r)); }, test::quiet_log());
  REQUIRE(server_->listen().has_value());
  server_->start();
  client_ = std::make_unique<net::http_client>(redis.context, "127.0.0.1", server_->port());
}

gateway_fixture::~gateway_fixture() {
  client_->close();
  stop_feed();
}

void gateway_fixture::renew_feed(live::feed_options pushed) {
  stop_feed();
  feed = std::make_unique<live::feed>(redis.context.get_executor(),
                                      live::feed_parts{.redis = *redis.client,
                                                       .tickets = *tickets_,
                                                       .board = *board_,
                                                       .index = *index_,
                                                       .province = [this] { return land; },
                                                       .seal = seal,
                                                       .now = clock,
                                                       .counts = live_counts,
                                                       .log = test::quiet_log()},
                                      pushed);
  door = std::make_unique<gateway>(parts(how_));
  const auto ended = [this](const std::exception_ptr& thrown) {
    --feed_loops_;
    if (thrown) std::rethrow_exception(thrown);
  };
  feed_loops_ = 2;
  boost::asio::co_spawn(redis.context, feed->follow(), ended);
  boost::asio::co_spawn(redis.context, feed->watch(), ended);
}

void gateway_fixture::stop_feed() {
  if (feed == nullptr || feed_loops_ == 0) return;
  feed->stop();
  test::run_until(redis.context, [this] { return feed_loops_ == 0; });
}

gateway_parts gateway_fixture::parts(mode how) {
  return {
      .runner = *runner_,
      .tickets = *tickets_,
      .queues = *queues_,
      .index = *index_,
      .board = *board_,
      .province = [this] { return land; },
      .who = authenticated,
      .now = clock,
      .vault = vault_,
      .counts = counts,
      .log = test::quiet_log(),
      .ready = [this] { return ready; },
      .rehearsal_clock = how == mode::rehearsal ? &clock : nullptr,
      .share_clock = [this](instant t, double rate) { return remember(shared_clocks, t, rate); },
      .audit = audit_.get(),
      .live = {.feed = feed.get(),
               .per_user = std::make_shared<net::connection_budget>(1000, 4),
               .origins = {"https://console.example.cn"},
               .rights_of =
                   [this](const v1::Actor& who, const net::request&) {
                     return [this, who] { return rights(who); };
                   }},
      .partners = partners,
      .uploads = &uploads,
      .partner_health = partner_health.get(),
      .intake = intake.get(),
  };
}

net::response gateway_fixture::send(net::method verb, std::string target, net::field_list headers,
                                    std::string body) {
  auto answer = redis.run(
      client_->send(verb, std::move(target), std::move(headers), std::move(body), patience));
  REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : to_string(answer.error())));
  return std::move(*answer);
}

net::response gateway_fixture::get(const sender& who, std::string target) {
  return send(net::method::get, std::move(target), headers_of(who));
}

net::response gateway_fixture::post(const sender& who, std::string target, std::string_view body,
                                    std::string key) {
  net::field_list headers = headers_of(who);
  if (key.empty()) key = fmt::format("key-{}", ++keys_);
  headers.emplace_back("Idempotency-Key", std::move(key));
  if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
  return send(net::method::post, std::move(target), std::move(headers), std::string(body));
}

net::response gateway_fixture::upload(const sender& who, std::string_view bytes,
                                      std::string_view name) {
  return send(net::method::post, "/v1/files?name=" + net::percent_encode(name), headers_of(who),
              std::string(bytes));
}

std::string gateway_fixture::receipt_for(const sender& who, std::string_view bytes) {
  store::file_receipt receipt;
  receipt.user = who.user;
  receipt.sha256 =
      crypto::to_hex(crypto::as_bytes(crypto::digest(v1::HASH_SUITE_SHA_256).of(bytes)));
  receipt.size_bytes = static_cast<std::int64_t>(bytes.size());
  receipt.suffix = store::suffix_of_type(store::type_of_file(bytes));
  receipt.until = clock.now() + std::chrono::hours(24);
  return receipts.reference_of(receipt);
}

std::string gateway_fixture::create_ticket() {
  const net::response answer = post(operator_of_province, "/v1/tickets", good_create);
  REQUIRE_MESSAGE(answer.status == 201, answer.body);
  return text_at(answer, "ticket_no");
}

std::string gateway_fixture::dispatch_ticket() {
  const std::string no = create_ticket();
  const net::response answer = post(dispatcher_of_province, "/v1/tickets/" + no + ":dispatch",
                                    R"({"unit":"370883","advice":"请核实"})");
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  return no;
}

std::string gateway_fixture::digest() {
  const auto keys = redis.exec("KEYS", "*");
  REQUIRE(keys.has_value());
  std::vector<std::string> names;
  for (const redis::reply& key : keys->array()) {
    if (!key.string().ends_with("}:head")) names.emplace_back(key.string());
  }
  std::ranges::sort(names);
  std::string out;
  for (const std::string& name : names) {
    const auto value = redis.exec("DEBUG", "DIGEST-VALUE", name);
    REQUIRE(value.has_value());
    out += fmt::format("{} {}\n", name, value->at(0).string());
  }
  return out;
}

net::field_list headers_of(const sender& who) {
  net::field_list headers{
      {"X-Hotline-User", who.user}, {"X-Hotline-Unit", who.unit}, {"X-Hotline-Role", who.role}};
  if (!who.other_unit.empty()) headers.emplace_back("X-Hotline-Other-Unit", who.other_unit);
  return headers;
}

boost::json::value parse(const net::response& answer) {
  boost::json::error_code bad;
  auto value = boost::json::parse(answer.body, bad);
  REQUIRE_MESSAGE(!bad, answer.body);
  return value;
}

std::string text_at(const net::response& answer, std::string_view path) {
  const boost::json::value root = parse(answer);
  const auto* const at = find_at(root, path);
  return at != nullptr && at->is_string() ? std::string(at->as_string()) : std::string();
}

std::int64_t number_at(const net::response& answer, std::string_view path) {
  const boost::json::value root = parse(answer);
  const auto* const at = find_at(root, path);
  return at != nullptr && at->is_int64() ? at->as_int64() : 0;
}

}  // namespace hotline::gateway
