#include "services/transfer/taking_service.hpp"

#include <utility>

namespace hotline::transfer {

taking_service::line::line(taking_parts& parts, partner_link& from)
    : link(from),
      intake(from.partner, from.feed, parts.kit.tickets, parts.kit.numbers, parts.access.province),
      files(parts.context, from, parts.kit, parts.files, parts.secrets, parts.access.now, {},
            parts.tasks, parts.log) {
  const auto& way = from.partner.config().inbound();
  if (way.has_pull()) {
    pull = std::make_unique<puller>(parts.context, from, intake, parts.secrets, parts.access.now,
                                    puller_options{}, parts.log);
  } else if (way.has_file()) {
    drop = std::make_unique<file_inlet>(from.partner, intake, parts.access.now, parts.log);
  }
}

taking_service::taking_service(taking_parts parts) : parts_(std::move(parts)) {
  for (const auto& link : parts_.partners.all()) {
    if (link->partner.config().has_inbound())
      lines_.push_back(std::make_unique<line>(parts_, *link));
  }
}

void taking_service::start(runtime::task_group& tasks, runtime::stop_signal& stopping) {
  const auto options = feed_worker_options_of(parts_.settings);
  for (const auto& line : lines_) {
    line->worker = std::make_unique<feed_worker>(line->link, parts_.kit, parts_.access.province,
                                                 parts_.access.now, options, tasks,
                                                 parts_.context.get_executor(), parts_.log);
    tasks.spawn("feed", line->worker->run(stopping));
    tasks.spawn("files", line->files.run(stopping));
    if (line->pull) tasks.spawn("pull", line->pull->run(stopping));
    if (line->drop) tasks.spawn("drop", line->drop->run(stopping));
  }
}

}  // namespace hotline::transfer
