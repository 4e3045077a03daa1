#include "common/identity/hash_pool.hpp"

#include <fmt/core.h>
#include <sched.h>
#include <sodium.h>
#include <sys/resource.h>

#include <atomic>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/assert.hpp"
#include "common/identity/text.hpp"

namespace hotline::identity {

namespace asio = boost::asio;

namespace {

using answer = result<std::string>;

constexpr int helper_nice = 10;

/// One call, and where its answer goes. Never moved: Boost 1.81 cannot move an empty
/// any_completion_handler.
struct job {
  std::function<answer()> work;
  asio::any_completion_handler<void(answer)> handler;
  /// Counts as work of the caller's io_context, so that it runs until the answer is there.
  asio::any_io_executor executor;
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
  std::atomic<bool> answered{false};
  bool helped = false;  // the pool's

  /// The first answer counts: two threads may be at it.
  void complete(answer given) {
    if (answered.exchange(true)) return;
    auto deliver = [to = std::move(handler), what = std::move(given)]() mutable {
      std::move(to)(std::move(what));
    };
    asio::post(executor, std::move(deliver));
  }
};

/// A password on its way; overwritten when the last who holds it is done.
struct kept_password {
  explicit kept_password(std::string given) : text(std::move(given)) {}
  ~kept_password() { wipe(text); }
  kept_password(const kept_password&) = delete;
  kept_password& operator=(const kept_password&) = delete;
  std::string text;
};

answer hash_now(const std::string& password, const hash_options& options) {
  std::string text(crypto_pwhash_STRBYTES, '\0');
  const int failed = crypto_pwhash_str(text.data(), password.data(), password.size(),
                                       options.passes, options.memory_bytes);
  if (failed != 0) return fail(errc::io_error, "no memory to hash a password");
  text.resize(std::char_traits<char>::length(text.c_str()));
  return text;
}

/// A hash of nothing anybody knows, with the parameters in use.
std::string nobodys_hash(const hash_options& options) {
  return fmt::format(
      "$argon2id$v=19$m={},t={},p=1$bm9ib2R5J3Mgc2FsdC4uLg$"
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      options.memory_bytes / 1024, options.passes);
}

constexpr std::string_view yes = "1";

answer verify_now(const std::string& password, const std::string& hash) {
  const bool same = crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
  return std::string(same ? yes : "");
}

}  // namespace

struct hash_pool::state {
  hash_options options;
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable help_wake;
  std::deque<std::shared_ptr<job>> queue;
  std::deque<std::shared_ptr<job>> unanswered;  // oldest first; those in the queue and in hand
  std::size_t busy = 0;
  std::uint64_t done = 0;
  bool ending = false;
  std::vector<std::thread> threads;

  /// The last of the threads helps: counted among at_once, so that memory and cores stay bounded.
  bool has_helper() const { return options.yield_to_others && options.at_once > 1; }

  void work() {
    // On Linux the priority is the thread's own. Without a helper an idle priority could starve.
    if (has_helper()) {
      const sched_param none{};
      ::sched_setscheduler(0, SCHED_IDLE, &none);
    } else if (options.yield_to_others) {
      ::setpriority(PRIO_PROCESS, 0, helper_nice);
    }
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait(lock, [this] { return ending || !queue.empty(); });
      if (ending) return;
      auto next = std::move(queue.front());
      queue.pop_front();
      ++busy;
      lock.unlock();
      if (!next->answered) next->complete(next->work());
      next.reset();
      lock.lock();
      --busy;
      ++done;
    }
  }

  /// The oldest job nobody has helped with; nullptr when there is none.
  std::shared_ptr<job> neglected() {
    while (!unanswered.empty() && unanswered.front()->answered) unanswered.pop_front();
    for (const auto& one : unanswered) {
      if (!one->helped && !one->answered) return one;
    }
    return nullptr;
  }

