// Messages as HTTP answers.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>

#include "common/json/codec.hpp"
#include "common/net/http_message.hpp"
#include "services/gateway/request_reading.hpp"

namespace hotline::gateway {

/// 200 with the message in the accepted format.
net::response make_answer(const google::protobuf::Message& message, body_format format,
                          const json::codec& codec);

/// ETag: the version of a ticket in quotes.
void set_version(net::response& answer, std::int64_t version);

/// The codec for everything the API reads or writes.
json::codec make_api_codec();

}  // namespace hotline::gateway
