#include "services/hotline/demo/demo_story.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>

#include "common/domain/civil.hpp"
#include "common/domain/derive.hpp"
#include "services/hotline/story_text.hpp"
#include "services/hotline/words.hpp"

namespace hotline::program {

using boost::asio::awaitable;

namespace {

using namespace std::chrono_literals;

// A Monday; the weeks behind it have no holiday.
constexpr std::chrono::year_month_day first_day{std::chrono::year(2026) / 11 / 23};
constexpr std::array hours = {9h + 0min, 11h + 0min, 14h + 0min, 17h + 30min};
constexpr int days = 18;

demo_person officer(const std::string& unit) { return {unit, "ROLE_OFFICER"}; }
demo_person lead(const std::string& unit) { return {unit, "ROLE_LEAD"}; }
demo_person supervisor(const std::string& unit) { return {unit, "ROLE_SUPERVISOR"}; }
/// The province's supervisor takes handlings over, and nobody reviews their own.
demo_person reviewer(const std::string& unit) {
  return unit == "370000" ? demo_person{unit, "ROLE_DISPATCHER"} : supervisor(unit);
}
demo_person operator_of_province() { return {"370000", "ROLE_OPERATOR"}; }

template <class T>
result<void> done(const result<T>& r) {
  if (!r) return pass(r);
  return {};
}

}  // namespace

demo_story::demo_story(demo_client& api, const domain::province& land, std::vector<demo_case> cases)
    : api_(api), land_(land) {
  constexpr std::array manners = {manner::idle, manner::diligent, manner::absent, manner::slow};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    auto& t = threads_.emplace_back();
    t.told = std::move(cases[i]);
    t.how = manners[i % manners.size()];
  }
}

awaitable<result<void>> demo_story::play() {
  now_ = domain::civil_instant(first_day, 9h);
  if (auto ok = co_await open_tickets(); !ok) co_return ok;
  for (int day = 0; day < days; ++day) {
    const auto date = std::chrono::sys_days(first_day) + std::chrono::days(day);
    for (const auto hour : hours) {
      const auto at = domain::civil_instant(std::chrono::year_month_day(date), hour);
      if (at < now_) continue;
      if (auto ok = co_await advance(at); !ok) co_return ok;
    }
  }
  print_sum();
  const auto morning = std::chrono::sys_days(first_day) + std::chrono::days(days);
  co_return co_await api_.set_clock(
      domain::civil_instant(std::chrono::year_month_day(morning), hours.front()), 1);
}

awaitable<result<void>> demo_story::open_tickets() {
  if (auto ok = co_await api_.set_clock(now_); !ok) co_return ok;
  for (auto& t : threads_) {
    auto no = co_await api_.create(operator_of_province(), t.told.order);
    if (!no) co_return pass(no);
    t.no = *no;
  }
  co_return result<void>{};
}

/// Goes to `now` by way of every timer in between, so that nothing fires late for the jump.
awaitable<result<void>> demo_story::advance(instant now) {
  for (;;) {
    instant next = now;
    for (const auto& t : threads_) {
      if (t.view.next_timer_at() != 0) next = std::min(next, from_unix_ms(t.view.next_timer_at()));
    }
    now_ = std::max(now_, next);
    if (auto ok = co_await api_.set_clock(now_); !ok) co_return ok;
    if (auto ok = co_await settle(); !ok) co_return ok;
    for (auto& t : threads_) {
      if (auto ok = co_await tell(t); !ok) co_return ok;
    }
    if (now_ >= now) break;
  }
  for (auto& t : threads_) {
    if (auto ok = co_await act(t); !ok) co_return ok;
    if (auto ok = co_await tell(t); !ok) co_return ok;
  }
  co_return result<void>{};
}

