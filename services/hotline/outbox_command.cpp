// `hotline outbox`: how far the readers of the outboxes are, and bringing back what was removed
// before they saw it.
#include <fmt/core.h>

#include <cstdio>
#include <map>
#include <string>

#include "common/base/rfc3339.hpp"
#include "common/domain/reaction.hpp"
#include "common/store/outbox_rebuild.hpp"
#include "common/store/stream_keeper.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/console_deed.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/text_table.hpp"
#include "services/hotline/tool_session.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

struct reader_sums {
  std::int64_t waiting = 0;
  std::int64_t pending = 0;
  std::int64_t dead = 0;
  std::int64_t lost = 0;
};

awaitable<int> show(tool_session& session) {
  std::map<std::string, reader_sums> readers;
  std::int64_t entries = 0;
  std::int64_t gaps = 0;
  std::vector<std::string> lanes{""};
  lanes.insert(lanes.end(), domain::reaction_lanes.begin(), domain::reaction_lanes.end());
  for (std::size_t i = 0; i < session.ready().shards().size() * lanes.size(); ++i) {
    const auto shard = session.ready().shards()[i / lanes.size()];
    const auto& lane = lanes[i % lanes.size()];
    const auto report = co_await store::report_stream(session.store().redis, shard, lane);
    if (!report) co_return complain(report.error());
    const auto found =
        co_await store::find_outbox_gaps(session.store().redis, session.data_set(), shard, lane);
    if (!found) co_return complain(found.error());
    if (lane.empty()) entries += report->length;
    if (found->any()) {
      gaps += found->size();
      fmt::print("{} 缺少至少 {} 个事件 events are missing\n", shard, found->size());
    }
    for (const auto& group : report->groups) {
      auto& sums = readers[group.group];
      sums.waiting += group.lag.value_or(0);
      sums.pending += group.pending;
      sums.dead += group.dead_letters;
      const auto lost = found->lost.find(group.group);
      if (lost != found->lost.end()) sums.lost += lost->second;
    }
  }
  text_table table({"服务", "未读", "处理中", "死信", "缺失"});
  for (const auto& [name, sums] : readers) {
    table.add({name, std::to_string(sums.waiting), std::to_string(sums.pending),
               std::to_string(sums.dead), std::to_string(sums.lost)});
  }
  fmt::print("事件出站箱 {} 条\n\n{}", entries, table.to_text());
  if (gaps == 0) co_return exit_ok;
  fmt::print(
      "\n运行中的服务会自动补回；也可执行 hotline outbox rebuild\n"
      "A running server brings them back by itself; or run: hotline outbox rebuild\n");
  co_return exit_found;
}

awaitable<int> rebuild(tool_session& session, std::optional<instant> since) {
  store::rebuild_options options;
  options.data_set = session.data_set();
  options.shards = session.ready().shards();
  options.since = since;
  const auto done = co_await store::rebuild_outboxes(session.store().redis, std::move(options));
  if (!done) co_return complain(done.error());
  for (const auto& [shard, gaps] : done->gaps)
    fmt::print("{} 缺少至少 {} 个事件 events were missing\n", shard, gaps.size());
  fmt::print("查 {} 张工单，补回 {} 个事件 events brought back\n", done->tickets, done->restored);
  co_return exit_ok;
}

}  // namespace

int show_outboxes(const command_places& where) {
  return tool_session::run(where, false, [](tool_session& session) { return show(session); });
}

int rebuild_outboxes(const command_places& where, std::optional<instant> since) {
  return tool_session::run(where, false,
                           [since](tool_session& session) { return rebuild(session, since); });
}

}  // namespace hotline::program
