#include "common/redis/stream_consumer.hpp"

#include <fmt/core.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "common/base/assert.hpp"
#include "common/redis/backoff.hpp"
#include "common/redis/handshake.hpp"
#include "common/redis/link.hpp"
#include "common/redis/reply_error.hpp"
#include "common/redis/stream_replies.hpp"

namespace hotline::redis {

namespace asio = boost::asio;

namespace {

// Beyond the block time: what Redis and the way to it may take on a bad day.
constexpr milliseconds block_grace{1000};
constexpr std::string_view stream_start = "0-0";

// The group is gone: by XGROUP DESTROY, by DEL of the stream, or because nobody created it yet.
bool says_no_group(const failure& f) {
  return is_error_reply(f, "NOGROUP") || is_error_reply(f, "UNBLOCKED");
}

}  // namespace

class stream_consumer::impl : public std::enable_shared_from_this<stream_consumer::impl> {
 public:
  impl(asio::any_io_executor executor, endpoint where, consumer_options options, logger log)
      : executor_(std::move(executor)),
        where_(std::move(where)),
        options_(std::move(options)),
        log_(std::move(log)),
        backoff_(options_.reconnect_first, options_.reconnect_last),
        pause_(executor_) {}

  asio::awaitable<result<std::vector<entry>>> read(std::size_t count, milliseconds block);
  asio::awaitable<result<claim>> claim_stale(milliseconds min_idle, std::size_t count);
  void stop();

  const consumer_options& options() const { return options_; }

 private:
  class turn;  // one call at a time

  asio::awaitable<result<void>> connect();
  asio::awaitable<result<reply>> ask(command cmd, milliseconds timeout);
  asio::awaitable<result<void>> create_group();
  asio::awaitable<result<std::vector<entry>>> read_pending(std::size_t count);
  asio::awaitable<result<std::vector<entry>>> read_new(std::size_t count, milliseconds block);
  asio::awaitable<result<std::vector<entry>>> read_once(std::size_t count, milliseconds block);
  asio::awaitable<result<claim>> claim_once(milliseconds min_idle, std::size_t count);
  asio::awaitable<result<std::vector<claimed_entry>>> with_deliveries(std::vector<entry> entries);

  command read_command(std::size_t count) const;
  failure give_up(failure why);

  asio::any_io_executor executor_;
  endpoint where_;
  consumer_options options_;
  logger log_;
  backoff backoff_;
  asio::steady_timer pause_;
  std::shared_ptr<link> link_;
  std::string pending_after_;  // empty: our own pending entries have all been read
  std::string claim_from_{stream_start};
  bool must_pause_ = false;
  bool busy_ = false;
  bool stopped_ = false;
};

class stream_consumer::impl::turn {
 public:
  explicit turn(impl& owner) : owner_(owner) {
    HL_ASSERT(!owner_.busy_, "a stream consumer takes one call at a time");
    owner_.busy_ = true;
  }
  ~turn() { owner_.busy_ = false; }
  turn(const turn&) = delete;

