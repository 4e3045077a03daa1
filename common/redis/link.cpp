#include "common/redis/link.hpp"

#include <fmt/core.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>
#include <utility>

#include "common/base/assert.hpp"
#include "common/redis/link_registry.hpp"
#include "common/redis/operations.hpp"
#include "common/redis/reply_error.hpp"

namespace hotline::redis {

namespace asio = boost::asio;

namespace {

reply copy(const redisReply& r) {
  switch (r.type) {
    case REDIS_REPLY_INTEGER: return reply::of_integer(r.integer);
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS: return reply::of_string(std::string(r.str, r.len));
    case REDIS_REPLY_ERROR: return reply::of_error(std::string(r.str, r.len));
    case REDIS_REPLY_ARRAY: {
      std::vector<reply> items;
      items.reserve(r.elements);
      for (std::size_t i = 0; i < r.elements; ++i) items.push_back(copy(*r.element[i]));
      return reply::of_array(std::move(items));
    }
    default: return {};
  }
}

/// The answer to a PING of ours: that it comes is all we want to know.
class ping_operation final : public operation {
 public:
  void settle(result<reply>) noexcept override {}
  void deliver() override { delete this; }
  void discard() noexcept override { delete this; }
};

}  // namespace

void operation_queue::push(operation& op) {
  op.next_ = nullptr;
  (tail_ ? tail_->next_ : head_) = &op;
  tail_ = &op;
}

operation& operation_queue::pop() {
  operation& op = *head_;
  head_ = op.next_;
  if (!head_) tail_ = nullptr;
  return op;
}

// Entry points from C: they record and arm, never throw, never run user code.
struct link::hooks {
  static link& of(void* data) { return *static_cast<link*>(data); }

  static void add_read(void* data) noexcept { of(data).want_read(); }
  static void del_read(void* data) noexcept { of(data).want_read_ = false; }
  static void add_write(void* data) noexcept { of(data).want_write(); }
  static void del_write(void* data) noexcept { of(data).want_write_ = false; }
  static void cleanup(void* data) noexcept { of(data).on_cleanup(); }

