// The rules of JSON for messages that did not come as JSON.
#pragma once

#include <google/protobuf/message.h>

#include <expected>

#include "common/json/fault.hpp"
#include "common/json/schema.hpp"

namespace hotline::json {

std::expected<void, fault> check_message(const google::protobuf::Message& message,
                                         const message_fields& fields);

}  // namespace hotline::json
