// `hotline partner reviews`.
#include <fmt/core.h>

#include <cstdio>
#include <string_view>

#include "common/domain/free_text.hpp"
#include "common/exchange/read_message.hpp"
#include "common/store/exchange_feed.hpp"
#include "services/hotline/console_deed.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/partner_command.hpp"
#include "services/hotline/partner_words.hpp"
#include "services/hotline/text_table.hpp"
#include "services/hotline/tool_session.hpp"
#include "services/hotline/words.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

constexpr std::size_t page_max = 200;

void add_row(text_table& table, const store::stored_review& one, const exchange::partner& from) {
  const auto& item = one.review.item();
  const auto event = item.has_event() ? item.event() : exchange::read_names(from, item.original());
  const bool is_read = event.kind() != v1::PARTNER_EVENT_KIND_UNSPECIFIED;
  table.add({one.id, std::string(word(one.review.reason())), civil_text(to_unix_ms(one.since)),
             std::string(is_read ? word(event.kind()) : std::string_view()), event.external_no(),
             one.ticket_no, domain::mask_free_text(one.review.text())});
}

awaitable<int> show(tool_session& session, const std::string& partner) {
  const auto* const from = session.ready().partners.find(partner);
  if (from == nullptr) co_return complain_of_partner(session.ready().config, partner);
  const auto recorded = co_await record_deed(session, {"review.read", partner});
  if (!recorded) co_return complain(recorded.error());
  store::exchange_vault vault(session.access().keys);
  store::exchange_feed feed(session.store().redis, vault, partner, session.data_set());
  text_table table({"编号", "原因", "始于", "事件", "对方工单号", "我方工单号", "说明"});
  std::int64_t total = 0;
  do {
    const auto page = co_await feed.reviews(table.size(), page_max);
    if (!page) co_return complain(page.error());
    total = page->total;
    if (page->reviews.empty()) break;
    for (const auto& one : page->reviews) add_row(table, one, *from);
  } while (static_cast<std::int64_t>(table.size()) < total && !session.stopping().raised());
  fmt::print("{}共 {} 件待核对\n", table.size() == 0 ? "" : table.to_text(), total);
  co_return exit_ok;
}

}  // namespace

int show_partner_reviews(const command_places& where, const std::string& partner) {
  return tool_session::run(where, false,
                           [&partner](tool_session& session) { return show(session, partner); });
}

}  // namespace hotline::program
