// A thread of the program: one io_context, and one coroutine whose locals are everything the thread
// works with. Threads share nothing but what is immutable or made for it (counters, clocks).
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <thread>

#include "common/base/error.hpp"
#include "common/base/log.hpp"
#include "common/runtime/stop_signal.hpp"
#include "common/runtime/task_group.hpp"

namespace hotline::runtime {

class service_thread {
 public:
  /// Builds what the thread needs, serves until the stop signal is raised, brings everything to an
  /// orderly end and returns. A failure means it cannot serve: the program should end.
  using thread_body = std::function<boost::asio::awaitable<result<void>>(service_thread&)>;
  /// Called on the thread when the body has returned (or thrown).
  using end_callback = std::function<void(result<void>)>;

  service_thread(std::string name, task_counters& counters, logger log);
  /// stop() and join().
  ~service_thread();
  service_thread(const service_thread&) = delete;
  service_thread& operator=(const service_thread&) = delete;

  void start(thread_body body, end_callback on_end);
  /// Thread-safe.
  void stop();
  void join();
  /// Whether the thread is about to end or has ended: join() takes no time. Thread-safe.
  bool ended() const { return ended_; }

  const std::string& name() const { return name_; }

  // For the body only: these belong to the thread.
  boost::asio::io_context& context() { return context_; }
  stop_signal& stopping() { return stopping_; }
  void spawn(const char* name, boost::asio::awaitable<void> work) {
    tasks_.spawn(name, std::move(work));
  }
  task_group& tasks() { return tasks_; }
  const logger& log() const { return log_; }

 private:
  static boost::asio::awaitable<void> run(service_thread& self, thread_body body,
                                          end_callback on_end);

  std::string name_;
  logger log_;
  boost::asio::io_context context_{1};
  stop_signal stopping_;
  task_group tasks_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace hotline::runtime
