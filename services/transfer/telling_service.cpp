#include "services/transfer/telling_service.hpp"

#include <utility>

#include "services/transfer/file_outlet.hpp"
#include "services/transfer/http_outlet.hpp"

namespace hotline::transfer {
namespace {

constexpr milliseconds retry_start{1'000};

std::unique_ptr<outlet> make_outlet(telling_parts& parts, const store::file_links& links,
                                    const exchange::partner& to) {
  if (to.config().outbound().has_file())
    return std::make_unique<file_outlet>(to, parts.kit.vault, links);
  return std::make_unique<http_outlet>(to, parts.kit.vault, links, parts.files, parts.secrets,
                                       parts.context);
}

sender_options options_of(const telling_parts& parts) {
  sender_options options;
  if (parts.poll > milliseconds(0)) options.poll = parts.poll;
  return options;
}

runtime::reactor_options with_filter(runtime::reactor_options options) {
  options.may_want = teller::may_want;
  return options;
}

}  // namespace

telling_service::line::line(telling_parts& parts, const store::file_links& links,
                            partner_link& link)
    : way(make_outlet(parts, links, link.partner)),
      returns(link.partner.config(), parts.kit.tickets, parts.kit.runner, parts.access.province,
              parts.access.now),
      sender(parts.context.get_executor(), link, *way, returns, parts.access.now, options_of(parts),
             parts.tasks, parts.log) {}

telling_service::telling_service(telling_parts parts)
    : parts_(std::move(parts)),
      file_links_(parts_.access.keys),
      teller_(parts_.partners, parts_.kit.tickets, parts_.access.province, parts_.access.now),
      reader_(
          parts_.context.get_executor(), parts_.kit.redis, with_filter(parts_.reader),
          [](const v1::Event& event) { return teller::may_want(event.kind()); },
          [this](const v1::Event& event) { return teller_.handle(event); }, parts_.reader_counters,
          parts_.tasks, parts_.log) {
  for (const auto& link : parts_.partners.all()) {
    if (link->partner.config().has_outbound())
      lines_.push_back(std::make_unique<line>(parts_, file_links_, *link));
  }
}

void telling_service::start(runtime::task_group& tasks, runtime::stop_signal& stopping) {
  tasks.spawn("reader", keep_reading(stopping));
  for (const auto& line : lines_) tasks.spawn("sender", line->sender.run(stopping));
}

/// It cannot begin while Redis is away.
boost::asio::awaitable<void> telling_service::keep_reading(runtime::stop_signal& stopping) {
  while (!stopping.raised()) {
    const auto end = co_await reader_.run(stopping);
    if (end) co_return;
    parts_.log.warn("cannot begin to read events reason=\"{}\"", to_string(end.error()));
    co_await stopping.sleep_for(retry_start);
  }
}

}  // namespace hotline::transfer
