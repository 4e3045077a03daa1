// `hotline audit list`.
#include <fmt/core.h>

#include <cstdio>

#include "common/base/rfc3339.hpp"
#include "common/store/audit_log.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/tool_session.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

constexpr std::size_t looks_a_page = 1'000;

void print_record(const store::logged_record& one) {
  if (!one.readable) return fmt::print("{} 无法读取 unreadable\n", one.id);
  const auto& record = one.record;
  std::string line;
  append_rfc3339(line, from_unix_ms(record.at()));
  const auto add = [&](std::string_view what) {
    if (!what.empty()) line.append("  ").append(what);
  };
  add(record.actor().user());
  add(record.actor().unit());
  add(record.action());
  add(record.object());
  add(record.done() ? "" : "未成 refused");
  add(record.reason());
  add(record.address());
  add(record.detail());
  fmt::print("{}\n", line);
}

awaitable<int> run(tool_session& session, store::record_filter wanted, std::size_t limit) {
  store::audit_log log(session.store().redis, session.data_set());
  std::optional<std::string> cursor;
  do {
    const auto page = co_await log.find(wanted, cursor, limit, looks_a_page);
    if (!page) {
      fmt::print(stderr, "hotline: {}\n", page.error().detail);
      co_return exit_failed;
    }
    for (const auto& one : page->records) print_record(one);
    limit -= page->records.size();
    cursor = page->next;
  } while (cursor && limit > 0 && !session.stopping().raised());
  co_return exit_ok;
}

}  // namespace

int list_audit(const command_places& where, const audit_list_options& options) {
  store::record_filter wanted{options.user, options.action, 0};
  if (!options.since.empty()) {
    const auto since = read_rfc3339(options.since);
    if (!since) {
      fmt::print(stderr, "hotline: --since is written 2026-11-23T00:00:00+08:00\n");
      return exit_usage;
    }
    wanted.since = to_unix_ms(*since);
  }
  return tool_session::run(where, false, [wanted, &options](tool_session& session) {
    return run(session, wanted, static_cast<std::size_t>(options.limit));
  });
}

}  // namespace hotline::program
