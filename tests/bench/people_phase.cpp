// What people cost: signing in beside the work, deciding what they may do, sealing what is
// personal.
#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <memory>
#include <stdexcept>
#include <vector>

#include "common/domain/decide.hpp"
#include "common/net/http_client.hpp"
#include "fill.hpp"
#include "http_load.hpp"
#include "phases.hpp"
#include "tests/support/people.hpp"
#include "tests/support/test_keys.hpp"
#include "tests/unit/domain/permission/rate.hpp"

namespace hotline::bench {
namespace {

using namespace boost::asio::experimental::awaitable_operators;

/// One who signs in again and again until told to stop.
boost::asio::awaitable<void> keep_signing_in(world& w, test::person who, const bool& stop,
                                             std::size_t& done) {
  net::http_client http(w.context(), "127.0.0.1", w.port());
  while (!stop) {
    const auto headers = co_await test::signing_in(http, who);
    if (!headers) throw std::runtime_error("a sign-in failed: " + headers.error().detail);
    ++done;
  }
}

boost::asio::awaitable<load_result> and_stop(boost::asio::awaitable<load_result> load, bool& stop) {
  auto made = co_await std::move(load);
  stop = true;
  co_return made;
}

/// The p99 of creates at the fixed rate.
double steady_p99(world& w, const sizes& s, std::uint64_t seed) {
  http_load load(w, seed);
  auto made = w.run(
      load.fixed_rate(s.rate, s.rate_seconds, s.connections, [](const std::string&, auto) {}));
  if (made.failed > 0) throw std::runtime_error("creates failed");
  return made.latency.percentile(0.99);
}

/// The same while people sign in; counts how often they did.
double busy_p99(world& w, const sizes& s, std::uint64_t seed,
                const std::vector<test::person>& people, std::size_t& done) {
  bool stop = false;
  http_load load(w, seed);
  auto beside = [&]() -> boost::asio::awaitable<load_result> {
    auto made = co_await (
        and_stop(
            load.fixed_rate(s.rate, s.rate_seconds, s.connections, [](const std::string&, auto) {}),
            stop) &&
        keep_signing_in(w, people[0], stop, done) && keep_signing_in(w, people[1], stop, done) &&
        keep_signing_in(w, people[2], stop, done) && keep_signing_in(w, people[3], stop, done));
    co_return made;
  };
  auto made = w.run(beside());
  if (made.failed > 0) throw std::runtime_error("creates failed");
  return made.latency.percentile(0.99);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// With and without sign-ins in turn, several times: a disk that stalls once decides nothing.
void measure_sign_in(world& w, const sizes& s, report& out) {
  constexpr int people = 4;
  constexpr int rounds = 3;
  std::vector<test::person> all;
  for (int i = 0; i < people; ++i) {
    all.push_back({fmt::format("login{}", i), "370000", "ROLE_OPERATOR"});
    const auto made = test::make_person(w.context(), w.redis().client(), all.back(),
                                        test::hashing::as_in_service);
    if (!made) throw std::runtime_error("a user cannot be made: " + made.error().detail);
  }
  w.redis().settle();
  std::vector<double> calm;
  std::vector<double> busy;
  std::size_t done = 0;
  double seconds = 0;
  for (int i = 0; i < rounds; ++i) {
    const auto seed = 41 + 2 * static_cast<std::uint64_t>(i);
    calm.push_back(steady_p99(w, s, seed));
    const auto begun = steady_now();
    busy.push_back(busy_p99(w, s, seed + 1, all, done));
    seconds += std::chrono::duration<double>(steady_now() - begun).count();
  }
  out.add({"logins_per_second",
           "argon2id as in service, four who sign in all the time",
           static_cast<double>(done) / seconds,
           "/s",
           {},
           {}});
  out.add(
      {"create_p99_calm", "at the fixed rate, nobody signs in; of 3", median(calm), "ms", {}, {}});
  out.add({"create_p99_logins", "while they sign in; of 3", median(busy), "ms", {}, {}});
  out.add({"create_p99_logins_ratio", "ratio", median(busy) / median(calm), "x", {}, 2});
}

void measure_sealing(world& w, report& out) {
  constexpr int rounds = 20'000;
  filler fill(w, 43);
  store::personal_vault vault(test::keys_for_tests());
  std::vector<v1::Event> events;
  body_maker bodies(w.land(), 44);
  for (int i = 0; i < rounds; ++i) {
    auto& event = events.emplace_back();
    event.set_ticket_no("3708-20261123-00001");
    *event.mutable_change()->mutable_intake() = bodies.next().intake();
  }
  const auto begun = steady_now();
  for (auto& event : events) vault.seal(event);
  const std::chrono::duration<double, std::micro> took = steady_now() - begun;
  out.add({"sealing_us",
           "encrypting the personal fields of a create",
           took.count() / rounds,
           "us",
           {},
           {}});
}

}  // namespace

void measure_people(world& w, const sizes& s, report& out) {
  out.say("People: sign-in beside creates, permission decisions, encryption");
  const auto rate = test::measure_permission(2);
  out.add({"permission_commands", "decisions about commands", rate.commands, "/s", {}, {}});
  out.add({"permission_readings", "decisions about readings", rate.readings, "/s", {}, {}});
  measure_sealing(w, out);
  measure_sign_in(w, s, out);
}

}  // namespace hotline::bench
