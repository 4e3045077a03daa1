// The custom verbs of a ticket: POST /v1/tickets/{no}:<verb>, one for each member of Command.body
// that people and partners may ask for.
#pragma once

#include <google/protobuf/descriptor.h>

#include <span>
#include <string_view>

namespace hotline::gateway {

struct ticket_verb {
  std::string_view verb;     ///< as in the path: "hand-down"
  std::string_view field;    ///< member of Command.body: "hand_down"
  std::string_view summary;  ///< Chinese, for openapi.json
};

std::span<const ticket_verb> ticket_verbs();

/// The member of Command.body a verb fills; its message type is the type of the request body.
const google::protobuf::FieldDescriptor& body_field(const ticket_verb& verb);

}  // namespace hotline::gateway
