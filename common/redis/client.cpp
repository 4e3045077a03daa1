#include "common/redis/client.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "common/base/assert.hpp"
#include "common/redis/backoff.hpp"
#include "common/redis/handshake.hpp"
#include "common/redis/link.hpp"

namespace hotline::redis {

namespace asio = boost::asio;

class client::line : public std::enable_shared_from_this<client::line> {
 public:
  line(asio::any_io_executor executor, endpoint where, client_options options, logger log)
      : executor_(std::move(executor)),
        where_(std::move(where)),
        options_(std::move(options)),
        log_(std::move(log)),
        backoff_(options_.reconnect_first, options_.reconnect_last),
        pause_(executor_) {}

  void start();
  void stop();

  bool connected() const { return link_ && link_->is_open(); }
  std::size_t pending() const { return link_ ? link_->pending() : 0; }
  std::size_t connections() const { return connections_; }
  asio::awaitable<result<void>> wait_connected(time_point deadline);

  std::optional<failure> refusal(const command& cmd) const;
  link& current() const { return *link_; }
  time_point deadline() const { return steady_now() + options_.command_timeout; }

 private:
  static asio::awaitable<void> keep_connected(std::shared_ptr<line> self);
  asio::awaitable<result<void>> connect(std::shared_ptr<link> fresh);
  asio::awaitable<result<void>> run_hook(std::shared_ptr<link> fresh);
  void report_failure(const failure& why);
  void wake_waiters();

