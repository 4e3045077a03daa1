#include "common/crypto/key_file_check.hpp"

#include <fmt/core.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <optional>
#include <set>

#include "common/base/base64.hpp"

namespace hotline::crypto {
namespace {

namespace pb = google::protobuf;
using tree = pb::TextFormat::ParseInfoTree;

constexpr std::size_t text_of_32_bytes = 44;  // base64 with one "="
/// 32 random bytes have fewer different values than this less than once in 10^20 files.
constexpr std::size_t different_bytes_min = 12;

/// The parser repeats what it did not expect, and in this file that may be a secret.
std::string without_secrets(std::string_view message) {
  std::string shown;
  bool quoted = false;
  while (!message.empty()) {
    const std::string_view piece = message.substr(0, message.find('"'));
    shown += quoted && piece.size() >= text_of_32_bytes - 4 ? "…" : piece;
    message.remove_prefix(piece.size());
    if (!message.empty()) {
      shown += '"';
      message.remove_prefix(1);
      quoted = !quoted;
    }
  }
  return shown;
}

class first_error final : public pb::io::ErrorCollector {
 public:
  void AddError(int line, pb::io::ColumnNumber column, const std::string& message) override {
    if (what.empty())
      what = fmt::format("{}:{}: {}", line + 1, column + 1, without_secrets(message));
  }
  std::string what;
};

std::optional<std::string> secret_of(std::string_view text) {
  if (text.size() != text_of_32_bytes || text.ends_with("==")) return std::nullopt;
  auto bytes = read_base64(text);
  if (bytes && bytes->size() != secret_bytes) {
    wipe(*bytes);
    return std::nullopt;
  }
  return bytes;
}

class checker {
 public:
  checker(std::string_view name, const v1::KeyFile& file, const tree& places)
      : name_(name), file_(file), places_(places) {}

  result<std::shared_ptr<const key_ring>> run() {
    for (int i = 0; i < file_.keys_size() && problem_.empty(); ++i) check_key(i);
    check_whole();
    if (!problem_.empty()) return fail(errc::misconfigured, problem_);
    return std::shared_ptr<const key_ring>(std::move(ring_));
  }

 private:
  void complain(int line, std::string_view reason) {
    if (problem_.empty()) problem_ = fmt::format("{}:{}: {}", name_, line, reason);
  }

  static int line_of(const tree& place, const pb::Message& in, const char* field, int index) {
    const auto* known = in.GetDescriptor()->FindFieldByName(field);
    return std::max(place.GetLocation(known, index).line, 0) + 1;
  }
  int line_of(const char* field, int index) const { return line_of(places_, file_, field, index); }

  secret take(std::string_view text, std::string_view whose, int line) {
    auto bytes = secret_of(text);
    if (!bytes) {
      complain(line, fmt::format("the secret of {} is not base64 of exactly 32 bytes", whose));
      return {};
    }
    if (std::set<char>(bytes->begin(), bytes->end()).size() < different_bytes_min)
      complain(line, fmt::format("the secret of {} is no random bytes", whose));
    if (!used_.insert(std::string(text)).second)
      complain(line, fmt::format("the secret of {} is used twice in this file", whose));
    return secret(std::move(*bytes));
  }

  void check_key(int i) {
    const v1::Key& key = file_.keys(i);
    const int line = line_of("keys", i);
    const std::string whose = fmt::format("key {}", key.id());
    if (key.id() < 1 || key.id() > 65535) complain(line, "the id of a key is from 1 to 65535");
    if (!ids_.insert(key.id()).second) complain(line, fmt::format("{} stands here twice", whose));
    if (key.suite() != v1::CIPHER_SUITE_AES_256_GCM &&
        key.suite() != v1::CIPHER_SUITE_SM4_CTR_HMAC_SM3)
      complain(line, fmt::format("{} needs a suite", whose));
    if (key.state() != v1::KEY_STATE_ACTIVE && key.state() != v1::KEY_STATE_READ_ONLY)
      complain(line, fmt::format("{} needs a state", whose));
    const bool active = key.state() == v1::KEY_STATE_ACTIVE;
    if (active && active_++ > 0)
      complain(line, fmt::format("{} is active, and so is another: one key encrypts", whose));
    ring_->keys.push_back({.id = static_cast<std::uint16_t>(key.id()),
                           .suite = key.suite(),
                           .active = active,
                           .value = take(key.secret(), whose, line)});
  }

  void check_whole() {
    if (active_ == 0) complain(1, "no key is active: one key encrypts");
    const int index_line = line_of("index_key", -1);
    ring_->index_suite = file_.index_key().suite();
    if (ring_->index_suite != v1::HASH_SUITE_SHA_256 && ring_->index_suite != v1::HASH_SUITE_SM3)
      complain(index_line, "index_key needs a suite");
    ring_->index_key = take(file_.index_key().secret(), "index_key", index_line);
    ring_->signing_seed = take(file_.signing_seed(), "signing_seed", line_of("signing_seed", -1));
  }

  std::string name_;
  const v1::KeyFile& file_;
  const tree& places_;
  std::shared_ptr<key_ring> ring_ = std::make_shared<key_ring>();
  std::string problem_;
  std::set<std::string> used_;
  std::set<int> ids_;
  int active_ = 0;
};

}  // namespace

result<key_file_reading> check_key_file(std::string_view name, std::string text) {
  first_error errors;
  tree places;
  pb::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(&places);
  key_file_reading reading;
  const bool parsed = parser.ParseFromString(text, &reading.file);
  wipe(text);
  if (!parsed) return fail(errc::misconfigured, fmt::format("{}:{}", name, errors.what));
  auto ring = checker(name, reading.file, places).run();
  if (!ring) return pass(ring);
  reading.ring = std::move(*ring);
  return reading;
}

std::string secret_text(std::string_view bytes) {
  std::string text;
  append_base64(text, bytes);
  return text;
}

void wipe(v1::KeyFile& file) {
  for (v1::Key& key : *file.mutable_keys()) wipe(*key.mutable_secret());
  wipe(*file.mutable_index_key()->mutable_secret());
  wipe(*file.mutable_signing_seed());
}

}  // namespace hotline::crypto
