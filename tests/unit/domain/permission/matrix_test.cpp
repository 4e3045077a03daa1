// Every role at every unit, on tickets in every relation to them, in every state: permission and
// PERMISSION.md must agree on every cell.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "common/domain/permission.hpp"
#include "oracle.hpp"
#include "rate.hpp"
#include "world.hpp"

namespace hotline::test {
namespace {

using domain::access;
using domain::action;
using domain::field_access;
using domain::field_group;

const oracle& page() {
  static const oracle read(HOTLINE_PERMISSION_TABLE);
  return read;
}

std::string name_of(access a) {
  switch (a) {
    case access::granted: return "granted";
    case access::unknown: return "unknown";
    case access::role: return "role";
    case access::unit: return "unit";
    case access::state: return "state";
  }
  return "?";
}

std::string name_of(field_access a) {
  switch (a) {
    case field_access::hidden: return "hidden";
    case field_access::masked: return "masked";
    case field_access::full: return "full";
  }
  return "?";
}

std::string name_of(domain::sight::extent how) {
  switch (how) {
    case domain::sight::extent::none: return "none";
    case domain::sight::extent::past: return "past";
    case domain::sight::extent::whole: return "whole";
  }
  return "?";
}

struct named_action {
  action what;
  const char* name;
};

constexpr std::array about_tickets{named_action{action::read_ticket, "read_ticket"},
                                   named_action{action::read_history, "read_history"},
                                   named_action{action::list, "list"},
                                   named_action{action::search, "search"},
                                   named_action{action::caller_lookup, "caller_lookup"},
                                   named_action{action::export_tickets, "export_tickets"},
                                   named_action{action::attachment, "attachment"},
                                   named_action{action::stream, "stream"},
                                   named_action{action::webhook, "webhook"}};

constexpr std::array about_others{named_action{action::read_queue, "read_queue"},
                                  named_action{action::claim, "claim"},
                                  named_action{action::read_board, "read_board"},
                                  named_action{action::statistics, "statistics"},
                                  named_action{action::manage_users, "manage_users"},
                                  named_action{action::read_users, "read_users"},
                                  named_action{action::read_audit, "read_audit"},
                                  named_action{action::read_partner, "read_partner"},
                                  named_action{action::settle_partner, "settle_partner"},
                                  named_action{action::mend_partner, "mend_partner"},
                                  named_action{action::read_progress, "read_progress"},
                                  named_action{action::hand_in_file, "hand_in_file"},
                                  named_action{action::read_directory, "read_directory"},
                                  named_action{action::read_duty_phone, "read_duty_phone"},
                                  named_action{action::read_clock, "read_clock"},
                                  named_action{action::set_clock, "set_clock"},
                                  named_action{action::manage_keys, "manage_keys"},
                                  named_action{action::configure, "configure"}};

struct named_group {
  field_group group;
  const char* name;
};

constexpr std::array groups{
    named_group{field_group::caller, "caller"}, named_group{field_group::employer, "employer"},
    named_group{field_group::content, "content"}, named_group{field_group::files, "files"},
    named_group{field_group::internal, "internal"}};

/// Counts cells, and reports the first few that disagree.
class ledger {
 public:
  void compare(const std::string& got, const std::string& wanted, const auto& describe) {
    ++cells_;
    if (got == wanted) return;
    if (++wrong_ <= 10) FAIL_CHECK(describe() << ": is " << got << ", written " << wanted);
  }
  void close(const char* what) const {
    fmt::print("permission matrix, {}: {} cells\n", what, cells_);
    CHECK(wrong_ == 0);
    CHECK(cells_ >= 20'000);
  }

 private:
  long cells_ = 0;
  long wrong_ = 0;
};

std::string words(const v1::Actor& a, const situation& s) {
  return fmt::format("{} {}@{}, {}, state {}, complained '{}'{}{}{}", a.user(),
                     v1::Role_Name(a.role()), a.unit(), s.name, v1::State_Name(s.ticket.state()),
                     s.ticket.intake().matter().complained_unit(),
                     s.ticket.intake().sensitivity() == v1::SENSITIVITY_SENSITIVE ? ", 敏感" : "",
                     s.ticket.intake().caller().confidential() ? ", 保密" : "",
                     s.ticket.intake().caller().consent_to_share() ? ", consent" : "");
}

/// Calls `with` for every combination of parts and flags.
void each_situation(const std::vector<std::string>& complained, const auto& with) {
  for (const auto& part : all_parts()) {
    for (const auto& unit : complained) {
      for (unsigned flags = 0; flags < 8; ++flags) {
        situation s = part;
        set_complained(s.ticket, unit);
        set_sensitive(s.ticket, (flags & 1) != 0);
        set_confidential(s.ticket, (flags & 2) != 0);
        set_consent(s.ticket, (flags & 4) != 0);
        with(s);
      }
    }
  }
}

const std::vector<std::string> accused_units = {"",       "370000", "370800",
                                                "370883", "370202", "p-12345-370800"};

TEST_CASE("the page's tables have every command and every reading") {
  const auto* bodies = v1::Command::descriptor()->FindOneofByName("body");
  CHECK(page().commands() == static_cast<std::size_t>(bodies->field_count()));
  // reveal is among the commands
  CHECK(page().readings() + 1 == static_cast<std::size_t>(domain::actions));
  CHECK(about_tickets.size() + about_others.size() + 1 ==
        static_cast<std::size_t>(domain::actions));
  CHECK(groups.size() == static_cast<std::size_t>(domain::field_groups));
}

TEST_CASE("every command by everybody on every ticket in every state") {
  const auto& org = small_tree();
  const auto* bodies = v1::Command::descriptor()->FindOneofByName("body");
  ledger cells;
  for (const auto& part : all_parts()) {
    for (const std::string complained : {"", "370883"}) {
      for (const bool sensitive : {false, true}) {
        situation s = part;
        set_complained(s.ticket, complained);
        set_sensitive(s.ticket, sensitive);
        for (const auto state : all_states()) {
          s.ticket.set_state(state);
          for (const auto& actor : all_actors()) {
            // Names matter for sensitive tickets only; elsewhere one stands for all.
            if (!sensitive && actor.user() == stranger) continue;
            for (int i = 0; i < bodies->field_count(); ++i) {
              const auto body = static_cast<v1::Command::BodyCase>(bodies->field(i)->number());
              cells.compare(name_of(domain::permit(org, actor, body, &s.ticket)),
                            page().command(actor, bodies->field(i)->name(), &s.ticket),
                            [&] { return bodies->field(i)->name() + " by " + words(actor, s); });
            }
          }
        }
      }
    }
  }
  cells.close("commands");
}

TEST_CASE("a command on no ticket: a create by its roles, everything else unknown") {
  const auto& org = small_tree();
  const auto* bodies = v1::Command::descriptor()->FindOneofByName("body");
  for (const auto& actor : all_actors()) {
    for (int i = 0; i < bodies->field_count(); ++i) {
      const auto body = static_cast<v1::Command::BodyCase>(bodies->field(i)->number());
      CHECK(name_of(domain::permit(org, actor, body, nullptr)) ==
            page().command(actor, bodies->field(i)->name(), nullptr));
    }
  }
}

TEST_CASE("every reading of every ticket by everybody, and every group of fields") {
  const auto& org = small_tree();
  ledger cells;
  each_situation(accused_units, [&](const situation& s) {
    for (const auto& actor : all_actors()) {
      cells.compare(name_of(domain::sight_of(org, actor, s.ticket).how),
                    page().sight(actor, s.ticket), [&] { return "sight of " + words(actor, s); });
      const auto fields = [&](action what, const std::string& name) {
        for (const auto& g : groups) {
          cells.compare(name_of(domain::access_to(org, actor, what, s.ticket, g.group)),
                        page().field(actor, name, s.ticket, g.name),
                        [&] { return name + "/" + g.name + " by " + words(actor, s); });
        }
      };
      for (const auto& a : about_tickets) {
        cells.compare(name_of(domain::permit(org, actor, a.what, &s.ticket)),
                      page().reading(actor, a.name, &s.ticket),
                      [&] { return std::string(a.name) + " by " + words(actor, s); });
        fields(a.what, a.name);
      }
      fields(action::reveal, "reveal");
    }
  });
  cells.close("readings and fields");
}

TEST_CASE("every reading and every group of fields in every state") {
  const auto& org = small_tree();
  ledger cells;
  // Every fifth actor of each situation, other ones of the next: in the other cases all of them are
  // asked about every situation, there in one state.
  constexpr std::size_t stride = 5;
  std::size_t turn = 0;
  each_situation({"", "370883"}, [&](situation s) {
    const bool sensitive = s.ticket.intake().sensitivity() == v1::SENSITIVITY_SENSITIVE;
    if (sensitive && s.ticket.intake().caller().confidential()) return;
    for (const auto state : all_states()) {
      s.ticket.set_state(state);
      for (std::size_t a = turn++ % stride; a < all_actors().size(); a += stride) {
        const auto& actor = all_actors()[a];
        const auto fields = [&](action what, const std::string& name) {
          for (const auto& g : groups) {
            cells.compare(name_of(domain::access_to(org, actor, what, s.ticket, g.group)),
                          page().field(actor, name, s.ticket, g.name),
                          [&] { return name + "/" + g.name + " by " + words(actor, s); });
          }
        };
        for (const auto& one : about_tickets) {
          cells.compare(name_of(domain::permit(org, actor, one.what, &s.ticket)),
                        page().reading(actor, one.name, &s.ticket),
                        [&] { return std::string(one.name) + " by " + words(actor, s); });
          fields(one.what, one.name);
        }
        if (actor.role() != v1::ROLE_SYSTEM) {  // services carry out commands, and read nothing
          cells.compare(name_of(domain::permit(org, actor, action::reveal, &s.ticket)),
                        page().command(actor, "reveal", &s.ticket),
                        [&] { return "reveal by " + words(actor, s); });
        }
        fields(action::reveal, "reveal");
      }
    }
  });
  cells.close("readings and fields in every state");
}

TEST_CASE("everything about units and the hotline by everybody") {
  const auto& org = small_tree();
  for (const auto& actor : all_actors()) {
    for (const auto& a : about_others) {
      INFO(a.name << " by " << v1::Role_Name(actor.role()) << "@" << actor.unit());
      CHECK(name_of(domain::permit(org, actor, a.what, nullptr)) ==
            page().reading(actor, a.name, nullptr));
      for (const auto& unit : all_units()) {
        CHECK(name_of(domain::permit_unit(org, actor, a.what, unit)) ==
              page().at_unit(actor, a.name, unit));
      }
    }
  }
}

TEST_CASE("what must never be, whatever the tables say") {
  const auto& org = small_tree();
  each_situation(accused_units, [&](const situation& s) {
    const auto& about = s.ticket.intake().matter().complained_unit();
    for (const auto& actor : all_actors()) {
      const auto seen = domain::sight_of(org, actor, s.ticket);
      const auto caller_in_full = domain::access_to(org, actor, action::reveal, s.ticket,
                                                    "caller.phone") == field_access::full;
      for (const auto& a : about_tickets) {
        const auto caller = domain::access_to(org, actor, a.what, s.ticket, field_group::caller);
        INFO(a.name << " by " << words(actor, s));
        // Without sight nothing at all is shown.
        if (seen.how == domain::sight::extent::none) REQUIRE(caller == field_access::hidden);
        // No reading shows a caller in full, but what a partner may be told with consent.
        if (a.what != action::webhook) REQUIRE(caller != field_access::full);
        if (about.empty() || about == "370000" || actor.role() == v1::ROLE_SYSTEM) continue;
        const bool partner = actor.unit().starts_with("p-");
        const bool accused =
            actor.unit() == about || (!partner && org.is_in_subtree(actor.unit(), about));
        if (accused) REQUIRE(caller == field_access::hidden);
        if (accused) REQUIRE_FALSE(caller_in_full);
      }
      const bool administers = actor.role() == v1::ROLE_ADMINISTRATOR ||
                               actor.role() == v1::ROLE_SECURITY_ADMINISTRATOR ||
                               actor.role() == v1::ROLE_UNSPECIFIED;
      if (administers) REQUIRE(seen.how == domain::sight::extent::none);
      if (actor.role() == v1::ROLE_AUDITOR) REQUIRE_FALSE(caller_in_full);
    }
  });
}

TEST_CASE("whoever belongs to the accused anywhere is accused under every post") {
  const auto& org = small_tree();
  ledger cells;
  for (const auto& part : all_parts()) {
    for (const std::string home : {"370883", "370883-s01", "p-12345-370800", "370202"}) {
      for (const std::string about : {"370800", "370883", "p-12345-370800"}) {
        situation s = part;
        set_complained(s.ticket, about);
        for (v1::Actor actor : all_actors()) {
          actor.add_other_units("370200");
          actor.add_other_units(home);
          cells.compare(name_of(domain::sight_of(org, actor, s.ticket).how),
                        page().sight(actor, s.ticket),
                        [&] { return "sight from " + home + " of " + words(actor, s); });
          for (const auto& g : groups) {
            cells.compare(
                name_of(domain::access_to(org, actor, action::read_ticket, s.ticket, g.group)),
                page().field(actor, "read_ticket", s.ticket, g.name),
                [&] { return std::string(g.name) + " from " + home + " by " + words(actor, s); });
          }
        }
      }
    }
  }
  cells.close("people of several units");
}

TEST_CASE("what a past reaches to is the instant the part ended") {
  const auto& org = small_tree();
  v1::Actor officer;
  officer.set_user("sun");
  officer.set_unit("370881");
  officer.set_role(v1::ROLE_OFFICER);
  for (const auto& s : all_parts()) {
    if (s.name != "handled") continue;
    const auto seen = domain::sight_of(org, officer, s.ticket);
    REQUIRE(seen.how == domain::sight::extent::past);
    CHECK(seen.until_at == lost_at);
    CHECK(domain::sees_instant(seen, lost_at));
    CHECK_FALSE(domain::sees_instant(seen, lost_at + 1));
    CHECK_FALSE(domain::sees_instant({}, 0));
  }
}

TEST_CASE("permission is fast") {
  const auto rate = measure_permission(20);
  fmt::print("permission: {:.1f} million commands, {:.1f} million readings a second\n",
             rate.commands / 1e6, rate.readings / 1e6);
  CHECK(rate.commands > 100'000);
  CHECK(rate.readings > 100'000);
}

}  // namespace
}  // namespace hotline::test
