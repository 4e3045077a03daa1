// The signed heads of the audit chains, in a file outside Redis: whoever can change Redis cannot
// change what was signed, so a chain that was rewritten or cut is found out.
//
// JSON lines. Each has the instant, the heads of the chains that grew since the line before, the
// SHA-256 of the line before (so a line that is taken out is missed), the public key, and a
// signature (Ed25519) over everything up to ,"signature".
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/append_file.hpp"
#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/crypto/signature.hpp"
#include "common/store/seal_verify.hpp"

namespace hotline::audit {

/// One line, without its end.
std::string heads_line(const std::vector<store::signed_head>& heads, instant at,
                       std::string_view line_before, const crypto::signing_key& key);

struct heads_reading {
  std::vector<store::signed_head> heads;  ///< of lines whose signature checks out
  std::vector<std::string> problems;      ///< "heads.jsonl:17: …"
  std::int64_t lines = 0;
};
/// Reads a whole file. Only signatures of these public keys (raw bytes) count. io_error when it
/// cannot be read.
result<heads_reading> read_heads_file(const std::filesystem::path& path,
                                      const std::vector<std::string>& public_keys);

/// The file as its one writer sees it.
class heads_file {
 public:
  /// Creates it where it is missing. Drops half a line at the end, as a crash leaves it.
  static result<heads_file> open(const std::filesystem::path& path);

  /// The heads of the last line, unchecked; to compare with what Redis has.
  std::vector<store::signed_head> last_heads() const;
  /// Signs, writes, waits for the disk.
  result<void> append(const std::vector<store::signed_head>& heads, instant at,
                      const crypto::signing_key& key);

 private:
  explicit heads_file(append_file file) : file_(std::move(file)) {}

  append_file file_;
  std::string last_line_;
};

}  // namespace hotline::audit
