#include "services/hotline/tool_session.hpp"

#include <fmt/core.h>
#include <signal.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <utility>

#include "common/store/keys.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/log_setup.hpp"
#include "services/hotline/store_access.hpp"

namespace hotline::program {

namespace asio = boost::asio;

namespace {

constexpr auto connect_limit = std::chrono::seconds(30);

}  // namespace

int tool_session::run(const command_places& where, bool create, tool work) {
  auto ready = load_deployment(where.config);
  if (!ready) return exit_found;
  std::error_code ignored;
  if (!create && !std::filesystem::is_directory(where.data, ignored)) {
    fmt::print(stderr, "hotline: 没有数据目录 {}（先用 serve 启动一次，或改正 --data）\n",
               where.data.string());
    return exit_failed;
  }
  // A tool speaks for itself: only what is wrong goes to the log.
  tool_session session(where, *std::move(ready), logger(make_log("error"), "hotline"));
  int code = exit_failed;
  session.tasks_.spawn("tool", session.work(create, std::move(work), code));
  session.context_.run();
  return code;
}

tool_session::tool_session(const command_places& where, deployment ready, logger log)
    : where_(where),
      deployment_(std::move(ready)),
      log_(std::move(log)),
      stopping_(context_.get_executor()),
      tasks_(context_.get_executor(), counters_, log_),
      redis_(context_.get_executor(), deployment_.settings().redis(), where_.data,
             log_.sub("redis")),
      keys_(key_file_of(deployment_.settings().keys(), where_.data),
            deployment_.settings().keys().suite(), log_.sub("keys")),
      rehearsal_(log_.sub("clock")) {}

const clock& tool_session::now() const {
  if (is_rehearsal_) return const_cast<rehearsal_clock&>(rehearsal_).now();
  return wall_clock_;
}

asio::awaitable<void> tool_session::work(bool create, tool work, int& code) {
  asio::signal_set signals(context_, SIGINT, SIGTERM);
  signals.async_wait([this](const auto& bad, int) {
    if (!bad) stopping_.raise();
  });
  const auto opened = co_await open(create);
  if (opened) {
    code = co_await work(*this);
  } else {
    fmt::print(stderr, "hotline: {}\n", opened.error().detail);
  }
  signals.cancel();
  stopping_.raise();
  while (tasks_.running() > 1) co_await tasks_.wait_idle(milliseconds(10));
  if (guard_ && opened) {
    const auto saved = guard_->save_floor();
    if (!saved) fmt::print(stderr, "hotline: {}\n", saved.error().detail);
  }
  if (kit_) kit_->redis.stop();
  if (client_) client_->stop();
  co_await redis_.close();
}

asio::awaitable<result<void>> tool_session::open(bool create) {
  if (auto ok = co_await redis_.open(when_owned::join, stopping_); !ok) co_return ok;
  redis::client_options options;
  options.who = redis_.who();
  client_ = std::make_unique<redis::client>(context_.get_executor(), redis_.where(), options,
                                            log_.sub("redis"));
  client_->start();
  if (auto ok = co_await client_->wait_connected(steady_now() + connect_limit); !ok) co_return ok;
  const auto mode = co_await find_mode(create);
  if (!mode) co_return pass(mode);
  is_rehearsal_ = *mode == store::data_set_mode::rehearsal;
  store::guard_options wanted;
  wanted.state_file = (where_.data / "data_set.state").string();
  wanted.mode = *mode;
  wanted.shards = deployment_.shards();
  wanted.replicas_min = deployment_.settings().redis().replicas_min();
  guard_ = std::make_unique<store::guard>(std::move(wanted), floor_, log_.sub("guard"));
  const auto exec = [this](redis::command c) { return client_->exec(std::move(c)); };
  if (auto ok = co_await guard_->start(exec); !ok) co_return ok;
  if (auto ok = co_await keys_.open(*client_); !ok) co_return ok;
  if (is_rehearsal_) {
    if (auto ok = co_await rehearsal_.open(*client_, std::nullopt, std::nullopt); !ok) co_return ok;
    tasks_.spawn("clock", rehearsal_.follow(*client_, stopping_));
  }
  access_ = make_store_access(redis_.where(), options, *guard_, floor_, deployment_, now(),
                              keys_.source());
  kit_ =
      std::make_unique<runtime::store_kit>(context_.get_executor(), *access_, "hotline-tool", log_);
  co_return co_await kit_->redis.wait_connected(steady_now() + connect_limit);
}

asio::awaitable<result<store::data_set_mode>> tool_session::find_mode(bool create) {
  const auto mode = co_await client_->exec(redis::command("HGET", store::data_set_key(), "mode"));
  if (!mode) co_return pass(mode);
  if (mode->is_nil() && !create) {
    co_return fail(errc::not_found,
                   fmt::format("{} 里没有热线的数据（先用 serve 启动一次，或改正 --data）",
                               where_.data.string()));
  }
  if (mode->string() == to_string(store::data_set_mode::rehearsal)) {
    co_return store::data_set_mode::rehearsal;
  }
  co_return store::data_set_mode::live;
}

}  // namespace hotline::program
