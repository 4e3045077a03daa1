// `hotline export`: every ticket as a JSON line, masked unless a reason is given.
#include <fmt/core.h>

#include <array>
#include <cstdio>
#include <vector>

#include "common/domain/projection.hpp"
#include "common/json/codec.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/tool_session.hpp"
#include "services/hotline/user_office.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

constexpr std::size_t page_size = 500;

/// Writes a page; false when standard output does not take it.
bool write(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
}

/// As whom the machine exports: with the eyes of the province's supervision, whoever sits there.
v1::Actor exporter(const tool_session& session) {
  v1::Actor actor;
  actor.set_user(console_user());
  actor.set_unit(std::string(session.land().org.province_desk()));
  actor.set_role(v1::ROLE_SUPERVISOR);
  return actor;
}

/// On record before the first line leaves.
awaitable<result<void>> record_export(tool_session& session, const export_options& options) {
  v1::AuditRecord record;
  record.set_at(to_unix_ms(session.now().now()));
  *record.mutable_actor() = exporter(session);
  record.set_action("ticket.export");
  record.set_object("all tickets");
  record.set_done(true);
  record.set_reason(options.reason);
  record.set_detail(options.full ? "personal data in full" : "masked");
  auto people = session.people();
  co_return co_await people.record(std::move(record));
}

awaitable<int> run(tool_session& session, const export_options& options) {
  if (const auto recorded = co_await record_export(session, options); !recorded) {
    fmt::print(stderr, "hotline: {}\n", recorded.error().detail);
    co_return exit_failed;
  }
  if (options.full) {
    fmt::print(stderr, "hotline: an export with personal data, because: {}\n", options.reason);
  }
  const auto actor = exporter(session);
  // In full is what a reveal would show: it has a reason, and is on record.
  const auto how = options.full ? domain::action::reveal : domain::action::export_tickets;
  const std::array roots{v1::Ticket::descriptor()};
  const json::codec codec(roots);
  auto& store = session.store();
  std::optional<store::index_cursor> after;
  std::size_t damaged = 0;
  std::size_t withheld = 0;
  do {
    auto page = co_await store.index.page("all", after, page_size, store::index_order::ascending);
    if (!page) {
      fmt::print(stderr, "hotline: {}\n", page.error().detail);
      co_return exit_failed;
    }
    std::vector<std::string> numbers;
    for (const auto& member : page->members) numbers.push_back(member.no);
    auto tickets = co_await store.tickets.load_many(std::move(numbers));
    if (!tickets) {
      fmt::print(stderr, "hotline: {}\n", tickets.error().detail);
      co_return exit_failed;
    }
    std::string lines;
    for (auto& ticket : *tickets) {
      if (!ticket) {
        fmt::print(stderr, "{}\n", ticket.error().detail);
        ++damaged;
      } else if (*ticket) {
        const auto& org = session.land().org;
        if (domain::permit(org, actor, domain::action::export_tickets, &**ticket) !=
            domain::access::granted) {
          ++withheld;
          continue;
        }
        const auto shown = domain::view_of(org, actor, how, **ticket);
        const auto open = [&](std::string_view path, std::string_view token) {
          auto plain = store.vault.open((*ticket)->no(), path, token);
          return plain ? std::optional(*std::move(plain)) : std::nullopt;
        };
        domain::project(**ticket, shown, open);
        codec.write(**ticket, lines);
        lines += '\n';
      }
    }
    if (!write(lines)) {
      fmt::print(stderr, "hotline: cannot write to standard output\n");
      co_return exit_failed;
    }
    after = page->next;
  } while (after && !session.stopping().raised());
  if (withheld > 0) {
    fmt::print(stderr, "hotline: {} tickets are not the province's to export\n", withheld);
  }
  if (std::fflush(stdout) != 0 || after) co_return exit_failed;
  co_return damaged == 0 ? exit_ok : exit_found;
}

}  // namespace

int export_tickets(const command_places& where, const export_options& options) {
  return tool_session::run(where, false,
                           [&](tool_session& session) { return run(session, options); });
}

}  // namespace hotline::program
