#include "services/gateway/live/settings.hpp"

#include <algorithm>

namespace hotline::gateway::live {
namespace {

std::size_t or_default(std::int32_t set, std::size_t otherwise) {
  return set > 0 ? static_cast<std::size_t>(set) : otherwise;
}

}  // namespace

feed_options feed_options_of(const v1::LiveSettings& settings, bool rehearsal) {
  feed_options options;
  if (settings.poll_ms() > 0) options.poll = milliseconds(settings.poll_ms());
  options.topics_max = or_default(settings.subscriptions_max(), options.topics_max);
  options.events_kept = or_default(settings.keep_events(), options.events_kept);
  // A read must not be larger than what housekeeping keeps, or a gap could go unnoticed.
  options.batch = std::min(options.batch, options.events_kept);
  options.begin_with = std::min(options.begin_with, options.events_kept);
  options.rehearsal = rehearsal;
  return options;
}

std::size_t sockets_per_user(const v1::LiveSettings& settings) {
  return or_default(settings.sockets_per_user_max(), sockets_per_user_default);
}

}  // namespace hotline::gateway::live
