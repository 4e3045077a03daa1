// How tickets, events and answers are written as bytes, each with a checksum: Redis loads a flipped
// bit of its file without a word.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/error.hpp"
#include "hotline/v1/api.pb.h"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::store {

/// "T1", ten digits of version, 16 hexadecimal digits of checksum, then the protobuf bytes. The
/// checksum covers the ticket number too, so a value under another ticket's key is found out.
std::string encode_ticket(const v1::Ticket& ticket);
/// corrupt_data, naming the ticket, unless bytes, checksum, number and version fit together.
result<v1::Ticket> decode_ticket(std::string_view no, std::string_view bytes);

/// The protobuf bytes and a checksum as one more (unknown) field, number 2047: any reader of
/// protobuf can still read them as an Event.
std::string encode_event(const v1::Event& event);
/// corrupt_data when checksum or protobuf do not check out.
result<v1::Event> decode_event(std::string_view bytes);
/// The kind of an encoded event, without reading it or checking it; UNSPECIFIED when it is not
/// where we write it.
v1::EventKind peek_event_kind(std::string_view bytes);

/// What an idempotency record keeps of a request: 16 bytes of the hash of the caller's text.
std::string shorten_fingerprint(std::string_view fingerprint);

struct idempotency_record {
  std::string fingerprint;  ///< as shorten_fingerprint makes it
  v1::CommandAnswer answer;
};
/// corrupt_data when it cannot be read.
result<idempotency_record> decode_idempotency(std::string_view bytes);

/// A score in plain decimal notation that reads back as the same double; must be finite.
std::string format_score(double score);
/// What Redis writes; nothing for anything that is no number.
std::optional<double> parse_score(std::string_view text);

}  // namespace hotline::store
