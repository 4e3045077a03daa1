#include "fast_partner.hpp"

#include <boost/asio/post.hpp>
#include <charconv>
#include <stdexcept>
#include <string_view>

#include "common/base/log.hpp"

namespace hotline::bench {
namespace {

net::server_options options() {
  net::server_options made;
  made.requests_per_connection_max = 1'000'000'000;
  return made;
}

}  // namespace

fast_partner::fast_partner()
    : server_(
          context_, options(),
          [this](net::request r) -> boost::asio::awaitable<net::response> { co_return answer(r); },
          {make_null_sink(), "partner"}) {
  if (const auto listening = server_.listen(); !listening)
    throw std::runtime_error(to_string(listening.error()));
  server_.start();
  thread_ = std::thread([this] { context_.run(); });
}

fast_partner::~fast_partner() {
  context_.stop();
  thread_.join();
}

net::response fast_partner::answer(const net::request& request) {
  net::response made;
  made.content_type = "application/json";
  if (outage_) {
    ++sent_away_;
    made.status = 503;
    return made;
  }
  // A message is called "<ticket>:<version>".
  const std::string* name = request.header("Message-Id");
  const auto colon = name ? name->rfind(':') : std::string::npos;
  if (colon == std::string::npos) {
    made.status = 400;
    return made;
  }
  std::int64_t version = 0;
  std::from_chars(name->data() + colon + 1, name->data() + name->size(), version);
  auto& last = last_version_[name->substr(0, colon)];
  if (version == last) {
    ++repeated_;
  } else if (version < last) {
    ++out_of_order_;
  } else {
    last = version;
    ++heard_;
  }
  made.body = R"({"code":"10000","message":"ok"})";
  return made;
}

}  // namespace hotline::bench
