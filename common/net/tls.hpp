// Whom we believe who they are, for connections of ours by TLS.
#pragma once

#include <memory>
#include <string>

#include "common/base/error.hpp"

namespace hotline::net {

/// At least TLS 1.2, with the certificate and its name checked. Immutable; shared by connections.
class tls_trust;

/// Authorities in a PEM file, or those of the system where `ca_file` is empty. misconfigured: the
/// file cannot be read or holds none.
result<std::shared_ptr<const tls_trust>> make_tls_trust(const std::string& ca_file);

}  // namespace hotline::net
