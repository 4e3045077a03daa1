// A real server on a port of the system's choosing, with a thread of its own, and a blocking raw
// socket to probe it with bytes no decent client would send.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "common/net/http_client.hpp"
#include "common/net/http_server.hpp"

namespace hotline::net::test {

/// No wait in these tests is longer; reaching it is a failure, not a way to pass.
constexpr std::chrono::seconds patience{10};

/// A blocking connection to 127.0.0.1.
class raw_socket {
 public:
  /// `before_connect` runs when the client has its descriptor and the server does not.
  explicit raw_socket(std::uint16_t port, const std::function<void()>& before_connect = {});
  ~raw_socket();
  raw_socket(raw_socket&& other) noexcept;
  raw_socket(const raw_socket&) = delete;
  raw_socket& operator=(const raw_socket&) = delete;

  bool send(std::string_view bytes);
  /// Everything until the server closes, or nothing when it does not within `patience`.
  std::optional<std::string> read_to_end();
  /// One answer with Content-Length, or what came before the connection ended.
  std::string read_answer();
  /// The bytes up to and with `end`.
  std::string read_until(std::string_view end);
  void finish_sending();

 private:
  bool receive();

  int fd_ = -1;
  std::string received_;
};

/// Answers 200 with "METHOD path body" and notes what it was asked. "/wait" answers only when the
/// server is stopped hard or release() is called.
class test_server {
 public:
  explicit test_server(server_options options = {});
  ~test_server();

  std::uint16_t port() const { return port_; }
  raw_socket connect() const { return raw_socket(port_); }
  /// Sends the bytes on a connection of their own and returns the whole answer.
  std::optional<std::string> probe(std::string_view bytes) const;
  int handled() const { return handled_; }
  bool smuggled() const { return smuggled_; }
  int waiting() const { return waiting_; }
  int cancelled() const { return cancelled_; }
  server_counters counters();
  /// Graceful stop; returns when it is done.
  void stop(std::chrono::milliseconds deadline);
  /// The same without waiting for its end.
  void begin_stop(std::chrono::milliseconds deadline);
  /// Lets the requests to "/wait" be answered.
  void release();

 private:
  boost::asio::awaitable<response> handle(request message);
  boost::asio::awaitable<void> wait_for_release();

  boost::asio::io_context context_{1};
  // Keeps the thread for questions after the server has stopped.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      context_.get_executor()};
  std::unique_ptr<http_server> server_;
  std::uint16_t port_ = 0;
  std::atomic<int> handled_ = 0;
  std::atomic<int> waiting_ = 0;
  std::atomic<int> cancelled_ = 0;
  std::atomic<bool> smuggled_ = false;
  bool released_ = false;
  std::thread thread_;
};

/// One request with a client and an io_context of its own.
result<response> ask(std::uint16_t port, method verb, std::string target, std::string body = {},
                     field_list headers = {});

/// Until `done` or `patience`; looks every millisecond.
bool eventually(const std::function<bool()>& done);

/// The status in the first line of an answer, 0 when there is none.
int status_of(std::string_view answer);
/// How many answers the bytes hold.
int answers_in(std::string_view bytes);

}  // namespace hotline::net::test
