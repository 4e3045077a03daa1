#include "common/store/keys.hpp"

#include <algorithm>
#include <array>

#include "common/base/assert.hpp"
#include "common/domain/ticket_no.hpp"

namespace hotline::store {
namespace {

constexpr std::size_t prefix_bytes = 7;  // "{3708}:"

std::string join(std::string_view shard, std::string_view family, std::string_view name) {
  HL_ASSERT(domain::is_shard(shard), "a key of something that is not a shard");
  std::string key;
  key.reserve(prefix_bytes + family.size() + 1 + name.size());
  key.append(1, '{').append(shard).append("}:").append(family);
  if (!name.empty()) key.append(1, ':').append(name);
  return key;
}

}  // namespace

std::string shard_prefix(std::string_view shard) { return join(shard, "", ""); }

std::string ticket_key(std::string_view no) {
  return join(domain::shard_of_ticket(no), "ticket", no);
}

std::string history_key(std::string_view no) {
  return join(domain::shard_of_ticket(no), "history", no);
}

std::string events_key(std::string_view shard) { return join(shard, "events", ""); }

std::string lane_key(std::string_view shard, std::string_view lane) {
  return join(shard, "events", lane);
}

std::string head_key(std::string_view shard) { return join(shard, "head", ""); }

std::string idempotency_key(std::chrono::year_month_day day) {
  return join(people_shard, "idem", domain::compact_date(day));
}

std::string derived_key(std::string_view shard, std::string_view name) {
  return join(shard, name, "");
}

std::string dead_letters_key(std::string_view shard, std::string_view group) {
  return join(shard, "dead", group);
}

std::string user_key(std::string_view id) { return join(people_shard, "user", id); }

std::string users_key() { return join(people_shard, "users", ""); }

std::string session_key(std::string_view id) { return join(people_shard, "session", id); }

std::string sessions_key() { return join(people_shard, "sessions", ""); }

std::string attempts_key() { return join(people_shard, "attempts", ""); }

std::string attempts_due_key() { return join(people_shard, "attempts", "due"); }

std::string intake_spans_key() { return join(people_shard, "attempts", "intake"); }

std::string intake_counter_key(std::string_view span) {
  return join(people_shard, "attempts", "intake:" + std::string(span));
}

std::string totp_key() { return join(people_shard, "totp", ""); }

std::string epoch_key() { return join(people_shard, "epoch", ""); }

std::string register_key() { return join(people_shard, "register", ""); }

std::string_view audit_key() { return "{0000}:audit"; }

std::string seal_key(std::string_view shard) { return join(shard, "seal", ""); }

std::string seal_head_key(std::string_view shard) { return join(shard, "seal", "head"); }

std::string audit_note_key(std::string_view name) { return join(people_shard, "audit", name); }

std::string partner_prefix(std::string_view partner) {
  std::string prefix;
  prefix.reserve(partner.size() + 5);
  return prefix.append("{p:").append(partner).append("}:");
}

std::string partner_head_key(std::string_view partner) { return partner_prefix(partner) + "head"; }

std::string partner_ticket_key(std::string_view partner, std::string_view external_no) {
  return partner_prefix(partner).append("ticket:").append(external_no);
}

std::string partner_waiting_key(std::string_view partner, std::string_view external_no) {
  return partner_prefix(partner).append("waiting:").append(external_no);
}

std::string partner_due_key(std::string_view partner) { return partner_prefix(partner) + "due"; }

std::string partner_reviews_key(std::string_view partner) {
  return partner_prefix(partner) + "reviews";
}

std::string partner_reviews_order_key(std::string_view partner) {
  return partner_prefix(partner) + "reviews:at";
}

std::string partner_out_key(std::string_view partner, std::string_view ticket_no) {
  return partner_prefix(partner).append("out:").append(ticket_no);
}

std::string partner_order_key(std::string_view partner, std::string_view ticket_no) {
  return partner_out_key(partner, ticket_no) + ":order";
}

std::string partner_sending_key(std::string_view partner) {
  return partner_prefix(partner) + "sending";
}

std::string partner_dead_key(std::string_view partner) { return partner_prefix(partner) + "dead"; }

std::string partner_seen_key(std::string_view partner) { return partner_prefix(partner) + "seen"; }

std::string partner_unsettled_key(std::string_view partner) {
  return partner_prefix(partner) + "unsettled";
}

std::string partner_fetches_made_key(std::string_view partner) {
  return partner_prefix(partner) + "fetches:made";
}

std::string partner_unsent_key(std::string_view partner) {
  return partner_prefix(partner) + "unsent";
}

std::string partner_health_key(std::string_view partner) {
  return partner_prefix(partner) + "health";
}

std::string partner_reconciliations_key(std::string_view partner) {
  return partner_prefix(partner) + "reconciliations";
}

std::string_view data_set_key() { return "{meta}:dataset"; }

std::string_view partner_keys_pattern() { return "{p:*}:*"; }

std::string_view recalculation_key() { return "{meta}:recalculation"; }

std::string_view recalculation_turn_key() { return "{meta}:recalculation:turn"; }

std::string_view shard_keys_pattern() { return "{[0-9][0-9][0-9][0-9]}:*"; }

std::optional<parsed_key> parse_key(std::string_view key) {
  if (key.size() <= prefix_bytes || key[0] != '{' || key.substr(5, 2) != "}:") return std::nullopt;
  parsed_key parts;
  parts.shard = key.substr(1, 4);
  if (!domain::is_shard(parts.shard)) return std::nullopt;
  parts.rest = key.substr(prefix_bytes);
  const auto colon = parts.rest.find(':');
  parts.family = parts.rest.substr(0, colon);
  if (colon != std::string_view::npos) parts.name = parts.rest.substr(colon + 1);
  return parts;
}

std::optional<parsed_partner_key> parse_partner_key(std::string_view key) {
  constexpr std::string_view start = "{p:";
  const auto end = key.find("}:");
  if (!key.starts_with(start) || end == std::string_view::npos) return std::nullopt;
  parsed_partner_key parts;
  parts.partner = key.substr(start.size(), end - start.size());
  const auto rest = key.substr(end + 2);
  const auto colon = rest.find(':');
  parts.family = rest.substr(0, colon);
  if (colon != std::string_view::npos) parts.name = rest.substr(colon + 1);
  if (parts.partner.empty() || parts.family.empty()) return std::nullopt;
  return parts;
}

bool is_reserved_family(std::string_view family) {
  static constexpr std::array<std::string_view, 17> reserved{
      "ticket", "history", "events",   "head",     "idem",  "dead", "seal",  "absent",  "user",
      "users",  "session", "sessions", "attempts", "epoch", "totp", "audit", "register"};
  return std::ranges::find(reserved, family) != reserved.end();
}

}  // namespace hotline::store
