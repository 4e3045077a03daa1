// What a client may subscribe to, as text: "board:370800", "mine".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/domain/organisation.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::gateway::live {

/// Begins the index keys of boards.
inline constexpr std::string_view board_prefix = "board:";

enum class topic_kind { board, unit, queue, ticket, mine };

struct topic {
  topic_kind kind;
  std::string name;  ///< code of the unit, number of the ticket; empty for mine
};

/// Nothing for anything that is no topic. Whether the unit or ticket exists is not asked.
std::optional<topic> parse_topic(std::string_view text);

/// What the index finds it by: the text itself, but one's own assignments by one's name.
std::string index_key(const topic& t, const v1::Actor& actor);
std::string unit_key(topic_kind kind, std::string_view unit);
std::string ticket_key(std::string_view no);
std::string user_key(std::string_view user);

/// The one place that says who may be told what. Asked when a topic is subscribed to and again
/// whenever the organisation has changed ...
bool may_watch_unit(const domain::organisation& org, const v1::Actor& actor, std::string_view unit);
/// ... and for every ticket, as it is at that moment, before every push.
bool may_be_told(const domain::organisation& org, const v1::Actor& actor, const v1::Ticket& ticket);

}  // namespace hotline::gateway::live
