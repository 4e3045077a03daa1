// How users, sessions and audit records are written as bytes, each with a checksum.
#pragma once

#include <string>
#include <string_view>

#include "common/base/error.hpp"
#include "hotline/v1/audit.pb.h"
#include "hotline/v1/identity.pb.h"

namespace hotline::store {

/// "U1", ten digits of version, 16 hexadecimal digits of checksum (over id, version and bytes),
/// then the protobuf bytes.
std::string encode_user(const v1::User& user);
/// corrupt_data, naming the user, unless bytes, checksum, id and version fit together.
result<v1::User> decode_user(std::string_view id, std::string_view bytes);

/// "S1", 16 hexadecimal digits of checksum (over id and bytes), then the protobuf bytes.
std::string encode_session(const v1::Session& session);
result<v1::Session> decode_session(std::string_view id, std::string_view bytes);

/// As events are: the protobuf bytes and a checksum as one more (unknown) field, number 2047.
std::string encode_audit(const v1::AuditRecord& record);
result<v1::AuditRecord> decode_audit(std::string_view bytes);

}  // namespace hotline::store
