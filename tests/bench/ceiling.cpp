#include "ceiling.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "bodies.hpp"
#include "common/domain/apply.hpp"
#include "common/domain/decide.hpp"
#include "common/domain/derive.hpp"
#include "common/domain/reaction.hpp"
#include "common/store/function_library.hpp"
#include "common/store/keys.hpp"
#include "common/store/personal_vault.hpp"
#include "common/store/records.hpp"
#include "tests/support/test_keys.hpp"

namespace hotline::bench {
namespace {

constexpr std::string_view sample_no = "3708-20261123-000000001";

/// redis-benchmark sends the same call again and again, so an entry is put before the commit
/// function that writes the next serial into the keys and arguments: numbers count up, as real ones
/// do.
constexpr std::string_view numbered_commit = R"lua(
local serial = 0
redis.register_function('commit_numbered', function(keys, args)
  serial = serial + 1
  local no = string.format('3708-20261123-%09d', serial)
  keys[1], keys[2] = '{3708}:ticket:' .. no, '{3708}:history:' .. no
  args[2], args[5] = no, 'bench-' .. no
  return commit(keys, args)
end)
)lua";

/// A command line cannot hold NUL; any other byte costs the same.
std::string without_nul(std::string bytes) {
  std::ranges::replace(bytes, '\0', '\1');
  return bytes;
}

/// A create as the gateway decides it, with its personal fields sealed.
domain::decision decide_create(world& w, body_maker& maker, store::personal_vault& vault) {
  v1::Command create;
  *create.mutable_create() = maker.next();
  create.mutable_create()->mutable_intake()->mutable_matter()->set_region("370883");
  create.mutable_actor()->set_user("u001");
  create.mutable_actor()->set_unit("370000");
  create.mutable_actor()->set_role(v1::ROLE_OPERATOR);
  create.set_id("bench-1-000000001");
  create.set_ticket_no(std::string(sample_no));
  auto made = domain::decide(nullptr, create, w.land(), wall_clock().now());
  if (!made) throw std::runtime_error("the sample create was refused: " + made.error().rule());
  made->ticket.Clear();
  for (auto& event : made->events) {
    vault.seal(event);
    domain::apply(made->ticket, event);
  }
  return *std::move(made);
}

/// Of many creates the one whose size is nearest to their mean.
domain::decision typical_create(world& w) {
  constexpr int looked_at = 200;
  body_maker maker(w.land(), 1);
  store::personal_vault vault(test::keys_for_tests());
  std::vector<domain::decision> all;
  std::size_t sum = 0;
  for (int i = 0; i < looked_at; ++i) {
    all.push_back(decide_create(w, maker, vault));
    sum += all.back().ticket.ByteSizeLong();
  }
  const auto mean = static_cast<std::int64_t>(sum / looked_at);
  return *std::ranges::min_element(all, {}, [&](const domain::decision& one) {
    return std::abs(static_cast<std::int64_t>(one.ticket.ByteSizeLong()) - mean);
  });
}

/// The arguments of FCALL for a create, as ticket_store sends them.
std::vector<std::string> commit_call(world& w, const std::string& data_set, std::size_t& payload) {
  const auto made = typical_create(w);
  const auto& no = made.ticket.no();
  const auto ticket = store::encode_ticket(made.ticket);
  const auto event = store::encode_event(made.events.front());
  payload = ticket.size() + event.size();
  const auto derived = domain::derive(made.ticket);
  std::vector<std::string> keys = {store::ticket_key(no),     store::history_key(no),
                                   store::events_key("3708"), store::head_key("3708"),
                                   "{0000}:idem:20261123",    "{0000}:idem:20261122"};
  for (const auto& e : derived) keys.push_back(store::derived_key("3708", e.key));
  std::vector<std::string> call = {"FCALL", "commit_numbered", std::to_string(keys.size())};
  call.insert(call.end(), keys.begin(), keys.end());
  // Header and checksum stay as they are; the bytes behind them only have the right size.
  const auto value = ticket.substr(0, 28) + without_nul(ticket.substr(28));
  for (auto& argument :
       std::vector<std::string>{data_set, no, "0", value, "bench-1-000000001", std::string(16, 'f'),
                                std::string(60, 'a'), "1", without_nul(event),
                                std::string(domain::lanes_of(made.events.front()))}) {
    call.push_back(argument);
  }
  for (const auto& e : derived) call.push_back(store::format_score(e.score));
  return call;
}

double benchmark(const std::string& socket, int pipeline, std::size_t commits,
                 const std::vector<std::string>& call) {
  std::vector<std::string> command = {
      "redis-benchmark",       "-s",   socket, "-c", "50", "-P", std::to_string(pipeline), "-n",
      std::to_string(commits), "--csv"};
  command.insert(command.end(), call.begin(), call.end());
  const auto done = run_program(command);
  if (!done) throw std::runtime_error("redis-benchmark failed");
  const auto& out = done->out;
  // Last line: "name","rps",…
  const auto line = out.substr(out.find_last_of('\n', out.size() - 2) + 1);
  // The command itself holds commas, so the fields are counted from the end: seven follow rps.
  std::vector<std::string> fields;
  std::size_t end = line.size();
  for (int i = 0; i < 7; ++i) {
    const auto at = line.rfind(',', end - 1);
    if (at == std::string::npos) break;
    fields.push_back(line.substr(at + 1, end - at - 1));
    end = at;
  }
  auto rps = fields.size() < 7 ? std::string() : fields.back();
  std::erase_if(rps, [](char c) { return c == '"' || c == '\n'; });
  double value = 0;
  std::from_chars(rps.data(), rps.data() + rps.size(), value);
  if (value <= 0) throw std::runtime_error("redis-benchmark printed something unexpected");
  return value;
}

}  // namespace

ceiling measure_ceiling(world& w, std::size_t commits) {
  own_redis redis(w.context(), w.directory() / "ceiling", w.land(), store::data_set_mode::live);
  redis.exec(redis::command("FUNCTION", "LOAD", "REPLACE",
                            store::function_library_source() + std::string(numbered_commit)));
  ceiling out;
  const auto call = commit_call(w, redis.data_set(), out.payload_bytes);
  int i = 0;
  for (const int pipeline : {1, 16, 64}) {
    const auto before = redis.exec(redis::command("HGET", store::head_key("3708"), "commits"));
    out.by_pipeline[i] = benchmark(redis.socket(), pipeline, commits, call);
    const auto after = redis.exec(redis::command("HGET", store::head_key("3708"), "commits"));
    // A benchmark of refusals would be a fine figure for nothing.
    const auto done =
        std::stoll(std::string(after.string())) - std::stoll(std::string(before.string()));
    if (done < static_cast<long long>(commits) * 98 / 100) {
      throw std::runtime_error(
          fmt::format("only {} of {} raw commits were carried out", done, commits));
    }
    out.commits_per_second = std::max(out.commits_per_second, out.by_pipeline[i]);
    ++i;
  }
  const std::string stats(redis.exec(redis::command("INFO", "commandstats")).string());
  if (const auto at = stats.find("cmdstat_fcall:"); at != std::string::npos) {
    const auto per_call = stats.find("usec_per_call=", at);
    out.redis_us_per_commit = std::stod(stats.substr(per_call + 14, 12));
  }
  return out;
}

}  // namespace hotline::bench
