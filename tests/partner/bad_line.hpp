// A line between a client and a server of ours that can break: a TCP relay that cuts or slows an
// answer where the server has asked for it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace hotline::test {

/// A header field of an answer that tells the line what to do with it.
inline constexpr std::string_view line_field = "X-Line";
inline constexpr std::string_view line_cut = "cut";      ///< half of it, then the end
inline constexpr std::string_view line_slow = "slowly";  ///< byte by byte

/// One per thread, on that thread's io_context.
class bad_line {
 public:
  /// Throws when no port can be had.
  bad_line(boost::asio::io_context& context, std::uint16_t server);
  ~bad_line();

  std::uint16_t port() const;
  /// Closes what is open and accepts nothing any more.
  void stop();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace hotline::test
