#include "common/redis/handshake.hpp"

#include <utility>
#include <vector>

namespace hotline::redis {

namespace asio = boost::asio;

namespace {

std::vector<command> first_words(const credentials& who) {
  std::vector<command> words;
  if (!who.password.empty()) {
    command auth("AUTH");
    if (!who.username.empty()) auth.add(who.username);
    words.push_back(std::move(auth.add(who.password)));
  }
  if (!who.client_name.empty()) words.emplace_back("CLIENT", "SETNAME", who.client_name);
  words.emplace_back("PING");
  return words;
}

}  // namespace

asio::awaitable<result<void>> introduce(link& to, credentials who, milliseconds timeout) {
  const auto outcomes = co_await to.exec_all(first_words(who), steady_now() + timeout);
  for (const auto& outcome : outcomes) {
    if (!outcome) co_return pass(outcome);
  }
  co_return result<void>{};
}

asio::awaitable<result<void>> open_and_introduce(std::shared_ptr<link> to, endpoint where,
                                                 credentials who, milliseconds timeout) {
  auto opened = co_await to->open(std::move(where));
  if (opened) opened = co_await introduce(*to, std::move(who), timeout);
  // Nothing of value was sent yet, so there is no outcome to be unsure about.
  if (!opened && opened.error().code == errc::outcome_unknown) {
    opened.error().code = errc::unavailable;
  }
  if (!opened) to->close(opened.error());
  co_return opened;
}

}  // namespace hotline::redis
