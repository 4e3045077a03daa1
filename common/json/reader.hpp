// JSON text into a message.
#pragma once

#include <google/protobuf/message.h>

#include <expected>
#include <string_view>

#include "common/json/fault.hpp"
#include "common/json/schema.hpp"

namespace hotline::json {

std::expected<void, fault> read_object(std::string_view text, const message_fields& fields,
                                       google::protobuf::Message& out);

}  // namespace hotline::json