  /// A thread of ordinary priority: on a machine without an idle moment the others do not get on.
  void help() {
    ::setpriority(PRIO_PROCESS, 0, helper_nice);
    std::unique_lock lock(mutex);
    while (!ending) {
      const auto one = neglected();
      if (!one) {
        help_wake.wait(lock);
        continue;
      }
      const auto due = one->since + options.patience;
      if (std::chrono::steady_clock::now() < due) {
        help_wake.wait_until(lock, due);
        continue;
      }
      one->helped = true;
      const bool waited = std::erase(queue, one) > 0;
      if (waited) ++busy;
      lock.unlock();
      one->complete(one->work());
      lock.lock();
      if (!waited) continue;  // a worker has it too, and counts it
      --busy;
      ++done;
    }
  }

  bool has_room() const { return queue.size() + busy < options.waiting_max + options.at_once; }

  void submit(std::shared_ptr<job> one) {
    {
      const std::scoped_lock lock(mutex);
      // Threads that are free but not yet awake count as places too.
      if (!ending && has_room()) {
        if (has_helper()) unanswered.push_back(one);
        queue.push_back(std::move(one));
        wake.notify_one();
        help_wake.notify_one();
        return;
      }
    }
    one->complete(fail(errc::overloaded, "too many sign-ins at once"));
  }

  asio::awaitable<answer> run(std::function<answer()> work) {
    auto begin = [this](auto handler, std::function<answer()> what) {
      auto executor = asio::prefer(asio::any_io_executor(asio::get_associated_executor(handler)),
                                   asio::execution::outstanding_work.tracked);
      submit(
          std::shared_ptr<job>(new job{std::move(what), std::move(handler), std::move(executor)}));
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(answer)>(
        std::move(begin), asio::use_awaitable, std::move(work));
  }
};

hash_pool::hash_pool(hash_options options) : state_(std::make_shared<state>()) {
  HL_ASSERT(sodium_init() >= 0, "libsodium cannot work here");
  HL_ASSERT(options.at_once > 0, "a pool hashes something");
  state_->options = options;
  const bool helped = state_->has_helper();
  for (std::size_t i = helped ? 1 : 0; i < options.at_once; ++i) {
    state_->threads.emplace_back([s = state_.get()] { s->work(); });
  }
  if (helped) {
    state_->threads.emplace_back([s = state_.get()] { s->help(); });
  }
}

hash_pool::~hash_pool() {
  std::deque<std::shared_ptr<job>> left;
  {
    const std::scoped_lock lock(state_->mutex);
    state_->ending = true;
    left.swap(state_->queue);
    state_->wake.notify_all();
    state_->help_wake.notify_all();
  }
  for (std::thread& one : state_->threads) one.join();
  for (const auto& one : left) one->complete(fail(errc::cancelled, "the program is ending"));
}

asio::awaitable<result<std::string>> hash_pool::hash(std::string password) {
  const auto secret = std::make_shared<const kept_password>(std::move(password));
  std::function<answer()> work = [secret, options = state_->options] {
    return hash_now(secret->text, options);
  };
  co_return co_await state_->run(std::move(work));
}

asio::awaitable<result<bool>> hash_pool::verify(std::string password, std::string hash) {
  const bool nobody = hash.empty();
  if (nobody) hash = nobodys_hash(state_->options);
  const auto secret = std::make_shared<const kept_password>(std::move(password));
  std::function<answer()> work = [secret, known = std::move(hash)] {
    return verify_now(secret->text, known);
  };
  const answer checked = co_await state_->run(std::move(work));
  if (!checked) co_return pass(checked);
  co_return *checked == yes && !nobody;
}

bool hash_pool::full() const {
  const std::scoped_lock lock(state_->mutex);
  return !state_->has_room();
}

std::size_t hash_pool::waiting() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->queue.size();
}

std::uint64_t hash_pool::done() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->done;
}

}  // namespace hotline::identity
