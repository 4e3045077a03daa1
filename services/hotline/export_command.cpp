// `hotline export`: every ticket as a JSON line.
#include <fmt/core.h>

#include <array>
#include <cstdio>
#include <vector>

#include "common/json/codec.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/tool_session.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

constexpr std::size_t page_size = 500;

/// Writes a page; false when standard output does not take it.
bool write(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
}

awaitable<int> run(tool_session& session) {
  const std::array roots{v1::Ticket::descriptor()};
  const json::codec codec(roots);
  auto& store = session.store();
  std::optional<store::index_cursor> after;
  std::size_t damaged = 0;
  do {
    auto page = co_await store.index.page("all", after, page_size, store::index_order::ascending);
    if (!page) {
      fmt::print(stderr, "hotline: {}\n", page.error().detail);
      co_return exit_failed;
    }
    std::vector<std::string> numbers;
    for (const auto& member : page->members) numbers.push_back(member.no);
    const auto tickets = co_await store.tickets.load_many(std::move(numbers));
    if (!tickets) {
      fmt::print(stderr, "hotline: {}\n", tickets.error().detail);
      co_return exit_failed;
    }
    std::string lines;
    for (const auto& ticket : *tickets) {
      if (!ticket) {
        fmt::print(stderr, "{}\n", ticket.error().detail);
        ++damaged;
      } else if (*ticket) {
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
  if (std::fflush(stdout) != 0 || after) co_return exit_failed;
  co_return damaged == 0 ? exit_ok : exit_found;
}

}  // namespace

int export_tickets(const command_places& where) {
  return tool_session::run(where, false, [](tool_session& session) { return run(session); });
}

}  // namespace hotline::program
