#include "story.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "common/domain/apply.hpp"
#include "common/domain/civil.hpp"
#include "common/domain/derive.hpp"
#include "common/domain/limit.hpp"
#include "common/domain/rejections.hpp"
#include "common/runtime/config_loader.hpp"

namespace hotline::test {
namespace {

namespace pb = google::protobuf;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Cuts the first word off.
std::string_view next_word(std::string_view& text) {
  text = trim(text);
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text = trim(text.substr(end));
  return word;
}

std::string dump(const pb::Message& message) {
  std::string text;
  pb::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  printer.PrintToString(message, &text);
  return text;
}

}  // namespace

const domain::province& shipped_province() {
  static const domain::province land = [] {
    auto config = runtime::load_config(HOTLINE_CONFIG_DIR);
    if (!config) throw std::runtime_error(config.error().detail);
    for (v1::Partner& one : *config->mutable_partners()) one.clear_inactive();
    auto built = domain::build_province(*config);
    if (!built) throw std::runtime_error(built.error().detail);
    return std::move(*built);
  }();
  return land;
}

std::vector<std::string> broken_promises(const v1::Ticket& ticket) {
  std::vector<std::string> broken;
  const auto entries = domain::derive(ticket);
  const auto count = [&](std::string_view prefix) {
    return std::ranges::count_if(entries, [&](const auto& e) { return e.key.starts_with(prefix); });
  };
  const bool open = domain::is_open(ticket.state());
  const auto unit = domain::accountable_unit(ticket);
  if (open && unit.empty()) broken.push_back("an open ticket has no accountable unit");
  if (!open && !unit.empty()) broken.push_back("an ended ticket has an accountable unit");
  if (count("queue:") != (open ? 1 : 0)) broken.push_back("not exactly one place in a queue");
  const bool final_state = ticket.state() == v1::STATE_ARCHIVED ||
                           (ticket.state() == v1::STATE_MERGED && ticket.closed_at() == 0);
  if (count("timers") != (final_state ? 0 : 1)) broken.push_back("not exactly one next timer");
  if (!std::ranges::is_sorted(entries, {}, &domain::index_entry::key)) {
    broken.push_back("derived entries are not sorted");
  }
  for (const auto& c : ticket.clocks()) {
    const bool running = c.state() == v1::CLOCK_STATE_RUNNING;
    if (running && c.milestones().empty()) broken.push_back("a running clock has no milestone");
    if (running && c.due_at() == 0) broken.push_back("a running clock has no due instant");
    if (running && c.unit().empty()) broken.push_back("a running clock is nobody's");
    if (!std::ranges::is_sorted(c.milestones(), {}, &v1::Milestone::at)) {
      broken.push_back("milestones are out of order");
    }
  }
  const auto mains = std::ranges::count_if(ticket.assignments(), [](const v1::Assignment& a) {
    return a.role() == v1::ASSIGNMENT_ROLE_MAIN && domain::is_open(a) &&
           a.state() != v1::ASSIGNMENT_STATE_HANDED_DOWN;
  });
  if (mains > 1) broken.push_back("two units handle at once");
  const bool handled = ticket.state() == v1::STATE_DISPATCHED ||
                       ticket.state() == v1::STATE_HANDLING || ticket.state() == v1::STATE_REWORK ||
                       ticket.state() == v1::STATE_SUSPENDED || ticket.state() == v1::STATE_REPLIED;
  if (handled && mains != 1) broken.push_back("no unit handles");
  return broken;
}

story& story::play(std::string_view lines) {
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    const auto line = trim(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (!line.empty() && !line.starts_with("//")) step(line);
  }
  return *this;
}

v1::Command story::read_command(std::string_view words) const {
  v1::Command command;
  auto rest = words;
  const auto who = next_word(rest);
  const auto at = who.find('@');
  const auto role = std::string(who.substr(0, at));
  v1::Role parsed = v1::ROLE_UNSPECIFIED;
  REQUIRE_MESSAGE(v1::Role_Parse("ROLE_" + role, &parsed), "no such role: ", role);
  command.mutable_actor()->set_role(parsed);
  command.mutable_actor()->set_user(parsed == v1::ROLE_SYSTEM ? "system" : "u-" + role);
  if (at != std::string_view::npos) {
    command.mutable_actor()->set_unit(std::string(who.substr(at + 1)));
  }
  const auto verb = std::string(next_word(rest));
  const auto text = verb + " { " + std::string(rest) + " }";
  REQUIRE_MESSAGE(pb::TextFormat::MergeFromString(text, &command), "cannot read: ", text);
  command.set_ticket_no(exists_ ? ticket_.no() : "3708-20261123-00001");
  return command;
}

void story::step(std::string_view line) {
  const auto arrow = line.rfind("->");
  REQUIRE_MESSAGE(arrow != std::string_view::npos, "no expectation in: ", std::string(line));
  auto words = trim(line.substr(0, arrow));
  const auto expected = std::string(trim(line.substr(arrow + 2)));

  if (words.starts_with('+')) {
    const auto after = next_word(words).substr(1);
    if (after != "0") {
      const auto l = domain::parse_limit(after);
      REQUIRE_MESSAGE(l.has_value(), "bad time in: ", std::string(line));
      const auto unit = l->unit == domain::limit_unit::minutes ? 60'000LL
                        : l->unit == domain::limit_unit::hours ? 3'600'000LL
                                                               : 86'400'000LL;
      now_ += milliseconds(l->amount * unit);
    }
  } else {
    const auto date = next_word(words);
    const auto time = next_word(words);
    const auto t = domain::parse_civil_minute(std::string(date) + " " + std::string(time));
    REQUIRE_MESSAGE(t.has_value(), "bad time in: ", std::string(line));
    now_ = *t;
  }

  const auto command = read_command(words);
  const auto made = domain::decide(exists_ ? &ticket_ : nullptr, command, land_, now_);
  last_.clear();
  rejection_.Clear();
  if (!made) {
    rejection_ = made.error();
    REQUIRE_MESSAGE(expected == "!" + domain::reject_name(rejection_.code()),
                    "in: ", std::string(line), "\n", dump(rejection_));
    CHECK_FALSE(rejection_.rule().empty());
    return;
  }
  if (expected == "=") {
    REQUIRE_MESSAGE(made->events.empty(), "something happened in: ", std::string(line));
    return;
  }
  check_accepted(*made, line);
  REQUIRE_MESSAGE("STATE_" + expected == v1::State_Name(made->ticket.state()),
                  "in: ", std::string(line), "\nstate is ", v1::State_Name(made->ticket.state()));
  ticket_ = made->ticket;
  exists_ = true;
}

void story::check_accepted(const domain::decision& made, std::string_view line) {
  REQUIRE_MESSAGE(!made.events.empty(), "nothing happened in: ", std::string(line));
  v1::Ticket folded = exists_ ? ticket_ : v1::Ticket();
  for (const auto& e : made.events) {
    REQUIRE(e.version() == folded.version() + 1);
    REQUIRE(e.ticket_no() == made.ticket.no());
    REQUIRE(e.kind() != v1::EVENT_KIND_UNSPECIFIED);
    domain::apply(folded, e);
    history_.push_back(e);
    last_.push_back(e);
  }
  REQUIRE_MESSAGE(pb::util::MessageDifferencer::Equals(folded, made.ticket),
                  "the fold of the events is not the ticket in: ", std::string(line));
  for (const auto& promise : broken_promises(made.ticket)) {
    FAIL_CHECK(promise, " after: ", std::string(line), "\n", dump(made.ticket));
  }
}

story& story::accepted(std::string_view more_intake) {
  return play(
      fmt::format("2026-11-23 09:00 OPERATOR@370000 create intake {{ source: SOURCE_PHONE "
                  "caller {{ name: '赵师傅' phone: '13805310001' migrant_worker: true "
                  "consent_to_share: true }} "
                  "employer {{ name: '济宁某置业公司' }} "
                  "matter {{ kind: KIND_COMPLAINT category: 'wages.arrears' region: '370883' "
                  "content: '工地瓦工，公司拖欠工资' }} {} }} -> ACCEPTED",
                  more_intake));
}

story& story::dispatched() {
  return play("+5min DISPATCHER@370000 dispatch unit: '370883' advice: '请核实' -> DISPATCHED");
}

story& story::handling() { return play("+30min OFFICER@370883 sign -> HANDLING"); }

story& story::replied() {
  return play(R"(
    +1h OFFICER@370883 record_contact contacted_at: 1795399200000 reached: true result: '已联系' -> HANDLING
    +1d OFFICER@370883 reply reply { result: RESULT_SOLVED text: '工资已付' amount_paid_fen: 300000 people_helped: 1 } -> REPLIED)");
}

const v1::Clock& story::clock(v1::ClockKind kind) const {
  const v1::Clock* found = nullptr;
  for (const auto& c : ticket_.clocks()) {
    if (c.kind() != kind) continue;
    const auto rank = [](const v1::Clock& k) {
      const bool ended =
          k.state() != v1::CLOCK_STATE_RUNNING && k.state() != v1::CLOCK_STATE_PAUSED;
      return std::pair(!ended, k.started_at());
    };
    if (!found || rank(c) >= rank(*found)) found = &c;
  }
  REQUIRE_MESSAGE(found != nullptr, "no clock ", v1::ClockKind_Name(kind));
  return *found;
}

std::string story::due(v1::ClockKind kind) const {
  return domain::format_civil_minute(from_unix_ms(clock(kind).due_at()));
}

}  // namespace hotline::test
