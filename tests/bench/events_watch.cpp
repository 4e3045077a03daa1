#include "events_watch.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/store/keys.hpp"
#include "common/store/records.hpp"

namespace hotline::bench {

namespace asio = boost::asio;

namespace {
constexpr std::string_view group = "bench";
}

events_watch::events_watch(world& w, sink on_event, std::chrono::milliseconds between_looks)
    : world_(w), on_event_(std::move(on_event)), between_looks_(between_looks) {
  for (const auto shard : w.land().org.shards()) {
    const auto key = store::events_key(shard);
    w.redis().exec(redis::command("XGROUP", "CREATE", key, group, "$", "MKSTREAM"));
    const auto last = w.redis().exec(redis::command("XREVRANGE", key, "+", "-", "COUNT", "1"));
    last_ids_[key] = last.size() == 0 ? "0-0" : std::string(last.at(0).at(0).string());
  }
}

events_watch::~events_watch() {
  for (const auto& [key, id] : last_ids_) {
    world_.redis().exec(redis::command("XGROUP", "DESTROY", key, group));
  }
}

asio::awaitable<bool> events_watch::read_once() {
  redis::command read("XREAD", "COUNT", "2000", "STREAMS");
  for (const auto& [key, id] : last_ids_) read.add(key);
  for (const auto& [key, id] : last_ids_) read.add(id);
  auto answer = co_await world_.redis().client().exec(std::move(read));
  if (!answer) throw std::runtime_error(to_string(answer.error()));
  const auto seen = steady_now();
  for (std::size_t s = 0; s < answer->size(); ++s) {
    const auto& stream = answer->at(s);
    const auto& entries = stream.at(1);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      auto event = store::decode_event(entries.at(i).at(1).at(1).string());
      if (event) on_event_(*event, seen);
      last_ids_[std::string(stream.at(0).string())] = std::string(entries.at(i).at(0).string());
    }
  }
  co_return answer->size() > 0;
}

asio::awaitable<bool> events_watch::run(std::function<bool()> done, std::chrono::seconds limit) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  const auto deadline = steady_now() + limit;
  while (!done()) {
    if (steady_now() > deadline) co_return false;
    co_await read_once();
    timer.expires_after(between_looks_);
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return true;
}

}  // namespace hotline::bench
