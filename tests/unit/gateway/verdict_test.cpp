// Every ticket verb and reading, by every role at every relation to the ticket, over HTTP: the
// answer is the verdict of PERMISSION.md, read by the oracle.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <map>
#include <string>
#include <vector>

#include "common/domain/move_table.hpp"
#include "services/gateway/verbs.hpp"
#include "tests/unit/domain/permission/oracle.hpp"
#include "tests/unit/domain/permission/world.hpp"
#include "tests/unit/gateway/cast.hpp"
#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {
namespace {

const test::oracle& page() {
  static const test::oracle read(HOTLINE_PERMISSION_TABLE);
  return read;
}

/// Every role a user can hold, at units in every relation to a ticket of 370883.
std::vector<sender> everybody() {
  std::vector<sender> all;
  for (const auto role : test::all_roles()) {
    if (role == v1::ROLE_UNSPECIFIED || role == v1::ROLE_SYSTEM) continue;
    if (role == v1::ROLE_PARTNER) {
      all.push_back({v1::Role_Name(role), "p-12345-370800", "api"});
      all.push_back({v1::Role_Name(role), "p-12348", "api"});
      continue;
    }
    for (const char* unit : {"370000", "370800", "370883", "370881", "370200"}) {
      all.push_back({v1::Role_Name(role), unit, "xu"});
    }
  }
  return all;
}

v1::Actor actor_of(const sender& who) {
  v1::Actor actor;
  v1::Role role{};
  REQUIRE(v1::Role_Parse(who.role, &role));
  actor.set_user(who.user);
  actor.set_unit(who.unit);
  actor.set_role(role);
  return actor;
}

v1::Ticket stored(gateway_fixture& f, const std::string& no) {
  const auto loaded = f.redis.run(f.tickets().load(no));
  REQUIRE(loaded.has_value());
  REQUIRE(loaded->has_value());
  return **loaded;
}

/// What the answer to a command says of permission; "granted" is also refused by its words.
std::string verdict_of(const net::response& answer, v1::Command::BodyCase command) {
  if (answer.status < 400) return "granted";
  static const std::map<std::string, std::string> verdicts = {{"ticket_unknown", "unknown"},
                                                              {"role_not_allowed", "role"},
                                                              {"unit_not_allowed", "unit"},
                                                              {"state_not_allowed", "state"}};
  const auto found = verdicts.find(text_at(answer, "code"));
  const auto rule = text_at(answer, "rule");
  // The words of a command may be refused with the same codes, under rules of their own.
  const bool of_words = rule != "standing" && rule != domain::rule_of(command)->name;
  if (found == verdicts.end() || of_words) return "granted";
  return found->second;
}

std::string verdict_of(const net::response& answer) {
  switch (answer.status) {
    case 200: return "granted";
    case 404: return "unknown";
    case 403: return text_at(answer, "rule").ends_with("role") ? "role" : "unit";
    default: return std::to_string(answer.status);
  }
}

/// A ticket that 370883 handles, signed by somebody.
std::string handled(gateway_fixture& f) {
  const std::string no = f.dispatch_ticket();
  REQUIRE(f.post(officer_of_zoucheng, "/v1/tickets/" + no + ":sign").status == 200);
  return no;
}

TEST_CASE("every verb by everybody is judged over HTTP as the page says") {
  gateway_fixture f;
  std::string no = handled(f);
  int cells = 0;
  std::map<std::string, int> kinds;
  for (const auto& who : everybody()) {
    const auto actor = actor_of(who);
    for (const auto& verb : ticket_verbs()) {
      auto ticket = stored(f, no);
      if (ticket.state() != v1::STATE_HANDLING) {
        no = handled(f);
        ticket = stored(f, no);
      }
      const std::string command(verb.field);
      // What a channel may do it does under /v1/intake; here it finds nothing.
      const bool channel = actor.role() == v1::ROLE_CHANNEL;
      const auto wanted = channel ? "role" : page().command(actor, command, &ticket);
      const auto answer = f.post(who, "/v1/tickets/" + no + ":" + std::string(verb.verb), "{}");
      INFO(who.role << "@" << who.unit << " " << command << ": " << answer.body);
      const auto body = static_cast<v1::Command::BodyCase>(body_field(verb).number());
      CHECK((channel ? verdict_of(answer) : verdict_of(answer, body)) == wanted);
      ++cells;
      ++kinds[wanted];
    }
  }
  fmt::print("verdicts over HTTP: {} commands\n", cells);
  CHECK(kinds.size() == 5);
  CHECK(cells > 1'000);
}

TEST_CASE("every reading by everybody is judged over HTTP as the page says") {
  gateway_fixture f;
  const std::string no = handled(f);
  const auto ticket = stored(f, no);
  struct path {
    const char* action;
    std::string target;
    const char* unit = nullptr;  ///< the unit it is about; nullptr: the ticket, or the hotline
    bool of_ticket = false;
  };
  const std::vector<path> paths = {
      {"read_ticket", "/v1/tickets/" + no, nullptr, true},
      {"read_history", "/v1/tickets/" + no + "/history", nullptr, true},
      {"list", "/v1/tickets"},
      {"list", "/v1/tickets?unit=370883", "370883"},
      {"caller_lookup", "/v1/callers/13805310001"},
      {"read_queue", "/v1/queues/370883", "370883"},
      {"read_board", "/v1/board?unit=370883", "370883"},
      {"read_directory", "/v1/units"},
      {"read_clock", "/v1/clock"},
      {"read_audit", "/v1/audit"},
  };
  for (const auto& who : everybody()) {
    const auto actor = actor_of(who);
    for (const auto& one : paths) {
      auto wanted = one.unit != nullptr
                        ? page().at_unit(actor, one.action, one.unit)
                        : page().reading(actor, one.action, one.of_ticket ? &ticket : nullptr);
      // A channel is not told which tickets there are: it is sent away before anything is looked
      // at.
      if (actor.role() == v1::ROLE_CHANNEL) wanted = "role";
      const auto answer = f.get(who, one.target);
      INFO(who.role << "@" << who.unit << " " << one.target << ": " << answer.status);
      CHECK(verdict_of(answer) == wanted);
      // A list is granted and yet holds nothing of a ticket that is out of sight.
      const bool seen = page().reading(actor, "list", &ticket) == "granted";
      if (wanted == "granted" && std::string_view(one.action) == "list") {
        CHECK((answer.body.find(no) != std::string::npos) == seen);
      }
    }
  }
}

}  // namespace
}  // namespace hotline::gateway
