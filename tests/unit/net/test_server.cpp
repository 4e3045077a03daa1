#include "tests/unit/net/test_server.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <charconv>
#include <future>
#include <stdexcept>
#include <utility>

#include "common/net/problem.hpp"

namespace hotline::net::test {

namespace asio = boost::asio;

raw_socket::raw_socket(std::uint16_t port, const std::function<void()>& before_connect)
    : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{.tv_sec = patience.count(), .tv_usec = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (before_connect) before_connect();
  REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

raw_socket::~raw_socket() {
  if (fd_ >= 0) ::close(fd_);
}

raw_socket::raw_socket(raw_socket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), received_(std::move(other.received_)) {}

bool raw_socket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool raw_socket::receive() {
  std::array<char, 8192> part{};
  const auto count = ::recv(fd_, part.data(), part.size(), 0);
  if (count > 0) received_.append(part.data(), static_cast<std::size_t>(count));
  return count > 0;
}

std::optional<std::string> raw_socket::read_to_end() {
  while (receive()) {
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
  return std::exchange(received_, {});
}

std::string raw_socket::read_until(std::string_view end) {
  while (received_.find(end) == std::string::npos && receive()) {
  }
  const auto found = received_.find(end);
  const auto size = found == std::string::npos ? received_.size() : found + end.size();
  std::string taken = received_.substr(0, size);
  received_.erase(0, size);
  return taken;
}

std::string raw_socket::read_answer() {
  std::string answer = read_until("\r\n\r\n");
  constexpr std::string_view field = "Content-Length: ";
  const auto at = answer.find(field);
  std::size_t length = 0;
  if (at != std::string::npos) {
    std::from_chars(answer.data() + at + field.size(), answer.data() + answer.size(), length);
  }
  while (received_.size() < length && receive()) {
  }
  answer += received_.substr(0, length);
  received_.erase(0, length);
  return answer;
}

void raw_socket::finish_sending() { ::shutdown(fd_, SHUT_WR); }

test_server::test_server(server_options options) {
  server_ = std::make_unique<http_server>(
      context_, std::move(options), [this](request message) { return handle(std::move(message)); },
      logger(make_null_sink(), "test"));
  const auto listening = server_->listen();
  REQUIRE(listening);
  port_ = server_->port();
  server_->start();
  thread_ = std::thread([this] { context_.run(); });
}

test_server::~test_server() {
  asio::post(context_, [this] {
    server_.reset();
    work_.reset();
  });
  thread_.join();
}

std::optional<std::string> test_server::probe(std::string_view bytes) const {
  raw_socket client = connect();
  client.send(bytes);
  return client.read_to_end();
}

server_counters test_server::counters() {
  std::promise<server_counters> counters;
  asio::post(context_, [&] { counters.set_value(server_->counters()); });
  return counters.get_future().get();
}

void test_server::stop(std::chrono::milliseconds deadline) {
  std::promise<void> done;
  asio::co_spawn(context_, server_->stop(deadline), [&](std::exception_ptr) { done.set_value(); });
  done.get_future().wait();
}

void test_server::begin_stop(std::chrono::milliseconds deadline) {
  asio::co_spawn(context_, server_->stop(deadline), [](std::exception_ptr) {});
}

void test_server::release() {
  asio::post(context_, [this] { released_ = true; });
}

asio::awaitable<void> test_server::wait_for_release() {
  ++waiting_;
  try {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (!released_) {
      timer.expires_after(std::chrono::milliseconds(1));
      co_await timer.async_wait(asio::use_awaitable);
    }
  } catch (...) {
    ++cancelled_;
    throw;
  }
}

asio::awaitable<response> test_server::handle(request message) {
  ++handled_;
  if (message.path == "/smuggled") smuggled_ = true;
  if (message.path == "/throw") throw std::runtime_error("secret of the handler");
  if (message.path == "/wait") co_await wait_for_release();
  response answer;
  answer.content_type = "text/plain";
  answer.body = std::string(to_string(message.verb)) + " " + message.path + " " + message.body;
  if (message.path == "/large") answer.body.assign(1'000'000, 'x');
  if (message.path == "/split") answer.headers.emplace_back("X-Bad", "a\r\nSet-Cookie: b");
  if (message.path == "/empty") answer.status = 204;
  if (message.path == "/peer") answer.body = message.peer + " " + message.request_id;
  if (message.path == "/cached") answer.headers.emplace_back("Cache-Control", "max-age=60");
  co_return answer;
}

result<response> ask(std::uint16_t port, method verb, std::string target, std::string body,
                     field_list headers) {
  asio::io_context context(1);
  http_client client(context, "127.0.0.1", port);
  std::optional<result<response>> answer;
  asio::co_spawn(
      context, client.send(verb, std::move(target), std::move(headers), std::move(body), patience),
      [&](std::exception_ptr error, result<response> r) {
        REQUIRE(!error);
        answer = std::move(r);
        client.close();
        context.stop();
      });
  context.run();
  REQUIRE(answer);
  return std::move(*answer);
}

bool eventually(const std::function<bool()>& done) {
  const auto limit = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < limit) {
    if (done()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

int status_of(std::string_view answer) {
  int status = 0;
  if (answer.starts_with("HTTP/1.1 ") && answer.size() > 12) {
    std::from_chars(answer.data() + 9, answer.data() + 12, status);
  }
  return status;
}

int answers_in(std::string_view bytes) {
  int count = 0;
  for (auto at = bytes.find("HTTP/1.1 "); at != bytes.npos; at = bytes.find("HTTP/1.1 ", at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace hotline::net::test