  asio::any_io_executor executor_;
  endpoint where_;
  client_options options_;
  logger log_;
  backoff backoff_;
  asio::steady_timer pause_;
  std::shared_ptr<link> link_;     // the one the users have
  std::shared_ptr<link> opening_;  // the one that is being made ready
  std::vector<asio::steady_timer*> waiters_;
  failure last_failure_{errc::unavailable, "Redis is not connected yet"};
  std::size_t connections_ = 0;
  bool started_ = false;
  bool stopped_ = false;
};

void client::line::start() {
  HL_ASSERT(!started_, "a client starts once");
  started_ = true;
  asio::co_spawn(executor_, keep_connected(shared_from_this()), [](std::exception_ptr leaked) {
    if (leaked) std::rethrow_exception(leaked);
  });
}

void client::line::stop() {
  if (stopped_) return;
  stopped_ = true;
  last_failure_ = {errc::cancelled, "the Redis client was stopped"};
  if (link_) link_->close(last_failure_);
  if (opening_) opening_->close(last_failure_);
  pause_.cancel();
  wake_waiters();
}

asio::awaitable<void> client::line::keep_connected(std::shared_ptr<line> self) {
  auto& me = *self;
  while (!me.stopped_) {
    me.opening_ = std::make_shared<link>(
        me.executor_, link_options{.connect_timeout = me.options_.connect_timeout,
                                   .ping_after_idle = me.options_.ping_after_idle,
                                   .ping_timeout = me.options_.command_timeout,
                                   .pending_max = me.options_.pending_max});
    const auto fresh = me.opening_;
    const auto opened = co_await me.connect(fresh);
    me.opening_.reset();
    if (opened && fresh->is_open() && !me.stopped_) {
      me.link_ = fresh;
      ++me.connections_;
      me.backoff_.reset();
      me.log_.info("connected endpoint={}", to_string(me.where_));
      me.wake_waiters();
      co_await fresh->wait_closed();
    }
    if (me.stopped_) break;
    me.report_failure(opened ? fresh->why() : opened.error());
    me.link_.reset();
    me.pause_.expires_after(me.backoff_.next());
    co_await me.pause_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

asio::awaitable<result<void>> client::line::connect(std::shared_ptr<link> fresh) {
  auto ready = co_await open_and_introduce(fresh, where_, options_.who, options_.command_timeout);
  if (!ready || !options_.on_connect) co_return ready;
  ready = co_await run_hook(fresh);
  if (!ready) fresh->close(ready.error());
  co_return ready;
}

asio::awaitable<result<void>> client::line::run_hook(std::shared_ptr<link> fresh) {
  exec_function exec = [fresh, timeout = options_.command_timeout](command cmd) {
    return fresh->exec(std::move(cmd), steady_now() + timeout);
  };
  co_return co_await options_.on_connect(std::move(exec));
}

// Once per cause: a server that stays away for an hour is one line, not two thousand.
void client::line::report_failure(const failure& why) {
  const bool news = why.detail != last_failure_.detail || why.code != last_failure_.code;
  last_failure_ = why;
  if (news) {
    log_.warn("not connected endpoint={} reason=\"{}\"", to_string(where_), to_string(why));
  } else {
    log_.debug("still not connected endpoint={}", to_string(where_));
  }
}

void client::line::wake_waiters() {
  for (auto* waiter : waiters_) waiter->cancel();
}

asio::awaitable<result<void>> client::line::wait_connected(time_point deadline) {
  const auto self = shared_from_this();
  struct registration {
    registration(line& o, asio::steady_timer& t) : owner(o), timer(t) {
      owner.waiters_.push_back(&timer);
    }
    ~registration() { std::erase(owner.waiters_, &timer); }
    line& owner;
    asio::steady_timer& timer;
  };
  asio::steady_timer timer(executor_);
  const registration registered(*this, timer);
  while (!connected()) {
    if (stopped_) co_return std::unexpected(last_failure_);
    if (steady_now() >= deadline) co_return fail(errc::unavailable, last_failure_.detail);
    timer.expires_at(deadline);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_return result<void>{};
}

std::optional<failure> client::line::refusal(const command& cmd) const {
  if (stopped_) return last_failure_;
  if (!connected()) {
    const auto& why = link_ ? link_->why() : last_failure_;
    return failure{errc::unavailable, why.detail};
  }
  if (cmd.unfit_for_sharing()) {
    return failure{errc::invalid_argument,
                   fmt::format("{} must not be sent over a shared connection", cmd.verb())};
  }
  return std::nullopt;
}

namespace {

asio::awaitable<result<reply>> refused(failure why) { co_return std::unexpected(std::move(why)); }

asio::awaitable<std::vector<result<reply>>> all_refused(std::size_t count, failure why) {
  co_return std::vector<result<reply>>(count, std::unexpected(why));
}

}  // namespace

client::client(asio::any_io_executor executor, endpoint where, client_options options, logger log) {
  HL_ASSERT(options.lines >= 1, "a client has at least one connection");
  for (std::size_t i = 0; i < options.lines; ++i) {
    lines_.push_back(std::make_shared<line>(executor, where, options,
                                            i == 0 ? log : log.sub(fmt::format("line{}", i + 1))));
  }
}

client::~client() { stop(); }

void client::start() {
  for (const auto& one : lines_) one->start();
}

void client::stop() {
  for (const auto& one : lines_) one->stop();
}

bool client::connected() const {
  return std::ranges::any_of(lines_, [](const auto& one) { return one->connected(); });
}

std::size_t client::pending() const {
  std::size_t sum = 0;
  for (const auto& one : lines_) sum += one->pending();
  return sum;
}

std::size_t client::connections() const {
  std::size_t sum = 0;
  for (const auto& one : lines_) sum += one->connections();
  return sum;
}

asio::awaitable<result<void>> client::wait_connected(time_point deadline) {
  return lines_.front()->wait_connected(deadline);
}

client::line& client::next_line() {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    line& one = *lines_[turn_++ % lines_.size()];
    if (one.connected()) return one;
  }
  return *lines_.front();
}

// No coroutines of their own: what is returned is the waiting itself, one frame per command.
asio::awaitable<result<reply>> client::exec(command cmd) {
  line& way = next_line();
  if (auto why = way.refusal(cmd)) return refused(std::move(*why));
  return way.current().exec(std::move(cmd), way.deadline());
}

asio::awaitable<std::vector<result<reply>>> client::exec_all(std::vector<command> commands) {
  if (commands.empty()) return all_refused(0, {});
  line& way = next_line();
  for (const auto& cmd : commands) {
    if (auto why = way.refusal(cmd)) return all_refused(commands.size(), std::move(*why));
  }
  return way.current().exec_all(std::move(commands), way.deadline());
}

}  // namespace hotline::redis
