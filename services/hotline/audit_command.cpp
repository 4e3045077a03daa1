// `hotline audit verify`.
#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <optional>

#include "common/crypto/key_file.hpp"
#include "common/store/seal_verify.hpp"
#include "services/audit/heads_file.hpp"
#include "services/hotline/audit_thread.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/tool_session.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;
namespace fs = std::filesystem;

void show_progress(const store::seal_report& so_far) {
  fmt::print(stderr, "\r已查 {} 个封条，{} 个事件，{} 张工单", so_far.entries, so_far.events,
             so_far.tickets);
}

std::optional<std::string> key_from_hex(std::string_view text) {
  if (text.size() != 2 * crypto::public_key_bytes) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned value = 0;
    const auto two = std::string(text.substr(i, 2));
    if (two.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return std::nullopt;
    value = static_cast<unsigned>(std::stoul(two, nullptr, 16));
    bytes += static_cast<char>(value);
  }
  return bytes;
}

/// The raw public keys whose signatures count.
result<std::vector<std::string>> public_keys(const audit_verify_options& options,
                                             const fs::path& key_file) {
  std::vector<std::string> keys;
  for (const auto& text : options.public_keys) {
    auto key = key_from_hex(text);
    if (!key) return fail(errc::invalid_argument, "a public key is 64 hexadecimal digits");
    keys.push_back(*std::move(key));
  }
  if (!keys.empty()) return keys;
  const auto ring = crypto::read_key_file(key_file);
  if (!ring) return pass(ring);
  keys.push_back(crypto::signing_key((*ring)->signing_seed.bytes()).public_key());
  return keys;
}

void print_report(const store::seal_report& report, const std::vector<std::string>& file_problems) {
  for (const auto& text : file_problems) fmt::print("heads {}\n", text);
  for (const auto& problem : report.problems)
    fmt::print("{} {}\n", to_string(problem.kind), problem.text);
  fmt::print("查 {} 个封条，{} 个事件和审计记录，{} 张工单，{} 个签名链头；{} 个待封\n",
             report.entries, report.events, report.tickets, report.heads, report.waiting);
  if (report.repeated > 0)
    fmt::print("出站箱重建后重复封存 {} 个事件，内容未变 sealed again, unchanged\n",
               report.repeated);
  for (const auto& [kind, count] : report.counts) fmt::print("  {} {}\n", to_string(kind), count);
  if (report.clean() && file_problems.empty()) {
    fmt::print("审计链完好 The record is as it was sealed\n");
  } else {
    fmt::print("审计链不符 The record was tampered with or damaged\n");
  }
}

awaitable<int> run(tool_session& session, command_places where, audit_verify_options options) {
  const auto& settings = session.ready().settings().audit();
  const auto failed = [](const failure& why) {
    fmt::print(stderr, "hotline: {}\n", why.detail);
    return exit_failed;
  };
  const auto keys = public_keys(options, signing_key_path(settings, where.data));
  if (!keys) co_return failed(keys.error());
  const fs::path path =
      options.heads.empty() ? heads_path(settings, where.data) : fs::path(options.heads);
  audit::heads_reading heads;
  std::error_code ignored;
  if (fs::exists(path, ignored) || !options.heads.empty()) {
    auto read = audit::read_heads_file(path, *keys);
    if (!read) co_return failed(read.error());
    heads = *std::move(read);
  } else {
    heads.problems.push_back(fmt::format("{}: there are no signed heads", path.string()));
  }
  store::seal_verify_options wanted;
  wanted.data_set = session.data_set();
  wanted.shards = session.ready().shards();
  wanted.archive = audit_directory(settings, where.data);
  wanted.heads = std::move(heads.heads);
  const bool person = isatty(STDERR_FILENO) == 1;
  if (person) wanted.progress = show_progress;
  const auto report = co_await store::verify_seals(session.store().redis, std::move(wanted));
  if (person) fmt::print(stderr, "\n");
  if (!report) co_return failed(report.error());
  print_report(*report, heads.problems);
  co_return report->clean() && heads.problems.empty() ? exit_ok : exit_found;
}

}  // namespace

int verify_audit(const command_places& where, const audit_verify_options& options) {
  return tool_session::run(where, false, [where, options](tool_session& session) {
    return run(session, where, options);
  });
}

}  // namespace hotline::program
