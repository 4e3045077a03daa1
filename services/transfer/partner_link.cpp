#include "services/transfer/partner_link.hpp"

#include <string>
#include <utility>

namespace hotline::transfer {

partner_link::partner_link(exchange::partner of, runtime::store_kit& kit,
                           const runtime::store_access& access, partner_counters& counted)
    : partner(std::move(of)),
      vault(access.keys),
      feed(kit.redis, vault, std::string(partner.name()), access.options.data_set, &access.floor),
      queue(kit.redis, vault, std::string(partner.name()), access.options.data_set, &access.floor),
      fetches(kit.redis, vault, std::string(partner.name()), access.options.data_set),
      counters(counted) {}

partner_links::partner_links(const exchange::partner_book& partners, runtime::store_kit& kit,
                             const runtime::store_access& access, counters_by_partner& counted) {
  for (const auto& partner : partners.all())
    links_.push_back(std::make_unique<partner_link>(
        partner, kit, access, counted.try_emplace(std::string(partner.name())).first->second));
}

boost::asio::awaitable<result<void>> partner_links::adopt() {
  for (const auto& link : links_) {
    if (auto ok = co_await link->feed.adopt(); !ok) co_return ok;
  }
  co_return result<void>{};
}

partner_link* partner_links::find(std::string_view name) const {
  for (const auto& link : links_) {
    if (link->partner.name() == name) return link.get();
  }
  return nullptr;
}

}  // namespace hotline::transfer
