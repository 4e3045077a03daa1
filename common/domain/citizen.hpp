// What citizens say by the public channels (公众渠道), as commands, and what they are told of their
// matter: nothing of other people, of remarks, or of how the unions share the work.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/domain/organisation.hpp"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/intake_api.pb.h"
#include "hotline/v1/rejection.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// The sources a channel may hand in by: 网上受理, 齐鲁工惠, 工小法, 一体机, 社交媒体.
bool is_public_source(v1::Source source);

/// A number as people type it ("+86 138-0531-0001", "0086…", "86138…", full-width) without blanks,
/// brackets and the country's code, a mobile number without dashes, too: one number, one blind
/// index.
std::string plain_phone(std::string_view typed);
/// The ways a number may have been written down, itself first: a landline with and without dashes.
std::vector<std::string> spellings_of(std::string_view plain_phone);

/// A ticket number as people type it, in its one spelling; what is none stays none.
std::string plain_ticket_no(std::string_view typed);

/// Files that come with one request or supplement are few.
inline constexpr int citizen_files_max = 10;
std::optional<v1::Rejection> check_file_count(int files);

template <class T>
using ruled = std::expected<T, v1::Rejection>;

/// The create a request asks for; a draft (待补充) where elements are missing. `sources` are those
/// of the channel, at least one. Fields that are the hotline's to judge are refused, not
/// overlooked.
ruled<v1::CreateTicket> create_of(const v1::CitizenRequest& request,
                                  std::span<const v1::Source> sources, const organisation& org);

/// The conversation before a request, as notes of an allowed length; none where there was none.
std::vector<std::string> notes_of(const v1::CitizenRequest& request);

/// Commands about a ticket, without actor, number and id.
v1::Command command_of(const v1::CitizenSupplement& said);
v1::Command command_of(const v1::CitizenUrge& said);
v1::Command command_of(const v1::CitizenWithdrawal& said);
v1::Command command_of(const v1::CitizenRating& said);

/// 重复诉求: the latest of the caller's open tickets of the last 15 days with the same employer and
/// category, which is proposed for merging; empty when there is none.
std::string repeated_by(const v1::Intake& intake, std::span<const v1::Ticket> earlier, instant now);

/// What the caller of `ticket` is told. `main` is the ticket it was merged into, nullptr for none:
/// how that goes is how this goes, but what was said to its caller is not this caller's to read.
v1::Progress progress_of(const organisation& org, const v1::Ticket& ticket, const v1::Ticket* main);

}  // namespace hotline::domain
