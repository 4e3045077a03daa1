// `hotline board`: how a unit and those below it stand.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

#include "common/domain/organisation.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/text_table.hpp"
#include "services/hotline/tool_session.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

constexpr std::string_view nothing = "·";

struct column {
  const char* head;
  std::int64_t (v1::BoardRow::*get)() const;
};

constexpr std::array columns{
    column{"在办", &v1::BoardRow::open},
    column{"待签收", &v1::BoardRow::waiting},
    column{"办理中", &v1::BoardRow::handling},
    column{"今日到期", &v1::BoardRow::due_today},
    column{"黄灯", &v1::BoardRow::yellow},
    column{"红灯", &v1::BoardRow::red},
    column{"双红灯", &v1::BoardRow::double_red},
    column{"督办", &v1::BoardRow::supervised},
    column{"退单", &v1::BoardRow::returned},
    column{"本月按期", &v1::BoardRow::closed_on_time},
    column{"本月超期", &v1::BoardRow::closed_late},
};

awaitable<int> show(tool_session& session, std::string code) {
  const auto& org = session.land().org;
  if (code.empty()) code = org.province_desk();
  if (!org.contains(code)) {
    fmt::print(stderr, "没有单位 {}\n", code);
    co_return exit_found;
  }
  std::vector<std::string> units{code};
  for (const auto child : org.children(code)) units.emplace_back(child);

  const auto rows = co_await session.store().board.rows(units, session.now().now());
  if (!rows) {
    fmt::print(stderr, "hotline: {}\n", rows.error().detail);
    co_return exit_failed;
  }
  std::vector<std::string> heads{"单位", "代码"};
  for (const auto& one : columns) heads.emplace_back(one.head);
  text_table table(std::move(heads));
  for (const auto& counted : *rows) {
    const auto& unit = counted.unit();
    std::vector<std::string> row{org.find(unit)->name(), unit};
    for (const auto& one : columns) {
      const auto count = (counted.*one.get)();
      row.push_back(count == 0 ? std::string(nothing) : std::to_string(count));
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
