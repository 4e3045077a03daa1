// A partner that is told things and does nothing but count them: on a thread of its own, as cheap
// as can be, since it shares the cores with what is measured.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <thread>

#include "common/net/http_server.hpp"

namespace hotline::bench {

class fast_partner {
 public:
  fast_partner();
  ~fast_partner();
  fast_partner(const fast_partner&) = delete;

  std::uint16_t port() const { return server_.port(); }
  /// 503 to everything.
  void set_outage(bool outage) { outage_ = outage; }

  std::int64_t heard() const { return heard_; }                ///< messages, each once
  std::int64_t repeated() const { return repeated_; }          ///< that came again
  std::int64_t out_of_order() const { return out_of_order_; }  ///< behind a later one of its ticket
  std::int64_t sent_away() const { return sent_away_; }        ///< during an outage

 private:
  net::response answer(const net::request& request);

  boost::asio::io_context context_{1};
  std::atomic<bool> outage_{false};
  std::atomic<std::int64_t> heard_{0};
  std::atomic<std::int64_t> repeated_{0};
  std::atomic<std::int64_t> out_of_order_{0};
  std::atomic<std::int64_t> sent_away_{0};
  std::map<std::string, std::int64_t, std::less<>> last_version_;  ///< of each ticket
  net::http_server server_;
  std::thread thread_;
};

}  // namespace hotline::bench
