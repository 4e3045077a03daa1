// Pushed rows say what GET /v1/board says at that moment, to everybody: also to those whom a
// complaint is about, under any post.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/gateway/cast.hpp"
#include "tests/unit/gateway/live_client.hpp"

namespace hotline::gateway {
namespace {

using row_texts = std::map<std::string, std::string>;

constexpr std::array<const char*, 5> reading_roles{"ROLE_OPERATOR", "ROLE_DISPATCHER",
                                                   "ROLE_OFFICER", "ROLE_LEAD", "ROLE_SUPERVISOR"};

/// The province, a city, a county of it and the county next door.
constexpr std::array<const char*, 4> posts_at{"370000", "370800", "370883", "370811"};
/// Nowhere else, or at home in a unit that complaints are about.
constexpr std::array<const char*, 4> other_homes{"", "370883", "370800", "370200"};

/// Somebody who has loaded the board once and keeps it with what is pushed.
class board_page {
 public:
  board_page(gateway_fixture& f, sender who) : f_(f), who_(std::move(who)), client_(f, who_) {
    client_.watch({"board:" + who_.unit});
    shown_ = asked();
    heard_ = client_.told().size();
  }

  row_texts asked() {
    const auto answer = f_.get(who_, "/v1/board?unit=" + who_.unit);
    v1::Board board;
    REQUIRE_MESSAGE(codec_.read(answer.body, board).has_value(), answer.body);
    row_texts rows;
    for (const auto& row : board.rows()) rows[row.unit()] = row.ShortDebugString();
    return rows;
  }

  /// Takes in what was pushed. Every pushed row is one of `before` or `after`: nothing else is ever
  /// shown on the way.
  const row_texts& read_on(const row_texts& before, const row_texts& after) {
    for (; heard_ < client_.told().size(); ++heard_) {
      for (const auto& row : client_.told()[heard_].rows()) {
        const auto text = row.ShortDebugString();
        const bool known = text == before.at(row.unit()) || text == after.at(row.unit());
        CHECK_MESSAGE(known, who_.role, " of ", who_.unit, " and ", who_.other_unit, ": ", text);
        shown_[row.unit()] = text;
      }
    }
    return shown_;
  }
  const row_texts& shown() const { return shown_; }

 private:
  gateway_fixture& f_;
  sender who_;
  live_client client_;
  json::codec codec_{std::array{v1::Board::descriptor()}};
  row_texts shown_;
  std::size_t heard_ = 0;
};

class many_pages {
 public:
  explicit many_pages(gateway_fixture& f) : f_(f) {
    for (const char* role : reading_roles) {
      for (const char* unit : posts_at) {
        for (const char* other : other_homes) {
          if (std::string_view(other) == unit) continue;
          const auto user = fmt::format("u{}", pages_.size());
          pages_.push_back(std::make_unique<board_page>(f, sender{role, unit, user, other}));
        }
      }
    }
  }

  /// Commits one change and waits until every page shows what the board says then. Returns how many
  /// different boards of the city there are.
  std::size_t after(const std::function<void()>& act) {
    std::vector<row_texts> before;
    for (const auto& page : pages_) before.push_back(page->shown());
    act();
    std::set<row_texts> different;
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      const auto rows = pages_[i]->asked();
      if (rows.contains("370800") && !rows.contains("370000")) different.insert(rows);
      test::run_until(f_.redis.context,
                      [&] { return pages_[i]->read_on(before[i], rows) == rows; });
    }
    return different.size();
  }

 private:
  gateway_fixture& f_;
  std::vector<std::unique_ptr<board_page>> pages_;
};

std::string about(std::string_view unit, std::string_view intake = "") {
  return create_body(intake, "", fmt::format(R"(,"complained_unit":"{}")", unit));
}

void done(const net::response& answer) { REQUIRE_MESSAGE(answer.status < 300, answer.body); }

std::string supplemented(std::string_view unit) {
  return fmt::format(R"({{"intake":{{"matter":{{"complained_unit":"{}"}}}},"reason":"更正"}})",
                     unit);
}

TEST_CASE("pushed rows are the reader's own, for every role and unit, as complaints come and go") {
  gateway_fixture f;
  const std::string early = made(f, about("370883"), "370811");
  many_pages pages(f);
  std::string no;
  CHECK(pages.after([&] { f.create_ticket(); }) > 1);
  // Accepted, at the desk of the province; then at the county next door of the one it is about.
  pages.after([&] {
    const auto created = f.post(operator_of_province, "/v1/tickets", about("370883"));
    done(created);
    no = text_at(created, "ticket_no");
  });
  const auto act = [&](const sender& who, std::string_view verb, std::string_view body) {
    return pages.after(
        [&] { done(f.post(who, fmt::format("/v1/tickets/{}:{}", no, verb), body)); });
  };
  CHECK(act(dispatcher_of_province, "dispatch", R"({"unit":"370811"})") > 1);
  act({"ROLE_OFFICER", "370811", "qian"}, "sign", "{}");
  // Who is complained about changes: it goes for one and comes for another, who works on it.
  act(operator_of_province, "supplement", supplemented("370811"));
  act(operator_of_province, "supplement", supplemented("370800"));
  act(operator_of_province, "supplement", supplemented("370883"));
  pages.after([&] { made(f, about("370883", R"(,"sensitivity":"SENSITIVITY_SENSITIVE")"), ""); });
  act(operator_of_province, "withdraw", R"({"evidence":"来电撤诉"})");
  no = early;
  act({"ROLE_OFFICER", "370811", "qian"}, "sign", "{}");
}

TEST_CASE("a complaint that was there before the socket is taken off, also after coming back") {
  gateway_fixture f;
  made(f, about("370883"), "370811");
  const sender at_home_below{"ROLE_LEAD", "370800", "ding", "370883"};
  const auto waiting = [](live_client& client) {
    std::int64_t number = -1;
    client.wait([&](const v1::LiveMessage& m) {
      for (const auto& row : m.rows()) {
        if (row.unit() == "370811") number = row.waiting();
      }
      return number >= 0;
    });
    return number;
  };
  live_client accused(f, at_home_below);
  live_client other(f, {"ROLE_LEAD", "370800", "shi"});
  accused.watch({"board:370800"});
  other.watch({"board:370800"});
  const std::string position = accused.position();
  made(f, std::string(good_create), "370811");
  CHECK(waiting(accused) == 1);
  CHECK(waiting(other) == 2);
  accused.cut();
  live_client again(f, at_home_below);
  again.resume({"board:370800"}, position);
  CHECK(waiting(again) == 1);
}

}  // namespace
}  // namespace hotline::gateway
