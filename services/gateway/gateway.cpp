#include "services/gateway/gateway.hpp"

#include <utility>

#include "services/gateway/answers.hpp"

namespace hotline::gateway {

gateway::gateway(gateway_parts parts)
    : parts_(std::move(parts)),
      codec_(make_api_codec()),
      api_(parts_.who, parts_.counts, parts_.refused, parts_.log),
      commands_(parts_, codec_),
      reveals_(parts_, codec_),
      views_(parts_, codec_),
      queues_(parts_, codec_),
      board_(parts_, codec_),
      directory_(parts_, codec_),
      clock_(parts_, codec_),
      feeds_(parts_),
      letters_(parts_, codec_),
      reviews_(parts_, codec_),
      files_(parts_),
      uploads_(parts_, codec_),
      audit_(parts_, codec_),
      meta_(parts_),
      stream_(parts_) {
  commands_.add_to(api_);
  reveals_.add_to(api_);
  views_.add_to(api_);
  queues_.add_to(api_);
  board_.add_to(api_);
  directory_.add_to(api_);
  clock_.add_to(api_);
  feeds_.add_to(api_);
  letters_.add_to(api_);
  reviews_.add_to(api_);
  files_.add_to(api_);
  uploads_.add_to(api_);
  if (parts_.identity != nullptr) {
    sessions_.emplace(*parts_.identity, codec_).add_to(api_);
    users_.emplace(parts_, codec_).add_to(api_);
  }
  if (parts_.intake != nullptr) intake_.emplace(parts_, *parts_.intake, codec_).add_to(api_);
  audit_.add_to(api_);
  if (parts_.partner_health != nullptr) partner_health_.emplace(parts_, codec_).add_to(api_);
  stream_.add_to(api_);
  meta_.add_to(api_);  // describes all of the above
}

net::body_rule gateway::body_rule(net::method verb, std::string_view path,
                                  std::size_t others_max) const {
  const auto own = api_.body_rule(verb, path);
  return own ? *own : net::body_rule(body_limit(path, others_max));
}

boost::asio::awaitable<std::expected<net::body_place, net::response>> gateway::admit_body(
    net::request head) {
  return api_.admit_body(std::move(head));
}

boost::asio::awaitable<net::response> gateway::handle(net::request request) {
  net::response answer = co_await api_.routes().handle(std::move(request));
  if (parts_.rehearsal_clock != nullptr) {
    answer.headers.emplace_back("X-Hotline-Rehearsal", "true");
  }
  co_return answer;
}

}  // namespace hotline::gateway
