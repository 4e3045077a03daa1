// The OpenAPI 3.1 description of the API, made from the operations and the protobuf descriptors.
#pragma once

#include <span>
#include <string>

#include "services/gateway/operation.hpp"

namespace hotline::gateway {

/// A complete document: every operation, with schemas of all messages involved.
std::string make_openapi(std::span<const operation> operations);

}  // namespace hotline::gateway
