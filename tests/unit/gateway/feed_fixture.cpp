#include "tests/unit/gateway/feed_fixture.hpp"

#include <fmt/core.h>

#include <stdexcept>
#include <utility>

#include "common/runtime/config_loader.hpp"

namespace hotline::gateway {

namespace {

exchange::partner jining(const domain::province& land) {
  const auto config = runtime::load_config(HOTLINE_CONFIG_DIR);
  if (!config) throw std::runtime_error(config.error().detail);
  for (v1::Partner one : config->partners()) {
    if (one.name() != "jining-12345") continue;
    one.set_inactive(false);
    return *exchange::partner::compile(one, land);
  }
  throw std::runtime_error("no such partner");
}

std::optional<std::string> agreed_secret(std::string_view) { return "agreed secret"; }

}  // namespace

std::string item(int n, std::string_view serial, std::string_view word, std::string_view text) {
  return fmt::format(
      R"({{"action":"{}","workOrderCode":"JN{}","serial":"{}","eventTime":"2026-11-23 08:59:00",)"
      R"("workOrderContent":"{}","opinion":"{}","area":"邹城市","problemType":"劳动报酬/拖欠工资",)"
      R"("company":{{"name":"某公司"}},"caller":{{"name":"张师傅","phone":"13805370001"}}}})",
      word, n, serial, text, text);
}

std::string document(const std::vector<std::string>& items) {
  std::string list;
  for (const auto& one : items) list += (list.empty() ? "" : ",") + one;
  return R"({"data":{"list":[)" + list + "]}}";
}

feed_fixture::feed_fixture()
    : feed(*base.redis.client, keys, "jining-12345", base.data_set()),
      numbers(base.redis.context.get_executor(), *base.redis.client, base.data_set()),
      partner_(jining(*base.land)),
      partners_{{}, agreed_secret, counts},
      refused_(base.audit, base.clock, test::quiet_log(),
               {.window = std::chrono::hours(1), .of_address_max = 20}),
      door_(parts()) {
  partners_.desks.push_back({feed, {partner_, feed, numbers, [this] { return base.land; }}});
  if (!base.redis.run(feed.adopt())) throw std::runtime_error("the partner was not adopted");
}

gateway_parts feed_fixture::parts() {
  auto made = base.parts(mode::live);
  made.partners = &partners_;
  made.refused = &refused_;
  return made;
}

net::response feed_fixture::push(const std::string& body, const pusher& who) {
  const auto secret = [&](std::string_view) { return std::optional(who.secret); };
  const auto nonce = who.nonce.empty() ? fmt::format("nonce-{:08}", ++nonces_) : who.nonce;
  net::request asked;
  asked.verb = net::method::post;
  asked.path = "/v1/feeds/" + who.partner + "/events";
  asked.target = asked.path;
  asked.headers = exchange::sign(partner_.config().inbound().signature(), secret, "POST",
                                 asked.target, body, base.clock.now() + who.clock_ahead, nonce);
  asked.body = who.sent_body.empty() ? body : who.sent_body;
  asked.peer = "10.1.1.1";
  asked.request_id = "r1";
  return base.redis.run(door_.handle(std::move(asked)));
}

}  // namespace hotline::gateway
