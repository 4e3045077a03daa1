#include "tests/system/exchange_world.hpp"

#include <fmt/core.h>
#include <google/protobuf/text_format.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "common/domain/civil.hpp"
#include "common/runtime/config_loader.hpp"
#include "common/store/keys.hpp"
#include "tests/support/run_coro.hpp"

namespace hotline::test {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds stop_limit{30};
constexpr int timeout_ms = 400;  ///< how long the hotline waits for a partner's answer
constexpr std::chrono::milliseconds late{600};
constexpr int mischief_per_message = 3;

v1::HotlineConfig loaded() {
  auto config = runtime::load_config(HOTLINE_CONFIG_DIR);
  if (!config) throw std::runtime_error(to_string(config.error()));
  return std::move(*config);
}

domain::province built(const v1::HotlineConfig& config) {
  auto land = domain::build_province(config);
  if (!land) throw std::runtime_error(to_string(land.error()));
  return std::move(*land);
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> found;
  for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(parent) + "/task")) {
    std::ifstream in(task.path() / "children");
    for (pid_t child = 0; in >> child;) found.push_back(child);
  }
  return found;
}

void write_text(const fs::path& file, const std::string& text) {
  std::ofstream out(file);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace

exchange_world::exchange_world(exchange_options options)
    : shipped_(loaded()),
      land_(built(shipped_)),
      now_(domain::civil_instant(std::chrono::year(2026) / 11 / 25, std::chrono::hours(9))) {
  const auto made = [&](const char* name, std::string prefix, partner_will will) {
    stand_in_options each;
    each.seed = options.seed;
    each.mischief = options.mischief;
    each.mischief_per_message = mischief_per_message;
    each.repetition = options.repetition;
    each.late = late;
    each.number_prefix = std::move(prefix);
    each.will = std::move(will);
    if (std::string_view(name).starts_with("legal")) each.declines = legal_declines;
    if (std::string_view(name).starts_with("jining")) each.declines = options.city_declines;
    const auto found = std::ranges::find(shipped_.partners(), name, &v1::Partner::name);
    return std::make_unique<stand_in>(*found, land_, now_, std::move(each));
  };
  city_ = made("jining-12345", "JNX-", reaction);
  province_ = made("shandong-12345", "SDX-", reaction);
  legal_aid_ = made("legal-aid-12348", "FY-", legal_reaction);
  write_config();
}

stand_in& exchange_world::of(const std::string& partner) {
  if (partner == "jining-12345") return *city_;
  return partner == "shandong-12345" ? *province_ : *legal_aid_;
}

/// The shipped configuration, its partners replaced by the stand-ins.
void exchange_world::write_config() {
  const fs::path to = config_directory_.path();
  fs::copy(HOTLINE_CONFIG_DIR, to,
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  for (const auto& file : fs::directory_iterator(to / "partners"))
    if (file.is_regular_file()) fs::remove(file.path());
  v1::HotlineConfig partners;
  fs::create_directories(data() + "/secrets");
  fs::permissions(data() + "/secrets", fs::perms::owner_all);
  for (const auto* one : all()) {
    v1::Partner& partner = *partners.add_partners();
    partner = one->config();
    partner.mutable_outbound()->set_timeout_ms(timeout_ms);
    for (const auto* signature : {&partner.inbound().signature(), &partner.outbound().signature()})
      for (const auto& key : signature->keys())
        write_text(data() + "/secrets/" + key.secret_file(),
                   stand_in::secret_of(key.secret_file()) + "\n");
  }
  std::string text;
  google::protobuf::TextFormat::PrintToString(partners, &text);
  write_text(to / "partners" / "stand_ins.textproto", text);
  set_config(to.string());
}

void exchange_world::start() {
  server_.reset();
  server_.emplace(serve());
  use(*server_);
  for (auto* one : all()) one->set_hotline(port());
}

void exchange_world::kill_server() {
  server_->send_signal(SIGKILL);
  server_->wait_exit(stop_limit);
  start();
}

void exchange_world::kill_redis() {
  for (const auto redis : children_of(server_->pid())) ::kill(redis, SIGKILL);
}

exchange_world::remains exchange_world::left_of(const stand_in& partner) {
  const std::string name = partner.config().name();
  remains left;
  const auto asked = with_redis([&](redis::client& redis) {
    const auto size = [&](const std::string& key) {
      return run_coro(context(), redis.exec(redis::command("ZCARD", key)))->integer();
    };
    left = {.waiting = size(store::partner_due_key(name)),
            .sending = size(store::partner_sending_key(name)),
            .dead_letters = size(store::partner_dead_key(name)),
            .reviews = size(store::partner_reviews_order_key(name)),
            .files = size("{p:" + name + "}:fetches:due")};
  });
  if (!asked) throw std::runtime_error(to_string(asked.error()));
  return left;
}

void exchange_world::advance(milliseconds by) {
  now_ += by;
  eventually("the clock is moved", [&] {
    const auto moved =
        call(net::method::put, "/v1/clock", administrator,
             fmt::format(R"({{"now":"{}","rate":0}})", domain::format_rfc3339(now_)));
    return moved.status == 200;
  });
  for (auto* one : all()) one->set_now(now_);
}

void exchange_world::next_day(int hour) {
  const auto today = domain::midnight(domain::civil_date(now_));
  advance(today + std::chrono::days(1) + std::chrono::hours(hour) - now_);
}

std::int64_t exchange_world::happened() {
  std::int64_t count = 0;
  for (auto* one : all()) {
    count += one->work().pushed;
    count += one->look([](const ledger& books) { return books.messages() + books.repetitions(); });
  }
  return count;
}

void exchange_world::settle(const std::string& what, const std::function<bool()>& so) {
  constexpr std::chrono::milliseconds quiet{150};
  constexpr milliseconds first_step = std::chrono::minutes(1);
  constexpr milliseconds longest_step = std::chrono::minutes(16);
  const auto deadline = steady_now() + limit_;
  auto step = first_step;
  auto seen = happened();
  auto since = steady_now();
  for (;;) {
    const auto asked = steady_now();
    if (so()) return;
    if (steady_now() > deadline) throw std::runtime_error("not in time: " + what);
    // Nothing to wait on: what is waited for happens in other processes and threads, which looking
    // must not keep from their work.
    constexpr std::chrono::steady_clock::duration pause = std::chrono::milliseconds(10);
    std::this_thread::sleep_for(std::max(pause, 4 * (steady_now() - asked)));
    const auto count = happened();
    if (count != seen) {
      seen = count;
      since = steady_now();
      step = first_step;
    } else if (steady_now() - since > quiet) {
      advance(step);
      step = std::min(step * 2, longest_step);
      since = steady_now();
    }
  }
}

}  // namespace hotline::test
