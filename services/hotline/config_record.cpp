#include "services/hotline/config_record.hpp"

#include <fmt/core.h>

#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "common/crypto/digest.hpp"
#include "common/store/audit_log.hpp"

namespace hotline::program {

namespace asio = boost::asio;

namespace {

constexpr const char* note = "config";
/// Enough of a hash to tell two versions of a file apart.
constexpr std::size_t shown_digits = 16;

std::map<std::string, std::string> hashes_of(const std::string& fingerprint) {
  std::map<std::string, std::string> hashes;
  std::istringstream lines(fingerprint);
  for (std::string line; std::getline(lines, line);) {
    const auto blank = line.rfind(' ');
    if (blank != std::string::npos) hashes[line.substr(0, blank)] = line.substr(blank + 1);
  }
  return hashes;
}

void append_list(std::string& text, std::string_view what, const std::string& list) {
  if (list.empty()) return;
  if (!text.empty()) text += "; ";
  text.append(what).append(":").append(list);
}

}  // namespace

result<std::string> config_fingerprint(const std::filesystem::path& directory,
                                       const std::vector<std::string>& files) {
  crypto::digest digest(v1::HASH_SUITE_SHA_256);
  std::string lines;
  for (const auto& file : files) {
    std::ifstream in(directory / file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (!in.good() && !in.eof())
      return fail(errc::io_error, fmt::format("{} cannot be read", (directory / file).string()));
    lines += fmt::format("{} {}\n", file, crypto::to_hex(crypto::as_bytes(digest.of(bytes))));
  }
  return lines;
}

std::string config_difference(const std::string& before, const std::string& after) {
  const auto old = hashes_of(before);
  const auto now = hashes_of(after);
  std::string changed;
  std::string added;
  std::string removed;
  for (const auto& [file, hash] : now) {
    const auto known = old.find(file);
    const auto line = fmt::format(" {} {}", file, hash.substr(0, shown_digits));
    if (known == old.end()) {
      added += line;
    } else if (known->second != hash) {
      changed += line;
    }
  }
  for (const auto& [file, hash] : old)
    if (!now.contains(file)) removed += " " + file;
  std::string text;
  append_list(text, "changed", changed);
  append_list(text, "added", added);
  append_list(text, "removed", removed);
  return text;
}

asio::awaitable<result<void>> record_configuration(redis::client& redis, std::string data_set,
                                                   std::filesystem::path directory,
                                                   std::vector<std::string> files,
                                                   const clock& now) {
  const auto fingerprint = config_fingerprint(directory, files);
  if (!fingerprint) co_return pass(fingerprint);
  store::audit_log log(redis, std::move(data_set));
  const auto before = co_await log.note(note);
  if (!before) co_return pass(before);
  v1::AuditRecord record;
  record.set_at(to_unix_ms(now.now()));
  record.mutable_actor()->set_user("hotline");
  record.mutable_actor()->set_role(v1::ROLE_SYSTEM);
  record.set_action("config.change");
  record.set_object("configuration");
  record.set_done(true);
  record.set_detail(config_difference(before->value_or(""), *fingerprint));
  const auto recorded = co_await log.append_if_changed(std::move(record), note, *fingerprint);
  if (!recorded) co_return pass(recorded);
  co_return result<void>{};
}

}  // namespace hotline::program
