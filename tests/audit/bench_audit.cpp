// Prints what sealing costs at 7,000 events a second, what a seal takes of memory, and how long a
// verification takes. bench_audit [events]
#include <fmt/core.h>
#include <sys/resource.h>

#include <charconv>
#include <cstdlib>

#include "common/store/keys.hpp"
#include "common/store/records.hpp"
#include "tests/audit/audit_fixture.hpp"

namespace hotline::test {
namespace {

constexpr int events_a_second = 7'000;
/// What comes in between two looks of the sealer.
constexpr int events_a_look = 2'100;
constexpr int events_a_ticket = 4;

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

double own_cpu() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double redis_cpu(store_fixture& f) {
  const auto info = std::string(f.exec("INFO", "cpu").string());
  double sum = 0;
  for (const std::string name : {"used_cpu_sys:", "used_cpu_user:"}) {
    const auto at = info.find("\n" + name);
    sum += std::strtod(info.c_str() + at + 1 + name.size(), nullptr);
  }
  return sum;
}

std::string memory(store_fixture& f, const std::string& key) {
  return std::to_string(f.exec("MEMORY", "USAGE", key, "SAMPLES", 0).integer());
}

class filler {
 public:
  explicit filler(audit_fixture& f) : f_(f) {
    auto step = new_ticket();
    step.events.front().mutable_change()->mutable_intake()->mutable_matter()->set_content(
        std::string(150, 'x'));
    event_ = step.events.front();
  }

  /// Writes events into outbox and history, as commits do.
  void write(int count) {
    std::vector<redis::command> commands;
    for (int i = 0; i < count; ++i, ++written_) {
      const auto ticket = written_ / events_a_ticket;
      const auto shards = test_shards();
      const auto& shard = shards[static_cast<std::size_t>(ticket) % shards.size()];
      event_.set_ticket_no(fmt::format("{}-20261123-{:05}", shard, ticket + 1));
      event_.set_version(written_ % events_a_ticket + 1);
      const auto bytes = store::encode_event(event_);
      bytes_ = bytes.size();
      commands.emplace_back("XADD", store::events_key(shard), "*", "e", bytes);
      commands.emplace_back("RPUSH", store::history_key(event_.ticket_no()), bytes);
    }
    for (const auto& answer : f_.run(f_.redis.client->exec_all(std::move(commands))))
      answer.value();
  }
  std::size_t event_bytes() const { return bytes_; }

 private:
  audit_fixture& f_;
  v1::Event event_;
  int written_ = 0;
  std::size_t bytes_ = 0;
};

void run(int events) {
  audit_fixture f(events * 2);
  filler fill(f);
  double redis = 0;
  double own = 0;
  double wall = 0;
  for (int done = 0; done < events; done += events_a_look) {
    fill.write(std::min(events_a_look, events - done));
    const auto redis_before = redis_cpu(f);
    const auto own_before = own_cpu();
    const auto start = steady_now();
    f.seal();
    wall += std::chrono::duration<double>(steady_now() - start).count();
    own += own_cpu() - own_before;
    redis += redis_cpu(f) - redis_before;
    for (const auto& shard : test_shards()) f.exec("XTRIM", store::events_key(shard), "MAXLEN", 0);
  }
  f.keep();
  const double share = 100.0 * events_a_second / events;
  fmt::print("{} events of {} bytes, in looks of {}\n", events, fill.event_bytes(), events_a_look);
  fmt::print("sealing, per event: Redis {:.2f} µs, the sealer {:.2f} µs, wall {:.2f} µs\n",
             redis / events * 1e6, own / events * 1e6, wall / events * 1e6);
  fmt::print("at {} a second: Redis {:.1f} %, the sealer {:.1f} % of a core\n", events_a_second,
             redis * share, own * share);
  fmt::print("memory of the chains:");
  for (const auto& shard : test_shards())
    fmt::print(" {} {} B", shard, memory(f, store::seal_key(shard)));
  fmt::print(" for {} events\n", events);
  const auto start = steady_now();
  auto report = f.redis.run(store::verify_seals(*f.redis.client, f.verify_options()),
                            std::chrono::seconds(600));
  const double took = std::chrono::duration<double>(steady_now() - start).count();
  fmt::print("verified {} events of {} tickets in {:.1f} s: {}\n", report.value().events,
             report->tickets, took, report->clean() ? "clean" : complaints(*report));
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  fmt::print("highest memory of this program: {} MB\n", used.ru_maxrss / 1024);
}

}  // namespace
}  // namespace hotline::test

int main(int argc, char** argv) {
  int events = 1'000'000;
  if (argc > 1) std::from_chars(argv[1], argv[1] + std::char_traits<char>::length(argv[1]), events);
  hotline::test::run(events);
  return 0;
}