 private:
  impl& owner_;
};

void stream_consumer::impl::stop() {
  stopped_ = true;
  if (link_) link_->close({errc::cancelled, "the stream consumer was stopped"});
  pause_.cancel();
}

// The connection is not worth keeping after any failure: the next call waits, reconnects and
// starts from our pending entries again.
failure stream_consumer::impl::give_up(failure why) {
  if (link_) link_->close(why);
  link_.reset();
  must_pause_ = true;
  if (stopped_) return {errc::cancelled, "the stream consumer was stopped"};
  // A read or a claim that went unanswered changed nothing that is not found again as pending.
  if (why.code == errc::outcome_unknown) why.code = errc::timeout;
  log_.warn("stream not readable stream={} group={} reason=\"{}\"", options_.stream, options_.group,
            to_string(why));
  return why;
}

asio::awaitable<result<void>> stream_consumer::impl::connect() {
  if (must_pause_ && !stopped_) {
    pause_.expires_after(backoff_.next());
    co_await pause_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (stopped_) co_return fail(errc::cancelled, "the stream consumer was stopped");
  if (link_ && link_->is_open()) co_return result<void>{};
  link_ =
      std::make_shared<link>(executor_, link_options{.connect_timeout = options_.connect_timeout});
  auto opened = co_await open_and_introduce(link_, where_, options_.who, options_.command_timeout);
  if (!opened) co_return opened;
  pending_after_ = stream_start;
  co_return result<void>{};
}

asio::awaitable<result<reply>> stream_consumer::impl::ask(command cmd, milliseconds timeout) {
  return link_->exec(std::move(cmd), steady_now() + timeout);
}

// From 0, never from $: what came while there was no group must not be skipped.
asio::awaitable<result<void>> stream_consumer::impl::create_group() {
  command create("XGROUP", "CREATE", options_.stream, options_.group, "0", "MKSTREAM");
  const auto made = co_await ask(std::move(create), options_.command_timeout);
  if (!made && !is_error_reply(made.error(), "BUSYGROUP")) co_return pass(made);
  log_.warn("stream group was missing, created from the start stream={} group={}", options_.stream,
            options_.group);
  pending_after_ = stream_start;
  claim_from_ = stream_start;
  co_return result<void>{};
}

command stream_consumer::impl::read_command(std::size_t count) const {
  return command("XREADGROUP", "GROUP", options_.group, options_.consumer, "COUNT", count);
}

asio::awaitable<result<std::vector<entry>>> stream_consumer::impl::read_pending(std::size_t count) {
  auto cmd = read_command(count);
  cmd.add("STREAMS").add(options_.stream).add(pending_after_);
  auto answer = co_await ask(std::move(cmd), options_.command_timeout);
  if (!answer) co_return pass(answer);
  auto entries = parse_read(std::move(*answer));
  if (entries) pending_after_ = entries->empty() ? std::string{} : entries->back().id;
  co_return entries;
}

asio::awaitable<result<std::vector<entry>>> stream_consumer::impl::read_new(std::size_t count,
                                                                            milliseconds block) {
  auto cmd = read_command(count);
  // BLOCK 0 would be for ever.
  if (block > milliseconds(0)) cmd.add("BLOCK").add(block.count());
  cmd.add("STREAMS").add(options_.stream).add(">");
  auto answer = co_await ask(std::move(cmd), block + block_grace);
  if (!answer) co_return pass(answer);
  co_return parse_read(std::move(*answer));
}

asio::awaitable<result<std::vector<entry>>> stream_consumer::impl::read_once(std::size_t count,
                                                                             milliseconds block) {
  if (!pending_after_.empty()) {
    auto pending = co_await read_pending(count);
    if (!pending || !pending->empty()) co_return pending;
  }
  co_return co_await read_new(count, block);
}

asio::awaitable<result<std::vector<entry>>> stream_consumer::impl::read(std::size_t count,
                                                                        milliseconds block) {
  const auto self = shared_from_this();
  const turn mine(*this);
  const auto connected = co_await connect();
  if (!connected) co_return std::unexpected(give_up(connected.error()));
  auto entries = co_await read_once(count, block);
  if (!entries && says_no_group(entries.error())) {
    const auto created = co_await create_group();
    if (!created) co_return std::unexpected(give_up(created.error()));
    entries = co_await read_once(count, block);
  }
  if (!entries) co_return std::unexpected(give_up(entries.error()));
  must_pause_ = false;
  backoff_.reset();
  co_return entries;
}

asio::awaitable<result<std::vector<claimed_entry>>> stream_consumer::impl::with_deliveries(
    std::vector<entry> entries) {
  std::vector<claimed_entry> counted;
  if (entries.empty()) co_return counted;
  std::vector<command> questions;
  for (const auto& item : entries) {
    questions.emplace_back("XPENDING", options_.stream, options_.group, item.id, item.id, 1);
  }
  const auto deadline = steady_now() + options_.command_timeout;
  const auto answers = co_await link_->exec_all(std::move(questions), deadline);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!answers[i]) co_return pass(answers[i]);
    const auto deliveries = answers[i]->at(0).at(3).integer();
    counted.push_back({std::move(entries[i]), deliveries});
  }
  co_return counted;
}

asio::awaitable<result<claim>> stream_consumer::impl::claim_once(milliseconds min_idle,
                                                                 std::size_t count) {
  command cmd("XAUTOCLAIM", options_.stream, options_.group, options_.consumer, min_idle.count(),
              claim_from_, "COUNT", count);
  auto answer = co_await ask(std::move(cmd), options_.command_timeout);
  if (!answer) co_return pass(answer);
  auto parsed = parse_autoclaim(std::move(*answer));
  if (!parsed) co_return pass(parsed);
  claim taken;
  taken.deleted = std::move(parsed->deleted);
  taken.complete = parsed->next == stream_start;
  claim_from_ = std::move(parsed->next);
  if (!taken.deleted.empty()) {
    log_.error("entries vanished before they were finished stream={} group={} count={} first={}",
               options_.stream, options_.group, taken.deleted.size(), taken.deleted.front());
  }
  auto counted = co_await with_deliveries(std::move(parsed->entries));
  if (!counted) co_return pass(counted);
  taken.entries = std::move(*counted);
  co_return taken;
}

asio::awaitable<result<claim>> stream_consumer::impl::claim_stale(milliseconds min_idle,
                                                                  std::size_t count) {
  const auto self = shared_from_this();
  const turn mine(*this);
  const auto connected = co_await connect();
  if (!connected) co_return std::unexpected(give_up(connected.error()));
  auto taken = co_await claim_once(min_idle, count);
  if (!taken && says_no_group(taken.error())) {
    const auto created = co_await create_group();
    if (!created) co_return std::unexpected(give_up(created.error()));
    taken = co_await claim_once(min_idle, count);
  }
  if (!taken) co_return std::unexpected(give_up(taken.error()));
  must_pause_ = false;
  backoff_.reset();
  co_return taken;
}

stream_consumer::stream_consumer(asio::any_io_executor executor, endpoint where,
                                 consumer_options options, logger log)
    : impl_(std::make_shared<impl>(std::move(executor), std::move(where), std::move(options),
                                   std::move(log))) {}

stream_consumer::~stream_consumer() { impl_->stop(); }

void stream_consumer::stop() { impl_->stop(); }

asio::awaitable<result<std::vector<entry>>> stream_consumer::read(std::size_t count,
                                                                  milliseconds block) {
  return impl_->read(count, block);
}

asio::awaitable<result<claim>> stream_consumer::claim_stale(milliseconds min_idle,
                                                            std::size_t count) {
  return impl_->claim_stale(min_idle, count);
}

command stream_consumer::ack_command(std::span<const std::string> ids) const {
  command cmd("XACK", impl_->options().stream, impl_->options().group);
  for (const auto& id : ids) cmd.add(id);
  return cmd;
}

}  // namespace hotline::redis
