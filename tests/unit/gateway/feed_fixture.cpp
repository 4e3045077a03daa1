#include "tests/unit/gateway/feed_fixture.hpp"

#include <fmt/core.h>
#include <google/protobuf/text_format.h>

#include <utility>

namespace hotline::gateway {
namespace {

constexpr const char* words = R"(
  event_path: "event"
  events { kind: PARTNER_EVENT_KIND_CREATE theirs: "new" }
  events { kind: PARTNER_EVENT_KIND_URGE theirs: "urge" }
  fields { theirs: "no" ours: "external_no" required: true }
  fields { theirs: "serial" ours: "serial" required: true }
  fields { theirs: "text" ours: "intake.matter.content" events: [PARTNER_EVENT_KIND_CREATE] }
  fields { theirs: "text" ours: "text" events: [PARTNER_EVENT_KIND_URGE] }
  answer_code_path: "code" answer_ok: "0" answer_duplicate: "2" answer_refused: "1"
  answer_message_path: "message" answer_ticket_path: "ticketNo")";

constexpr const char* hmac = R"(
  scheme: SIGNATURE_SCHEME_HMAC_SHA256
  keys { id: "k1" secret_file: "one.key" until_date: "2026-11-30" }
  keys { id: "k2" secret_file: "two.key" from_date: "2026-11-25" })";

std::string legacy_from(const char* address) {
  return fmt::format(R"(scheme: SIGNATURE_SCHEME_LEGACY_SHA1 addresses: "{}"
      keys {{ id: "k1" secret_file: "one.key" }})",
                     address);
}

struct description {
  const char* name;
  const char* unit;
  std::string way;
  std::string format;
  std::string signature;
  bool inactive = false;
};

v1::HotlineConfig described() {
  const std::string json = R"(syntax: SYNTAX_JSON items: "list")";
  const std::string xml =
      R"(syntax: SYNTAX_XML charset: CHARSET_GB18030 xml_root: "r" items: "r.m")";
  const std::string pull = R"(pull { url: "http://127.0.0.1:1/?after={cursor}" every: "5min"
                                     next_cursor: "next" })";
  const description all[] = {{"small", "p-12345-370800", "push {}", json, hmac},
                             {"gb", "p-12345-370100", "push {}", xml, hmac},
                             {"old", "p-12345-370200", "push {}", json, legacy_from("127.0.0.0/8")},
                             {"far", "p-12345-370300", "push {}", json, legacy_from("10.1.0.0/16")},
                             {"pulled", "p-12345-370400", pull, json, hmac},
                             {"asleep", "p-12345-370500", "push {}", json, hmac, true}};
  v1::HotlineConfig config;
  for (const auto& one : all) {
    auto& made = *config.add_partners();
    const auto text =
        fmt::format(R"(name: "{}" title: "小平台" unit: "{}" source: SOURCE_HOTLINE_12345
                       internal: true inactive: {}
                       attachments {{ serve_url: "https://12351.example/v1/files" }}
                       inbound {{ {} format {{ {} }} signature {{ {} }} {} }})",
                    one.name, one.unit, one.inactive, one.way, one.format, one.signature, words);
    REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &made));
  }
  return config;
}

exchange::partner_book book_of(const domain::province& land) {
  auto book = exchange::build_partner_book(described(), land);
  REQUIRE_MESSAGE(book.has_value(), (book ? "" : book.error().detail));
  return *std::move(book);
}

std::string target_of(const std::string& name) { return "/v1/feeds/" + name + "/events"; }

/// The signature rules of a partner, inactive and unknown ones included, with one key that is
/// always valid.
v1::PartnerSignature rules_of(const std::string& name, const std::string& key) {
  const auto config = described();
  v1::PartnerSignature rules = config.partners(0).inbound().signature();
  for (const auto& one : config.partners()) {
    if (one.name() == name) rules = one.inbound().signature();
  }
  rules.clear_keys();
  auto& only = *rules.add_keys();
  only.set_id(key);
  only.set_secret_file(key == "k2" ? "two.key" : "one.key");
  return rules;
}

std::optional<std::string> secret_in(std::string_view file) {
  if (file == "one.key") return "first secret";
  if (file == "two.key") return "second secret";
  return std::nullopt;
}

}  // namespace

feed_fixture::feed_fixture()
    : book_(book_of(*land)),
      numbers_(redis.context.get_executor(), *redis.client, data_set()),
      parts_{{}, secrets(), taken_in} {
  for (const auto& one : book_.all()) {
    const auto made = feeds_.try_emplace(std::string(one.name()), *redis.client, exchange_keys_,
                                         std::string(one.name()), data_set());
    auto& feed_of_partner = made.first->second;
    REQUIRE(redis.run(feed_of_partner.adopt()));
    auto& fetches = fetches_
                        .try_emplace(std::string(one.name()), *redis.client, exchange_keys_,
                                     std::string(one.name()), data_set())
                        .first->second;
    parts_.desks.push_back({feed_of_partner,
                            fetches,
                            {one, feed_of_partner, tickets(), numbers_, [this] { return land; }}});
  }
  partners = &parts_;
  renew_feed();
}

feed_fixture::~feed_fixture() { stop_feed(); }

exchange::secret_source feed_fixture::secrets() {
  return
      [this](std::string_view file) { return secrets_readable ? secret_in(file) : std::nullopt; };
}

net::field_list feed_fixture::signed_by(const std::string& name, const std::string& body,
                                        const signing& how) {
  const auto nonce = how.nonce.empty() ? fmt::format("nonce-{:08}", ++nonces_) : how.nonce;
  auto headers = exchange::sign(rules_of(name, how.key), secret_in, "POST", target_of(name), body,
                                how.at.value_or(clock.now()), nonce);
  REQUIRE_FALSE(headers.empty());
  return headers;
}

net::response feed_fixture::push_with(const std::string& name, const std::string& body,
                                      net::field_list headers) {
  return send(net::method::post, target_of(name), std::move(headers), body);
}

net::response feed_fixture::push(const std::string& name, const std::string& body,
                                 const signing& how) {
  return push_with(name, body, signed_by(name, body, how));
}

std::size_t feed_fixture::waiting(const std::string& name, const std::string& external_no) {
  return redis.run(feed_of(name).waiting(external_no))->items.size();
}

std::vector<store::stored_review> feed_fixture::reviews(const std::string& name) {
  return redis.run(feed_of(name).reviews(0, 100))->reviews;
}

std::string told(const std::string& event, const std::string& no, const std::string& serial,
                 const std::string& text) {
  return fmt::format(R"({{"event":"{}","no":"{}","serial":"{}","text":"{}"}})", event, no, serial,
                     text);
}

std::string document_of(const std::vector<std::string>& messages) {
  std::string list;
  for (const auto& one : messages) list += (list.empty() ? "" : ",") + one;
  return R"({"list":[)" + list + "]}";
}

}  // namespace hotline::gateway
