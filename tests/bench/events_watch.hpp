// Looks at the outbox of every shard, from its end on, and tells when an event became visible.
// While it looks, a group of its own keeps the outbox from being trimmed behind the services.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "world.hpp"

namespace hotline::bench {

class events_watch {
 public:
  using sink = std::function<void(const v1::Event&, std::chrono::steady_clock::time_point seen)>;

  /// Starts behind what is in the streams now. Looks take time of the cores that are measured:
  /// where only the end counts, seldom is enough.
  events_watch(world& w, sink on_event,
               std::chrono::milliseconds between_looks = std::chrono::milliseconds(1));
  ~events_watch();

  /// Reads on until `done()` holds or the limit has passed; gives
  /// whether it held.
  boost::asio::awaitable<bool> run(std::function<bool()> done, std::chrono::seconds limit);

 private:
  boost::asio::awaitable<bool> read_once();

  world& world_;
  sink on_event_;
  std::chrono::milliseconds between_looks_;
  std::map<std::string, std::string> last_ids_;
};

}  // namespace hotline::bench
