#include "services/gateway/intake/captcha.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "common/net/http_client.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

constexpr std::size_t answer_bytes_max = 16 * 1024;

}  // namespace

awaitable<result<bool>> captcha::passed(std::string token, std::string address) {
  // A connection of its own: checks wait for each other's service, not for each other.
  net::http_client client(context_, service_.host, service_.port,
                          {.body_bytes_max = answer_bytes_max});
  const auto asked = boost::json::serialize(
      boost::json::object{{"token", std::move(token)}, {"address", std::move(address)}});
  const auto answer = co_await client.send(
      net::method::post, service_.target, {{"Content-Type", "application/json"}}, asked, patience_);
  if (!answer) co_return fail(errc::unavailable, "captcha: " + answer.error().detail);
  co_return read_captcha_answer(answer->status, answer->body);
}

result<bool> read_captcha_answer(int status, std::string_view body) {
  if (status != 200) {
    return fail(errc::unavailable, "captcha: status " + std::to_string(status));
  }
  boost::json::error_code bad;
  const auto answer = boost::json::parse(body, bad);
  const auto* members = bad ? nullptr : answer.if_object();
  const auto* passed = members ? members->if_contains("passed") : nullptr;
  if (passed == nullptr || !passed->is_bool()) {
    return fail(errc::unavailable, "captcha: no answer that says whether it was passed");
  }
  return passed->as_bool();
}

}  // namespace hotline::gateway
