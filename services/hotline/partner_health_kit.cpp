#include "services/hotline/partner_health_kit.hpp"

#include <utility>

namespace hotline::program {
namespace {

gateway::shown_partner shown(const exchange::partner& partner) {
  v1::HotlineConfig alone;
  *alone.add_partners() = partner.config();
  return {.name = std::string(partner.name()),
          .title = partner.config().title(),
          .unit = std::string(partner.unit()),
          .warnings = exchange::partner_warnings(alone),
          .has_list = !partner.config().reconciliation().list_url().empty()};
}

}  // namespace

partner_health_kit::partner_health_kit(const transfer::reconcilers_parts& from)
    : reconcilers_(from),
      parts_{.partners = {},
             .redis = from.kit.redis,
             .data_set = from.access.options.data_set,
             .compare = [this](std::string name, std::chrono::year_month_day day, bool repair,
                               std::string by, std::string reason) {
               return compare(std::move(name), day, repair, std::move(by), std::move(reason));
             }} {
  for (const auto& link : from.links.all()) parts_.partners.push_back(shown(link->partner));
}

boost::asio::awaitable<result<v1::ReconciliationReport>> partner_health_kit::compare(
    std::string name, std::chrono::year_month_day day, bool repair, std::string by,
    std::string reason) {
  auto* const one = reconcilers_.find(name);
  if (one == nullptr) co_return fail(errc::invalid_argument, "no such partner with a list");
  co_return co_await one->compare_now(day, repair, {std::move(by), std::move(reason)});
}

}  // namespace hotline::program