  static void connected(const redisAsyncContext* context, int status) noexcept {
    of(context->data).on_connected(status == REDIS_OK);
  }
  static void replied(redisAsyncContext* context, void* answer, void* op) noexcept {
    of(context->data)
        .on_reply(*static_cast<operation*>(op), static_cast<const redisReply*>(answer));
  }
};

link::link(asio::any_io_executor executor, link_options options)
    : executor_(std::move(executor)),
      options_(options),
      registry_(asio::use_service<link_registry>(asio::query(executor_, asio::execution::context))),
      descriptor_(executor_),
      watch_(executor_),
      changed_(executor_, time_point::max()) {
  registry_.add(*this);
}

link::~link() {
  abandon();
  registry_.remove(*this);
}

void link::abandon() noexcept {
  abandoned_ = true;
  if (context_) redisAsyncFree(context_);
  while (!settled_.empty()) settled_.pop().discard();
}

void link_registry::shutdown() {
  while (!links_.empty()) {
    // The waiters may hold the last owner.
    const auto one = (*links_.begin())->shared_from_this();
    remove(*one);
    one->abandon();
  }
}

asio::awaitable<result<void>> link::open(endpoint where) {
  const auto self = shared_from_this();
  HL_ASSERT(state_ == state::idle, "a link connects once");
  if (auto valid = validate(where); !valid) co_return valid;

  auto* context = where.path.empty() ? redisAsyncConnect(where.host.c_str(), where.port)
                                     : redisAsyncConnectUnix(where.path.c_str());
  if (!context) co_return fail(errc::unavailable, "no memory for a Redis connection");
  if (context->err) {
    const std::string reason = context->errstr;
    redisAsyncFree(context);
    co_return fail(errc::unavailable,
                   fmt::format("cannot connect to {}: {}", to_string(where), reason));
  }
  adopt(context);
  connect_deadline_ = steady_now() + options_.connect_timeout;
  watch_from(connect_deadline_);
  while (state_ == state::connecting) {
    co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (state_ == state::open) co_return result<void>{};
  co_return fail(why_.code, fmt::format("cannot connect to {}: {}", to_string(where), why_.detail));
}

// The order matters: hiredis arms for writing as soon as the connect callback is set.
void link::adopt(redisAsyncContext* context) {
  context_ = context;
  state_ = state::connecting;
  descriptor_.assign(context->c.fd);
  context->data = this;
  context->ev.data = this;
  context->ev.addRead = hooks::add_read;
  context->ev.delRead = hooks::del_read;
  context->ev.addWrite = hooks::add_write;
  context->ev.delWrite = hooks::del_write;
  context->ev.cleanup = hooks::cleanup;
  redisAsyncSetConnectCallback(context, hooks::connected);
}

void link::on_connected(bool ok) {
  if (!ok) {
    note_end();
    return;  // hiredis frees the context next, and on_cleanup does the rest
  }
  state_ = state::open;
  last_traffic_ = steady_now();
  watch_for_idleness();
  changed_.cancel();
}

std::optional<failure> link::refusal(std::size_t commands) const {
  if (state_ != state::open) return failure{errc::unavailable, why_.detail};
  if (pending_count_ + commands > options_.pending_max) {
    return failure{errc::overloaded,
                   fmt::format("{} Redis commands are waiting for their answer", pending_count_)};
  }
  return std::nullopt;
}

asio::awaitable<result<reply>> link::exec(command cmd, time_point deadline) {
  // The initiation lives as long as the waiting coroutine; only until it has started may it keep
  // the link alive, or link, operation and coroutine would own each other in a ring.
  auto initiation = [self = shared_from_this()](auto handler, command c, time_point until) mutable {
    const auto link = std::move(self);
    auto* op = new single_operation<decltype(handler)>(std::move(handler));
    if (auto why = link->refusal(1)) return link->settle_now(*op, std::move(*why));
    link->send(c, *op, until);
  };
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(result<reply>)>(
      std::move(initiation), asio::use_awaitable, std::move(cmd), deadline);
}

asio::awaitable<std::vector<result<reply>>> link::exec_all(std::vector<command> commands,
                                                           time_point deadline) {
  HL_ASSERT(!commands.empty(), "a burst without commands never completes");
  auto initiation = [self = shared_from_this()](auto handler, std::vector<command> all,
                                                time_point until) mutable {
    const auto link = std::move(self);
    auto* batch = new batch_operation<decltype(handler)>(all.size(), std::move(handler));
    const auto why = link->refusal(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (why) {
        link->settle_now(batch->at(i), *why);
      } else {
        link->send(all[i], batch->at(i), until);
      }
    }
  };
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(std::vector<result<reply>>)>(
      std::move(initiation), asio::use_awaitable, std::move(commands), deadline);
}

void link::send(const command& cmd, operation& op, time_point deadline) {
  const auto wire = cmd.wire();
  if (redisAsyncFormattedCommand(context_, hooks::replied, &op, wire.data(), wire.size()) !=
      REDIS_OK) {
    return settle_now(op, {errc::unavailable, "the Redis connection is ending"});
  }
  op.deadline_ = deadline;
  pending_.push(op);
  ++pending_count_;
  if (!first_unsent_) first_unsent_ = &op;
  watch_from(deadline);
}

void link::settle_now(operation& op, failure why) {
  op.settle(std::unexpected(std::move(why)));
  settled_.push(op);
  schedule_delivery();
}

void link::on_reply(operation& op, const redisReply* answer) {
  HL_ASSERT(!pending_.empty() && &pending_.front() == &op, "replies come in the order of commands");
  pending_.pop();
  --pending_count_;
  if (answer && answer->type == REDIS_REPLY_ERROR) {
    op.settle(std::unexpected(failure_of_error_reply({answer->str, answer->len})));
  } else if (answer) {
    op.settle(copy(*answer));
  } else {
    note_end();
    const bool unsent = first_unsent_ == &op;
    if (unsent) first_unsent_ = op.next_;
    op.settle(std::unexpected(unsent ? why_ : failure{errc::outcome_unknown, why_.detail}));
  }
  settled_.push(op);
}

void link::close(failure why) {
  if (state_ == state::closed) return;
  why_ = std::move(why);
  state_ = state::closed;
  if (context_) redisAsyncFree(context_);
}

// When the end did not come from close(), hiredis knows the reason.
void link::note_end() {
  if (state_ == state::closed) return;
  state_ = state::closed;
  why_ = {errc::unavailable, context_->c.err ? context_->c.errstr : "the connection has ended"};
}

// hiredis closes the descriptor after this, so it only has to be let go.
void link::on_cleanup() {
  note_end();
  context_ = nullptr;
  want_read_ = want_write_ = false;
  descriptor_.release();
  watch_.cancel();
  changed_.cancel();
  if (!abandoned_) schedule_delivery();
}

asio::awaitable<void> link::wait_closed() {
  const auto self = shared_from_this();
  while (state_ != state::closed) {
    co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

void link::want_read() {
  want_read_ = true;
  arm_read();
}

void link::want_write() {
  want_write_ = true;
  arm_write();
}

void link::arm_read() {
  if (read_armed_) return;
  read_armed_ = true;
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                         [self = shared_from_this()](boost::system::error_code ec) {
                           self->read_armed_ = false;
                           if (!ec && self->context_ && self->want_read_) self->on_readable();
                         });
}

// A connected socket can nearly always take more, so the first try is a mere post: it gathers the
// commands of this turn of the loop and saves the trip through epoll.
void link::arm_write() {
  if (write_armed_) return;
  write_armed_ = true;
  if (state_ == state::open) {
    asio::post(executor_, [self = shared_from_this()] { self->flush(); });
    return;
  }
  wait_until_writable();
}

void link::wait_until_writable() {
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_write,
                         [self = shared_from_this()](boost::system::error_code ec) {
                           if (!ec) self->flush();
                         });
}

void link::on_readable() {
  redisAsyncHandleRead(context_);
  if (context_) {
    last_traffic_ = steady_now();
    if (want_read_) arm_read();
    if (pending_.empty()) watch_for_idleness();
  }
  deliver_settled();
}

void link::flush() {
  if (context_ && want_write_) {
    first_unsent_ = nullptr;
    redisAsyncHandleWrite(context_);
  }
  write_armed_ = false;
  if (!context_ || !want_write_) return;
  write_armed_ = true;
  wait_until_writable();
}

void link::schedule_delivery() {
  if (delivery_scheduled_ || settled_.empty()) return;
  delivery_scheduled_ = true;
  asio::post(executor_, [self = shared_from_this()] {
    self->delivery_scheduled_ = false;
    self->deliver_settled();
  });
}

void link::deliver_settled() {
  // A waiter that throws must not cost the others their answer.
  try {
    while (!settled_.empty()) settled_.pop().deliver();
  } catch (...) {
    schedule_delivery();
    throw;
  }
}

// One timer for the whole link: it is armed for the oldest command and looks again when it fires,
// so a command costs no timer of its own.
void link::watch_from(time_point when) {
  if (watch_armed_ && watch_at_ <= when) return;
  watch_armed_ = true;
  watch_at_ = when;
  watch_.expires_at(when);
  watch_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
    if (!ec && self->context_) self->on_watch();
  });
}

void link::on_watch() {
  watch_armed_ = false;
  const auto now = steady_now();
  if (state_ == state::connecting) {
    if (now < connect_deadline_) return watch_from(connect_deadline_);
    return close({errc::unavailable,
                  fmt::format("no connection within {} ms", options_.connect_timeout.count())});
  }
  if (!pending_.empty()) {
    const auto oldest = pending_.front().deadline_;
    if (now < oldest) return watch_from(oldest);
    return close({errc::unavailable,
                  "Redis did not answer within its deadline; the connection was dropped"});
  }
  if (options_.ping_after_idle <= milliseconds(0)) return;
  if (now < last_traffic_ + options_.ping_after_idle) return watch_for_idleness();
  send_ping();
}

void link::watch_for_idleness() {
  if (options_.ping_after_idle <= milliseconds(0)) return;
  watch_from(last_traffic_ + options_.ping_after_idle);
}

void link::send_ping() {
  const command ping("PING");
  send(ping, *new ping_operation, steady_now() + options_.ping_timeout);
}

}  // namespace hotline::redis
