#include "common/redis/embedded_server.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "common/base/assert.hpp"
#include "common/redis/append_log.hpp"
#include "common/redis/backoff.hpp"
#include "common/redis/child_process.hpp"
#include "common/redis/link.hpp"
#include "common/redis/reply_error.hpp"
#include "common/redis/server_config.hpp"

namespace hotline::redis {

namespace asio = boost::asio;

namespace {

constexpr milliseconds probe_first{5};
constexpr milliseconds probe_last{200};
constexpr milliseconds progress_every{5'000};
constexpr milliseconds lock_retry{50};
constexpr milliseconds destructor_patience{2'000};
// A server that lived this long did not die of its start: the next pause is short again.
constexpr milliseconds healthy_life{60'000};

std::string info_field(std::string_view info, std::string_view name) {
  const auto at = info.find(std::string(name) + ':');
  if (at == std::string_view::npos) return "?";
  const auto value = info.substr(at + name.size() + 1);
  return std::string(value.substr(0, value.find('\r')));
}

}  // namespace

class embedded_server::impl : public std::enable_shared_from_this<embedded_server::impl> {
 public:
  impl(asio::any_io_executor executor, embedded_options options, logger log)
      : executor_(std::move(executor)),
        options_(std::move(options)),
        log_(std::move(log)),
        pause_(executor_),
        ended_(executor_, time_point::max()),
        exit_watch_(executor_) {}

  asio::awaitable<result<void>> start();
  asio::awaitable<void> stop();
  void stop_now();

  pid_t pid() const { return child_ ? child_->pid() : -1; }
  redis::endpoint endpoint() const {
    return redis::endpoint::unix_socket(socket_ ? socket_->path() : std::string{});
  }
  std::size_t restarts() const { return restarts_; }

 private:
  enum class readiness { ready, loading, silent };

  result<void> prepare();
  asio::awaitable<result<void>> take_lock();
  result<void> mend_append_file() const;
  result<void> spawn();
  asio::awaitable<result<void>> launch();
  asio::awaitable<result<void>> wait_ready();
  asio::awaitable<readiness> probe();
  asio::awaitable<void> report_loading(std::shared_ptr<link> to);
  asio::awaitable<void> sleep(milliseconds duration);
  asio::awaitable<std::string> wait_exit();
  static asio::awaitable<void> supervise(std::shared_ptr<impl> self);
  asio::awaitable<void> restart();
  void discard_child();
  std::unexpected<failure> not_ready(std::string reason) const;

  asio::any_io_executor executor_;
  embedded_options options_;
  logger log_;
  asio::steady_timer pause_;
  asio::steady_timer ended_;  // never expires; cancelled when the supervision is over
  asio::posix::stream_descriptor exit_watch_;
  std::string program_;
  std::optional<unique_fd> lock_;
  std::optional<socket_place> socket_;
  std::optional<child_process> child_;
  time_point next_report_{};
  std::size_t restarts_ = 0;
  bool supervised_ = false;
  bool stopping_ = false;
};

result<void> embedded_server::impl::prepare() {
  const auto program = find_program(options_.binary);
  if (!program) {
    return fail(errc::misconfigured,
                fmt::format("cannot find the program {}; install the Debian package redis-server",
                            options_.binary));
  }
  program_ = *program;
  auto directory = prepare_directory(options_.directory);
  if (!directory) return pass(directory);
  options_.directory = std::move(*directory);
  auto lock = open_lock(options_.directory);
  if (!lock) return pass(lock);
  lock_.emplace(std::move(*lock));
  return {};
}

// A server of our predecessor may still be dying; two on the same files would ruin them.
asio::awaitable<result<void>> embedded_server::impl::take_lock() {
  const auto deadline = steady_now() + options_.start_timeout;
  while (!stopping_ && !try_lock(*lock_)) {
    if (steady_now() >= deadline) {
      co_return fail(errc::misconfigured,
                     fmt::format("another process uses the data directory {}", options_.directory));
    }
    co_await sleep(lock_retry);
  }
  co_return result<void>{};
}

asio::awaitable<result<void>> embedded_server::impl::start() {
  const auto self = shared_from_this();
  HL_ASSERT(!supervised_, "an embedded server starts once");
  if (auto prepared = prepare(); !prepared) co_return prepared;
  if (auto locked = co_await take_lock(); !locked) co_return locked;
  auto place = socket_place::choose(options_.directory);
  if (!place) co_return pass(place);
  socket_.emplace(std::move(*place));
  const auto written =
      write_file(options_.directory + "/redis.conf", render_config(options_, socket_->path()));
  if (!written) co_return written;
  const auto launched = co_await launch();
  if (!launched) co_return launched;
  supervised_ = true;
  asio::co_spawn(executor_, supervise(self), [](std::exception_ptr leaked) {
    if (leaked) std::rethrow_exception(leaked);
  });
  co_return result<void>{};
}

result<void> embedded_server::impl::mend_append_file() const {
  if (!options_.durable) return {};
  const auto cut = cut_torn_tail(options_.directory + "/appendonlydir");
  if (!cut) return pass(cut);
  if (*cut > 0) log_.warn("cut an unfinished write off the append file bytes={}", *cut);
  return {};
}

result<void> embedded_server::impl::spawn() {
  auto log = open_log(options_.directory);
  if (!log) return pass(log);
  auto child = child_process::spawn({program_, options_.directory + "/redis.conf"},
                                    {std::string(allocator_settings)}, log->get(), lock_->get());
  if (!child) return pass(child);
  child_.emplace(std::move(*child));
  const int watched = fcntl(child_->exit_descriptor(), F_DUPFD_CLOEXEC, 0);
  if (watched < 0) return fail(errc::io_error, "no file descriptor left to watch redis-server");
  exit_watch_.assign(watched);
  return {};
}

void embedded_server::impl::discard_child() {
  child_.reset();
  boost::system::error_code ignored;
  exit_watch_.close(ignored);
}

asio::awaitable<result<void>> embedded_server::impl::launch() {
  if (stopping_) co_return not_ready("stopped");
  auto launched = mend_append_file();
  if (launched) launched = spawn();
  if (launched) launched = co_await wait_ready();
  if (!launched) discard_child();
  co_return launched;
}

std::unexpected<failure> embedded_server::impl::not_ready(std::string reason) const {
  if (stopping_) return fail(errc::cancelled, "the embedded Redis was stopped");
  return fail(errc::unavailable, fmt::format("redis-server did not come up: {}; its log ends: {}",
                                             reason, log_tail(options_.directory)));
}

asio::awaitable<result<void>> embedded_server::impl::wait_ready() {
  const auto started = steady_now();
  auto deadline = started + options_.start_timeout;
  auto pause = probe_first;
  next_report_ = started + progress_every;
  while (!stopping_) {
    if (auto end = child_->ended()) co_return not_ready(std::move(*end));
    const auto state = co_await probe();
    if (state == readiness::ready) {
      log_.info("redis-server ready pid={} took_ms={}", pid(),
                std::chrono::floor<milliseconds>(steady_now() - started).count());
      co_return result<void>{};
    }
    if (state == readiness::loading) deadline = started + options_.loading_timeout;
    if (steady_now() >= deadline) co_return not_ready("no answer in time");
    co_await sleep(pause);
    pause = std::min(pause * 2, probe_last);
  }
  co_return not_ready("stopped");
}

asio::awaitable<embedded_server::impl::readiness> embedded_server::impl::probe() {
  const auto to = std::make_shared<link>(executor_, link_options{});
  auto state = readiness::silent;
  if (co_await to->open(endpoint())) {
    const auto pong = co_await to->exec(command("PING"), steady_now() + milliseconds(2'000));
    // A refusal is an answer too: a server with a password says NOAUTH to us.
    if (pong || pong.error().code == errc::refused) {
      state = readiness::ready;
    } else if (is_error_reply(pong.error(), "LOADING")) {
      state = readiness::loading;
      co_await report_loading(to);
    }
  }
  to->close({errc::cancelled, "probed"});
  co_return state;
}

asio::awaitable<void> embedded_server::impl::report_loading(std::shared_ptr<link> to) {
  if (steady_now() < next_report_) co_return;
  next_report_ = steady_now() + progress_every;
  const auto info =
      co_await to->exec(command("INFO", "persistence"), steady_now() + milliseconds(2'000));
  if (!info) co_return;
  log_.info("redis-server is loading its data percent={} eta_s={}",
            info_field(info->string(), "loading_loaded_perc"),
            info_field(info->string(), "loading_eta_seconds"));
}

asio::awaitable<void> embedded_server::impl::sleep(milliseconds duration) {
  pause_.expires_after(duration);
  co_await pause_.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<std::string> embedded_server::impl::wait_exit() {
  for (;;) {
    if (!child_) co_return "stopped";
    if (auto end = child_->ended()) co_return *end;
    co_await exit_watch_.async_wait(asio::posix::stream_descriptor::wait_read,
                                    asio::as_tuple(asio::use_awaitable));
  }
}

asio::awaitable<void> embedded_server::impl::supervise(std::shared_ptr<impl> self) {
  auto& me = *self;
  backoff pause(me.options_.restart_first, me.options_.restart_last);
  while (!me.stopping_) {
    const auto born = steady_now();
    const auto reason = co_await me.wait_exit();
    me.discard_child();
    if (me.stopping_) break;
    if (steady_now() - born > healthy_life) pause.reset();
    me.log_.error("redis-server died, restarting reason=\"{}\" log=\"{}\"", reason,
                  log_tail(me.options_.directory));
    if (me.options_.on_exit) me.options_.on_exit(reason);
    while (!me.stopping_ && !me.child_) {
      co_await me.sleep(pause.next());
      co_await me.restart();
    }
  }
  me.discard_child();
  me.supervised_ = false;
  me.ended_.cancel();
}

asio::awaitable<void> embedded_server::impl::restart() {
  const auto launched = co_await launch();
  if (launched) {
    ++restarts_;
    if (options_.on_restart) options_.on_restart();
  } else if (!stopping_) {
    log_.error("redis-server cannot be restarted yet reason=\"{}\"", to_string(launched.error()));
  }
}

asio::awaitable<void> embedded_server::impl::stop() {
  const auto self = shared_from_this();
  stopping_ = true;
  pause_.cancel();
  if (!child_) co_return;
  child_->send_signal(SIGTERM);
  ended_.expires_after(options_.stop_timeout);
  while (supervised_ && steady_now() < ended_.expiry()) {
    co_await ended_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (!supervised_) co_return;
  log_.warn("redis-server did not end by SIGTERM, killing it pid={}", pid());
  if (child_) child_->send_signal(SIGKILL);
  ended_.expires_at(time_point::max());
  while (supervised_) co_await ended_.async_wait(asio::as_tuple(asio::use_awaitable));
}

void embedded_server::impl::stop_now() {
  stopping_ = true;
  pause_.cancel();
  // What is not durable has nothing to bring in order.
  if (child_ && options_.durable) {
    child_->send_signal(SIGTERM);
    child_->wait_ended(destructor_patience);
  }
  discard_child();
  ended_.cancel();
  socket_.reset();
  lock_.reset();
}

embedded_server::embedded_server(asio::any_io_executor executor, embedded_options options,
                                 logger log)
    : impl_(std::make_shared<impl>(std::move(executor), std::move(options), std::move(log))) {}

embedded_server::~embedded_server() { impl_->stop_now(); }

asio::awaitable<result<void>> embedded_server::start() { return impl_->start(); }
asio::awaitable<void> embedded_server::stop() { return impl_->stop(); }
pid_t embedded_server::pid() const { return impl_->pid(); }
redis::endpoint embedded_server::endpoint() const { return impl_->endpoint(); }
std::size_t embedded_server::restarts() const { return impl_->restarts(); }

}  // namespace hotline::redis
