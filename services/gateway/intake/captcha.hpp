// Whether a person sent what a web form hands in: asked of the captcha service (验证码).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "common/base/error.hpp"
#include "common/net/http_url.hpp"

namespace hotline::gateway {

/// One per thread.
class captcha {
 public:
  /// `service` is plain http; the context outlives it.
  captcha(boost::asio::io_context& context, net::http_url service,
          std::chrono::milliseconds patience)
      : context_(context), service_(std::move(service)), patience_(patience) {}

  /// What the service says of the token a citizen at `address` has sent. A failure says nothing of
  /// the citizen: unavailable, also where the answer is not one of ours.
  boost::asio::awaitable<result<bool>> passed(std::string token, std::string address);

 private:
  boost::asio::io_context& context_;
  net::http_url service_;
  std::chrono::milliseconds patience_;
};

/// The answer of the service: {"passed": true}, nothing less.
result<bool> read_captcha_answer(int status, std::string_view body);

}  // namespace hotline::gateway
