// A store with tickets, a sealer, and a directory for what leaves Redis.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/crypto/signature.hpp"
#include "common/store/audit_log.hpp"
#include "common/store/seal_verify.hpp"
#include "services/audit/sealer.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {

/// A sealer with everything it needs, on a connection of its own.
class sealing {
 public:
  sealing(store_fixture& store, const std::string& directory, std::int64_t events_kept = 1'000'000,
          v1::HashSuite hash = v1::HASH_SUITE_SHA_256, std::size_t run_max = 512);

  std::unique_ptr<redis::client> client;
  crypto::signing_key key;
  audit::record_keeper keeper;
  audit::audit_counters counters;
  audit::sealer sealer;
};

class audit_fixture : public store_fixture {
 public:
  explicit audit_fixture(std::int64_t events_kept = 1'000'000,
                         v1::HashSuite hash = v1::HASH_SUITE_SHA_256);

  /// Seals everything there is, in runs of at most what the sealer takes at once.
  void seal();
  /// Signs the heads and archives.
  void keep();
  /// Tickets of two shards with several events each, and audit records; sealed in several entries,
  /// heads signed in between.
  void fill_and_seal();
  void record(const std::string& action);

  store::seal_verify_options verify_options(bool with_heads = true, bool with_archive = true);
  store::seal_report verify(bool with_heads = true, bool with_archive = true);

  std::string heads_path() const { return redis.directory.path() + "/audit/heads.jsonl"; }
  std::string audit_directory() const { return redis.directory.path() + "/audit"; }

  std::vector<std::string> numbers;  ///< of the tickets fill_and_seal made
  sealing work;
};

/// All shards that have a chain.
std::vector<std::string> sealed_shards();

v1::AuditRecord audit_record(const std::string& action);

/// What a report complains of, one a line; empty when it is clean.
std::string complaints(const store::seal_report& report);

}  // namespace hotline::test
