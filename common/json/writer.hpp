// A message as compact JSON.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "common/json/schema.hpp"

namespace hotline::json {

void write_object(const google::protobuf::Message& message, const message_fields& fields,
                  std::string& out);

/// Appends text in quotes, escaped where JSON wants it. The text must be valid UTF-8.
void write_text(std::string_view text, std::string& out);

}  // namespace hotline::json
