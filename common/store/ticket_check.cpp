#include "common/store/ticket_check.hpp"

#include <fmt/core.h>
#include <google/protobuf/util/message_differencer.h>

#include "common/domain/apply.hpp"
#include "common/domain/ticket_no.hpp"
#include "common/store/keys.hpp"
#include "common/store/records.hpp"

namespace hotline::store {
namespace {

/// Equal bytes are equal tickets; different bytes may still be.
bool same(const v1::Ticket& a, const v1::Ticket& b) {
  if (a.SerializeAsString() == b.SerializeAsString()) return true;
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

/// The ticket its history gives, or the problem with it.
std::optional<problem> replay(std::string_view no, const redis::reply& history,
                              v1::Ticket& ticket) {
  std::int64_t version = 0;
  for (const auto& item : history.array()) {
    ++version;
    const auto event = decode_event(item.string());
    if (!event) {
      return problem{damage::history_unreadable, history_key(no), std::string(no),
                     fmt::format("event {}: {}", version, event.error().detail)};
    }
    if (event->ticket_no() != no || event->version() != version) {
      return problem{damage::history_gap, history_key(no), std::string(no),
                     fmt::format("in place {} stands version {} of {}", version, event->version(),
                                 event->ticket_no() == no ? "this ticket" : "another ticket")};
    }
    domain::apply(ticket, *event);
  }
  return std::nullopt;
}

}  // namespace

ticket_findings examine_ticket(std::string_view no, const redis::reply& value,
                               const redis::reply& history) {
  ticket_findings findings;
  findings.events = static_cast<std::int64_t>(history.size());
  auto ticket = decode_ticket(no, value.string());
  if (!ticket) {
    findings.problems.push_back(
        {damage::ticket_unreadable, ticket_key(no), std::string(no), ticket.error().detail});
  }
  v1::Ticket folded;
  if (auto wrong = replay(no, history, folded)) {
    findings.problems.push_back(*std::move(wrong));
  } else if (ticket && folded.version() != ticket->version()) {
    findings.problems.push_back({damage::history_gap, history_key(no), std::string(no),
                                 fmt::format("{} events, but the ticket is at version {}",
                                             findings.events, ticket->version())});
  } else if (ticket && !same(folded, *ticket)) {
    findings.problems.push_back({damage::history_differs, history_key(no), std::string(no),
                                 "its events give another ticket than the stored one"});
  }
  if (ticket) findings.ticket = *std::move(ticket);
  return findings;
}

std::optional<problem> examine_entry(std::string_view no, const domain::index_entry& expected,
                                     const redis::reply& found) {
  const auto key = derived_key(domain::shard_of_ticket(no), expected.key);
  if (found.is_nil()) {
    return problem{damage::entry_missing, key, std::string(no),
                   fmt::format("score {} is missing", format_score(expected.score))};
  }
  if (parse_score(found.string()) == expected.score) return std::nullopt;
  return problem{
      damage::entry_wrong, key, std::string(no),
      fmt::format("score {} should be {}", found.string(), format_score(expected.score))};
}

}  // namespace hotline::store
