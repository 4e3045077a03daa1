// The thread of the audit: sealing, and writing outside Redis.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "common/base/error.hpp"
#include "common/crypto/signature.hpp"
#include "common/runtime/service_thread.hpp"
#include "common/runtime/store_kit.hpp"
#include "hotline/v1/config.pb.h"
#include "services/audit/sealer.hpp"

namespace hotline::program {

/// Where the settings and the data directory put things.
std::filesystem::path audit_directory(const v1::AuditSettings& settings,
                                      const std::filesystem::path& data);
std::filesystem::path heads_path(const v1::AuditSettings& settings,
                                 const std::filesystem::path& data);
std::filesystem::path signing_key_path(const v1::AuditSettings& settings,
                                       const std::filesystem::path& data);

/// The key the heads are signed with; a key file is made where there is none.
result<std::unique_ptr<crypto::signing_key>> open_signing_key(const v1::AuditSettings& settings,
                                                              const std::filesystem::path& data);

/// Outlives the thread.
struct audit_setup {
  const runtime::store_access& access;
  const v1::AuditSettings& settings;
  std::filesystem::path data;
  std::vector<std::string> shards;  ///< without the people's
  std::unique_ptr<crypto::signing_key> key;
  audit::audit_counters& counters;
};

/// The body of the thread.
boost::asio::awaitable<result<void>> run_audit(runtime::service_thread& self,
                                               const audit_setup& setup);

}  // namespace hotline::program
