#include "tests/audit/audit_fixture.hpp"

#include <fmt/core.h>

#include <filesystem>

#include "common/store/keys.hpp"

namespace hotline::test {
namespace {

audit::sealer_options options_of(store_fixture& store, v1::HashSuite hash, std::size_t run_max) {
  audit::sealer_options options;
  options.data_set = store.guard.data_set();
  options.shards = sealed_shards();
  options.hash = hash;
  options.run_max = run_max;
  return options;
}

}  // namespace

std::vector<std::string> sealed_shards() {
  auto shards = test_shards();
  shards.emplace_back(store::people_shard);
  return shards;
}

v1::AuditRecord audit_record(const std::string& action) {
  v1::AuditRecord record;
  record.set_at(to_unix_ms(monday));
  record.mutable_actor()->set_user("li");
  record.set_action(action);
  record.set_done(true);
  return record;
}

std::string complaints(const store::seal_report& report) {
  std::string text;
  for (const auto& problem : report.problems)
    text += fmt::format("{}: {}\n", to_string(problem.kind), problem.text);
  return text;
}

sealing::sealing(store_fixture& store, const std::string& directory, std::int64_t events_kept,
                 v1::HashSuite hash, std::size_t run_max)
    : client(store.redis.make_client()),
      key(std::string(crypto::signing_seed_bytes, 's')),
      keeper(*client, {directory, directory + "/heads.jsonl", events_kept}, key, quiet_log()),
      sealer(*client, keeper, store.clock, options_of(store, hash, run_max), counters,
             quiet_log()) {}

audit_fixture::audit_fixture(std::int64_t events_kept, v1::HashSuite hash)
    : work(*this, redis.directory.path() + "/audit", events_kept, hash) {}

void audit_fixture::seal() {
  while (true) {
    const auto more = run(work.sealer.seal_once());
    if (!more) throw std::runtime_error(to_string(more.error()));
    if (!*more) return;
  }
}

void audit_fixture::keep() {
  const auto kept = run(work.sealer.keep_once());
  if (!kept) throw std::runtime_error(to_string(kept.error()));
}

void audit_fixture::record(const std::string& action) {
  store::audit_log log(*redis.client, guard.data_set());
  const auto done = run(log.append(audit_record(action)));
  if (!done) throw std::runtime_error(to_string(done.error()));
}

void audit_fixture::fill_and_seal() {
  const auto add = [&](const std::string& shard, int serial) {
    ticket_shape shape;
    shape.no = fmt::format("{}-20261123-{:05}", shard, serial);
    shape.content_bytes = 20;
    auto step = new_ticket(shape);
    commit(nullptr, step);
    numbers.push_back(shape.no);
    for (int i = 0; i < 3; ++i) {
      auto next =
          i == 1 ? moved(step.ticket, monday + std::chrono::days(9)) : annotated(step.ticket);
      commit(&step.ticket, next);
      step = std::move(next);
    }
    seal();
  };
  for (int round = 0; round < 3; ++round) {
    add("3708", 2 * round + 1);
    add("3708", 2 * round + 2);
    add("3701", round + 1);
    for (int i = 0; i < 3; ++i) record(fmt::format("user.change.{}.{}", round, i));
    seal();
    if (round < 2) keep();
  }
  keep();
}

store::seal_verify_options audit_fixture::verify_options(bool with_heads, bool with_archive) {
  store::seal_verify_options options;
  options.data_set = guard.data_set();
  options.shards = test_shards();
  if (with_archive) options.archive = audit_directory();
  if (with_heads) {
    auto read = audit::read_heads_file(heads_path(), {work.key.public_key()});
    if (!read) throw std::runtime_error(to_string(read.error()));
    if (!read->problems.empty()) throw std::runtime_error(read->problems.front());
    options.heads = std::move(read->heads);
  }
  return options;
}

store::seal_report audit_fixture::verify(bool with_heads, bool with_archive) {
  auto report = run(store::verify_seals(*redis.client, verify_options(with_heads, with_archive)));
  if (!report) throw std::runtime_error(to_string(report.error()));
  return *std::move(report);
}

}  // namespace hotline::test
