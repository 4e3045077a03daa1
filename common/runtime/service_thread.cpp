#include "common/runtime/service_thread.hpp"

#include <fmt/core.h>
#include <pthread.h>

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

namespace hotline::runtime {

namespace asio = boost::asio;

service_thread::service_thread(std::string name, task_counters& counters, logger log)
    : name_(std::move(name)),
      log_(std::move(log)),
      stopping_(context_.get_executor()),
      tasks_(context_.get_executor(), counters, log_) {}

service_thread::~service_thread() {
  stop();
  join();
}

asio::awaitable<void> service_thread::run(service_thread& self, thread_body body,
                                          end_callback on_end) {
  result<void> end = fail(errc::internal, "the thread ended by an exception");
  try {
    end = co_await body(self);
  } catch (const std::exception& e) {
    end = fail(errc::internal, fmt::format("the thread ended by an exception: {}", e.what()));
  }
  on_end(std::move(end));
}

void service_thread::start(thread_body body, end_callback on_end) {
  tasks_.spawn("body", run(*this, std::move(body), std::move(on_end)));
  thread_ = std::thread([this] {
    // The kernel keeps fifteen characters.
    pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
    context_.run();
    ended_ = true;
  });
}

void service_thread::stop() {
  asio::post(context_, [this] { stopping_.raise(); });
}

void service_thread::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace hotline::runtime