/// Waits until the services have done what is due: no timer lies behind the clock, no breach waits
/// to be escalated, nothing accepted waits for the dispatch service.
awaitable<result<void>> demo_story::settle() {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  int quiet = 0;
  for (int round = 0; round < 500 && quiet < 2; ++round) {
    bool still = true;
    for (auto& t : threads_) {
      auto changed = co_await refresh(t);
      if (!changed) co_return pass(changed);
      const auto next = t.view.next_timer_at();
      still = still && !*changed && (next == 0 || next > to_unix_ms(now_));
    }
    quiet = still ? quiet + 1 : 0;
    timer.expires_after(15ms);
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
  if (quiet < 2) co_return fail(errc::timeout, "the services did not settle; is one of them down?");
  co_return result<void>{};
}

awaitable<result<bool>> demo_story::refresh(thread& t) {
  auto view = co_await api_.ticket(t.no);
  if (!view) co_return pass(view);
  const bool changed = view->ticket().version() != t.view.ticket().version();
  t.view = std::move(*view);
  co_return changed;
}

awaitable<result<void>> demo_story::tell(thread& t) {
  if (auto ok = co_await refresh(t); !ok) co_return pass(ok);
  if (t.view.ticket().version() == t.printed) co_return result<void>{};
  const auto page = co_await api_.history(t.no);
  if (!page) co_return pass(page);
  for (const auto& event : page->events()) {
    if (event.version() <= t.printed) continue;
    fmt::print("{}\n", story_line(event, t.view.ticket(), land_.org));
    t.printed = event.version();
  }
  std::fflush(stdout);
  co_return result<void>{};
}

awaitable<result<void>> demo_story::act(thread& t) {
  switch (t.view.ticket().state()) {
    case v1::STATE_ACCEPTED: co_return co_await act_at_desk(t);
    case v1::STATE_DISPATCHED:
    case v1::STATE_HANDLING:
    case v1::STATE_REWORK: co_return co_await act_as_handler(t);
    case v1::STATE_REPLIED: {
      v1::Review review;
      review.set_pass(true);
      co_return done(
          co_await api_.act(reviewer(t.view.accountable_unit()), t.no, "review", review));
    }
    case v1::STATE_REVIEWED: {
      v1::RecordVisit visit;
      visit.mutable_visit()->set_reached(true);
      visit.mutable_visit()->set_contacted_by_unit(true);
      visit.mutable_visit()->set_solved(v1::SOLVED_YES);
      visit.mutable_visit()->set_satisfaction(v1::SATISFACTION_GOOD);
      co_return done(co_await api_.act(operator_of_province(), t.no, "record-visit", visit));
    }
    default: co_return result<void>{};
  }
}

/// What the rules were not sure of waits at the desk: here, cases from outside the province.
awaitable<result<void>> demo_story::act_at_desk(thread& t) {
  v1::AnswerDirectly answer;
  answer.set_answer("事发地不在本省，已告知职工当地工会12351热线及法律援助渠道。");
  if (auto ok = co_await api_.act(operator_of_province(), t.no, "answer-directly", answer); !ok) {
    co_return pass(ok);
  }
  v1::CheckAnswer check;
  check.set_pass(true);
  co_return done(co_await api_.act(supervisor("370000"), t.no, "check-answer", check));
}

awaitable<result<void>> demo_story::act_as_handler(thread& t) {
  const auto* mine = domain::current_assignment(t.view.ticket());
  if (!mine) co_return result<void>{};
  const std::string unit = mine->unit();
  const bool waits = mine->state() == v1::ASSIGNMENT_STATE_WAITING;
  const auto since = now_ - from_unix_ms(mine->dispatched_at());
  if (unit == "370000") co_return co_await file_reply(t, unit);
  if (t.view.ticket().escalated_to() == "370000" &&
      t.view.ticket().assignments(0).light() == v1::LIGHT_DOUBLE_RED) {
    v1::TakeOver order;
    order.set_reason("逾期五个工作日仍未办结，省总工会上代下办理");
    co_return done(co_await api_.act(supervisor("370000"), t.no, "take-over", order));
  }
  if (waits) {
    if (t.how == manner::absent || since < 1h) co_return result<void>{};
    co_return done(co_await api_.act(officer(unit), t.no, "sign", v1::Sign()));
  }
  if (t.how == manner::idle || t.how == manner::absent) co_return result<void>{};
  if (t.how == manner::slow && !t.extended) {
    t.extended = true;
    v1::RequestExtension ask;
    ask.set_days(3);
    ask.set_reason("需与用人单位进一步协商");
    ask.set_caller_told(true);
    if (auto ok = co_await api_.act(lead(unit), t.no, "request-extension", ask); !ok) {
      // 特急 and 紧急 are not or hardly extended; then it is simply handled.
      co_return result<void>{};
    }
    v1::DecideExtension grant;
    grant.set_grant(true);
    const auto above = std::string(land_.org.superior_of(unit));
    co_return done(co_await api_.act(supervisor(above), t.no, "decide-extension", grant));
  }
  if (since < (t.how == manner::slow ? 96h : 24h)) co_return result<void>{};
  co_return co_await file_reply(t, unit);
}

awaitable<result<void>> demo_story::file_reply(thread& t, const std::string& unit) {
  if (domain::current_assignment(t.view.ticket())->contacted_at() == 0) {
    v1::RecordContact contact;
    contact.set_number(t.told.order.intake().caller().phone());
    contact.set_contacted_at(to_unix_ms(now_));
    contact.set_reached(true);
    contact.set_result("已与职工核实情况");
    if (auto ok = co_await api_.act(officer(unit), t.no, "record-contact", contact); !ok) {
      co_return pass(ok);
    }
  }
  for (const auto& a : t.view.ticket().assignments()) {
    if (a.role() != v1::ASSIGNMENT_ROLE_CO || !domain::is_open(a)) continue;
    v1::GiveOpinion opinion;
    opinion.set_opinion("配合主办单位核实，无异议");
    if (auto ok = co_await api_.act(officer(a.unit()), t.no, "give-opinion", opinion); !ok) {
      co_return pass(ok);
    }
  }
  v1::SubmitReply reply;
  auto& r = *reply.mutable_reply();
  r.set_result(v1::RESULT_SOLVED);
  r.set_text(t.told.outcome);
  r.set_amount_claimed_fen(
      std::max(t.told.paid_fen, t.told.order.intake().matter().amount_claimed_fen()));
  r.set_amount_paid_fen(t.told.paid_fen);
  r.set_people_helped(t.told.people);
  co_return done(co_await api_.act(lead(unit), t.no, "reply", reply));
}

void demo_story::print_sum() const {
  fmt::print("\n{:<22}{}\n", "工单", "结果");
  for (const auto& t : threads_) {
    const auto& ticket = t.view.ticket();
    fmt::print("{:<22}{} · {}{}{}\n", t.no, word(ticket.state()), ticket.intake().title(),
               ticket.overdue() ? " · 曾超期" : "",
               ticket.supervisions().empty() ? "" : " · 曾督办");
  }
}

}  // namespace hotline::program
