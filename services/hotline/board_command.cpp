// `hotline board`: how a unit and those below it stand.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

#include "common/domain/civil.hpp"
#include "common/domain/derive.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/text_table.hpp"
#include "services/hotline/tool_session.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

/// A number of the board: the tickets of an index whose score lies in a stretch.
struct column {
  const char* head;
  const char* index;
  double from;
  double to;
};

constexpr std::string_view nothing = "·";

constexpr double band(int number) { return domain::score_band * number; }

std::array<column, 7> columns(instant now) {
  const instant today = domain::midnight(domain::civil_date(now));
  const auto ms = [](instant t) { return static_cast<double>(to_unix_ms(t)); };
  return {{
      {"在办", "open:", -1, band(9)},
      {"待签收", "queue:", band(0), band(4)},
      {"办理中", "queue:", band(8), band(9)},
      {"今日到期", "open:", ms(today), ms(today + std::chrono::days(1))},
      {"黄灯", "light:", band(v1::LIGHT_YELLOW), band(v1::LIGHT_RED)},
      {"红灯", "light:", band(v1::LIGHT_RED), band(v1::LIGHT_DOUBLE_RED)},
      {"双红灯", "light:", band(v1::LIGHT_DOUBLE_RED), band(v1::LIGHT_DOUBLE_RED + 1)},
  }};
}

awaitable<int> show(tool_session& session, std::string code) {
  const auto& org = session.land().org;
  if (code.empty()) code = org.province_desk();
  if (!org.contains(code)) {
    fmt::print(stderr, "没有单位 {}\n", code);
    co_return exit_found;
  }
  std::vector<std::string> units{code};
  for (const auto child : org.children(code)) units.emplace_back(child);

  const auto shown = columns(session.now().now());
  std::vector<std::string> heads{"单位", "代码"};
  for (const auto& one : shown) heads.emplace_back(one.head);
  text_table table(std::move(heads));
  for (const auto& unit : units) {
    std::vector<std::string> row{org.find(unit)->name(), unit};
    for (const auto& one : shown) {
      const auto count =
          co_await session.store().index.count_between(one.index + unit, one.from, one.to);
      if (!count) {
        fmt::print(stderr, "hotline: {}\n", count.error().detail);
        co_return exit_failed;
      }
      row.push_back(*count == 0 ? std::string(nothing) : std::to_string(*count));
    }
    // Of offices, teams and partners only those with something to show.
    const bool idle = std::all_of(row.begin() + 2, row.end(),
                                  [](const std::string& cell) { return cell == nothing; });
    if (!idle || domain::is_union(org.level(unit))) table.add(std::move(row));
  }
  fmt::print("{}", table.to_text());
  co_return exit_ok;
}

}  // namespace

int show_board(const command_places& where, const std::string& unit) {
  return tool_session::run(where, false,
                           [unit](tool_session& session) { return show(session, unit); });
}

}  // namespace hotline::program
