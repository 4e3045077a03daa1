#include "services/gateway/corrections.hpp"

#include <set>
#include <utility>

#include "common/domain/board.hpp"
#include "services/gateway/summaries.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

awaitable<result<std::vector<counted_correction>>> load_corrections(const gateway_parts& parts,
                                                                    v1::Actor reader,
                                                                    std::vector<std::string> sets) {
  const auto land = parts.province();
  std::vector<counted_correction> found;
  // Most of the sets do not exist.
  const auto sizes = co_await parts.index.counts(sets);
  if (!sizes) co_return pass(sizes);
  std::set<std::string> known;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if ((*sizes)[i] == 0) continue;
    std::optional<store::index_cursor> after;
    do {
      auto page = co_await parts.index.page(sets[i], after, store::index_reader::page_max,
                                            store::index_order::ascending);
      if (!page) co_return pass(page);
      after = page->next;
      auto tickets = co_await load_members(parts, std::move(page->members));
      if (!tickets) co_return pass(tickets);
      for (v1::Ticket& ticket : *tickets) {
        if (!known.insert(ticket.no()).second) continue;
        const int by = domain::correction(land->org, reader, ticket);
        if (by != 0) found.push_back({std::move(ticket), by});
      }
    } while (after);
  }
  co_return found;
}

}  // namespace hotline::gateway
