// The strict reading of what a request says besides its route: who acts, under which key, against
// which version, in which format. Each function answers a value or the problem to send.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/json/codec.hpp"
#include "common/net/http_message.hpp"
#include "common/net/problem.hpp"
#include "hotline/v1/command.pb.h"

namespace hotline::gateway {

template <class T>
using reading = std::expected<T, net::problem>;

enum class body_format { json, protobuf };

/// Idempotency-Key: 1 to 128 visible ASCII characters.
reading<std::string> read_idempotency_key(const net::request& request);

/// If-Match: `"7"` is version 7; absent or `*` is any, 0.
reading<std::int64_t> read_expected_version(const net::request& request);

/// Which format the client wants its answer in: Accept, JSON unless it asks for
/// application/x-protobuf. 406 when it takes neither.
reading<body_format> read_accepted(const net::request& request);

/// The body as `out`, by Content-Type: JSON or protobuf, held to the same rules. An empty body is
/// the empty message. 415 for other types.
reading<void> read_body(const net::request& request, const json::codec& codec,
                        google::protobuf::Message& out);

/// Refuses query parameters that are not in `known`, and repeated ones.
reading<void> check_query(const net::request& request, std::span<const std::string_view> known);

/// limit=: 1 to 200, 50 when absent.
reading<int> read_limit(const net::request& request);

/// A unit code, region text or the like: not empty, at most `bytes_max`, without control
/// characters.
reading<std::string> require_query(const net::request& request, std::string_view name,
                                   std::size_t bytes_max);

}  // namespace hotline::gateway
