#include "services/transfer/reconcilers.hpp"

#include <string>

namespace hotline::transfer {
namespace {

// Real time: whether a comparison is due is asked of the hotline's clock.
constexpr milliseconds look_interval{1'000};

}  // namespace

reconcilers::line::line(const reconcilers_parts& parts, partner_link& of)
    : link(of),
      ledger(parts.kit.redis, std::string(of.partner.name()), parts.access.options.data_set),
      list(of.partner, parts.secrets, parts.context),
      reconciler({.link = of,
                  .ledger = ledger,
                  .tickets = parts.kit.tickets,
                  .province = parts.access.province,
                  .list = list,
                  .now = parts.access.now,
                  .log = parts.log.sub(std::string(of.partner.name()))}),
      health(ledger, of.counters, parts.log),
      memory(ledger, parts.kit.tickets),
      now(parts.access.now) {}

reconcilers::reconcilers(const reconcilers_parts& parts) : log_(parts.log) {
  for (const auto& link : parts.links.all()) lines_.push_back(std::make_unique<line>(parts, *link));
}

reconciler* reconcilers::find(std::string_view name) const {
  for (const auto& one : lines_) {
    const auto& partner = one->link.partner;
    if (partner.name() == name && !partner.config().reconciliation().list_url().empty()) {
      return &one->reconciler;
    }
  }
  return nullptr;
}

void reconcilers::start(runtime::task_group& tasks, runtime::stop_signal& stopping) {
  stopping.on_raise([this] { stop(); });
  for (const auto& one : lines_) tasks.spawn("watch partner", watch(*one, stopping, log_));
}

boost::asio::awaitable<void> reconcilers::watch(line& one, runtime::stop_signal& stopping,
                                                logger log) {
  while (co_await stopping.sleep_for(look_interval)) {
    co_await one.health.keep();
    const auto compared = co_await one.reconciler.compare_tonight();
    if (!compared) {
      log.warn("not compared partner={} reason=\"{}\"", one.link.partner.name(),
               to_string(compared.error()));
    }
    const auto tidied = co_await one.memory.tidy(one.now.now());
    if (!tidied) {
      log.warn("not tidied up partner={} reason=\"{}\"", one.link.partner.name(),
               to_string(tidied.error()));
    } else if (*tidied > 0) {
      log.info("forgotten partner={} things={}", one.link.partner.name(), *tidied);
    }
  }
  co_await one.health.keep();
}

void reconcilers::stop() {
  for (const auto& one : lines_) one->list.stop();
}

}  // namespace hotline::transfer
