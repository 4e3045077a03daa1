#include "oracle.hpp"

#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace hotline::test {
namespace {

// The tree, written down once more.
const std::map<std::string, std::string> parents = {
    {"370000", ""},           {"370800", "370000"}, {"370883", "370800"},
    {"370883-s01", "370883"}, {"370881", "370800"}, {"p-12345-370800", "370800"},
    {"370200", "370000"},     {"370202", "370200"}, {"p-12348", "370000"}};
const std::set<std::string> desks = {"370000", "370800", "370200"};

const std::map<int, char> role_letters = {
    {v1::ROLE_OPERATOR, 'O'},      {v1::ROLE_DISPATCHER, 'D'},
    {v1::ROLE_OFFICER, 'F'},       {v1::ROLE_LEAD, 'L'},
    {v1::ROLE_SUPERVISOR, 'S'},    {v1::ROLE_PARTNER, 'P'},
    {v1::ROLE_ADMINISTRATOR, 'A'}, {v1::ROLE_SECURITY_ADMINISTRATOR, 'G'},
    {v1::ROLE_AUDITOR, 'U'},       {v1::ROLE_CHANNEL, 'C'},
    {v1::ROLE_SYSTEM, 'Y'}};

const std::map<int, char> state_letters = {
    {v1::STATE_DRAFT, 'D'},      {v1::STATE_ACCEPTED, 'A'}, {v1::STATE_ANSWERED, 'W'},
    {v1::STATE_DISPATCHED, 'Q'}, {v1::STATE_HANDLING, 'H'}, {v1::STATE_SUSPENDED, 'S'},
    {v1::STATE_REPLIED, 'R'},    {v1::STATE_REVIEWED, 'V'}, {v1::STATE_REWORK, 'X'},
    {v1::STATE_CLOSED, 'C'},     {v1::STATE_ARCHIVED, 'Z'}, {v1::STATE_REJECTED, 'J'},
    {v1::STATE_WITHDRAWN, 'I'},  {v1::STATE_MERGED, 'M'},   {v1::STATE_TERMINATED, 'T'},
    {v1::STATE_TRANSFERRED, 'O'}};

char letter(v1::Role role) {
  const auto found = role_letters.find(role);
  return found == role_letters.end() ? '-' : found->second;
}

bool among(char c, const std::string& letters) { return letters.find(c) != std::string::npos; }

/// `unit` is `other` or stands above it.
bool at_or_above(const std::string& unit, std::string other) {
  while (parents.contains(other)) {
    if (other == unit) return true;
    other = parents.at(other);
  }
  return false;
}

std::string desk_of(std::string unit) {
  while (!desks.contains(unit)) unit = parents.at(unit);
  return unit;
}

bool is_person(const v1::Actor& a) { return among(letter(a.role()), "ODFLS"); }

bool is_somebody(const v1::Actor& a) { return !a.user().empty() && parents.contains(a.unit()); }

bool lost(const v1::Assignment& a) {
  return a.state() == v1::ASSIGNMENT_STATE_RETURNED || a.state() == v1::ASSIGNMENT_STATE_MOVED;
}

bool open(const v1::Assignment& a) {
  return a.state() == v1::ASSIGNMENT_STATE_WAITING || a.state() == v1::ASSIGNMENT_STATE_HANDLING ||
         a.state() == v1::ASSIGNMENT_STATE_HANDED_DOWN || a.state() == v1::ASSIGNMENT_STATE_REPLIED;
}

const v1::Assignment* handler(const v1::Ticket& t) {
  const v1::Assignment* last = nullptr;
  for (const auto& a : t.assignments()) {
    const bool main = a.role() == v1::ASSIGNMENT_ROLE_MAIN;
    if (main && open(a) && a.state() != v1::ASSIGNMENT_STATE_HANDED_DOWN) last = &a;
  }
  return last;
}

bool complained_about(const v1::Actor& a, const v1::Ticket& t) {
  const auto& about = t.intake().matter().complained_unit();
  if (about.empty() || letter(a.role()) == 'Y') return false;
  std::vector<std::string> units(a.other_units().begin(), a.other_units().end());
  units.push_back(a.unit());
  bool meant = false;
  for (const auto& unit : units) {
    const bool partner = unit.starts_with("p-");
    if (unit == about || (!partner && at_or_above(about, unit))) meant = true;
  }
  if (!meant) return false;
  if (about == "370000" && among(letter(a.role()), "OD") && a.unit() == t.desk()) return false;
  return true;
}

bool took(const v1::Actor& a, const v1::Ticket& t) {
  return is_person(a) && a.user() == t.created_by() && desk_of(a.unit()) == t.desk();
}

bool sensitive(const v1::Ticket& t) {
  return t.intake().sensitivity() == v1::SENSITIVITY_SENSITIVE;
}

bool fits_sensitive(const v1::Actor& a, const v1::Ticket& t) {
  if (among(letter(a.role()), "DSU")) return true;
  if (!among(letter(a.role()), "FL")) return false;
  for (const auto& part : t.assignments()) {
    if (part.unit() != a.unit() || lost(part)) continue;
    if (letter(a.role()) == 'L') return true;
    if (part.officer().empty() || part.officer() == a.user()) return true;
  }
  return false;
}

std::string partner_sight(const v1::Actor& a, const v1::Ticket& t) {
  if (sensitive(t)) return "none";
  const bool accused = complained_about(a, t);
  bool past = false;
  bool whole = t.intake().external_partner() == a.unit();
  for (const auto& x : t.transfers()) {
    if (x.partner() == a.unit()) (x.answered_at() == 0 ? whole : past) = true;
  }
  for (const auto& x : t.assignments()) {
    if (x.unit() != a.unit()) continue;
    if (accused ? open(x) : !lost(x)) whole = true;
    if (lost(x)) past = true;
  }
  if (whole) return "whole";
  return past && !accused ? "past" : "none";
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  std::string cell;
  std::getline(in, cell, '|');
  while (std::getline(in, cell, '|')) {
    std::string plain;
    for (const char c : cell) {
      if (c != ' ') plain += c;
    }
    cells.push_back(plain);
  }
  return cells;
}

}  // namespace

oracle::oracle(const std::string& page) {
  std::ifstream in(page);
  std::string heading;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with('|') || line.starts_with("|-")) continue;
    const auto cells = cells_of(line);
    if (cells.size() != 4) throw std::runtime_error("a table of another shape: " + line);
    if (cells[1] == "roles") {
      heading = cells[0];
    } else if (heading == "command") {
      commands_[cells[0]] = {cells[1], cells[2], cells[3]};
    } else if (heading == "action") {
      readings_[cells[0]] = {cells[1], cells[2], cells[3]};
    }
  }
  if (commands_.empty() || readings_.empty()) throw std::runtime_error("no tables in " + page);
}

std::string oracle::sight(const v1::Actor& a, const v1::Ticket& t) const {
  if (letter(a.role()) == 'Y') return "whole";
  if (!is_somebody(a)) return "none";
  if (letter(a.role()) == 'P') return partner_sight(a, t);
  if (!is_person(a) && letter(a.role()) != 'U') return "none";
  const bool accused = complained_about(a, t);
  if (!accused && took(a, t)) return "whole";
  if (sensitive(t) && !fits_sensitive(a, t)) return "none";
  std::vector<std::string> present = {t.desk(), t.escalated_to()};
  std::vector<std::string> former;
  for (const auto& part : t.assignments()) {
    if (accused ? open(part) : !lost(part)) present.push_back(part.unit());
    if (lost(part)) former.push_back(part.unit());
  }
  for (const auto& c : t.clocks()) {
    if (c.state() == v1::CLOCK_STATE_RUNNING || c.state() == v1::CLOCK_STATE_PAUSED) {
      present.push_back(c.unit());
    }
  }
  for (const auto& unit : present) {
    if (unit == a.unit() || (!accused && at_or_above(a.unit(), unit))) return "whole";
  }
  for (const auto& unit : former) {
    if (!accused && at_or_above(a.unit(), unit)) return "past";
  }
  return "none";
}

std::string oracle::command(const v1::Actor& a, const std::string& verb,
                            const v1::Ticket* t) const {
  const auto& line = commands_.at(verb);
  const char role = letter(a.role());
  const bool service = role == 'Y';
  if (verb == "create") {
    if (!service && !is_somebody(a)) return "role";
    if (t) return "state";
    return among(role, line.roles) ? "granted" : "role";
  }
  if (!t) return "unknown";
  if (role == 'C') {
    // It knows what it has a command for, and stands for the caller.
    if (!is_somebody(a) || !among(role, line.roles)) return "unknown";
    const auto at = state_letters.find(t->state());
    return at != state_letters.end() && among(at->second, line.states) ? "granted" : "state";
  }
  if (role == 'A') {
    if (!is_somebody(a) || !at_or_above(a.unit(), t->desk())) return "unknown";
  } else if (sight(a, *t) == "none") {
    return "unknown";
  }
  if (!among(role, line.roles)) return "role";
  if (sight(a, *t) == "past") return "unit";
  const auto* h = handler(*t);
  bool stands = service || line.standing == "any";
  if (line.standing == "desk" && at_or_above(a.unit(), t->desk())) stands = true;
  if (!service && !h && (line.standing == "handler" || line.standing == "above")) return "state";
  if (line.standing == "handler" && h && h->unit() == a.unit()) stands = true;
  if (line.standing == "above" && h && h->unit() != a.unit() && at_or_above(a.unit(), h->unit())) {
    stands = true;
  }
  if (line.standing == "part" || line.standing == "party") {
    if (at_or_above(a.unit(), t->desk())) stands = true;
    for (const auto& part : t->assignments()) {
      if (at_or_above(a.unit(), part.unit())) stands = true;
    }
  }
  if (role == 'P' && line.standing != "any") {
    const bool sent = t->intake().external_partner() == a.unit();
    bool given = false;
    for (const auto& x : t->transfers()) {
      if (x.partner() == a.unit() && x.answered_at() == 0) given = true;
    }
    stands = (sent && line.standing != "handler") || (given && line.standing == "party");
  }
  if (!stands) return "unit";
  const auto state = state_letters.find(t->state());
  return state != state_letters.end() && among(state->second, line.states) ? "granted" : "state";
}

std::string oracle::reading(const v1::Actor& a, const std::string& action,
                            const v1::Ticket* t) const {
  const auto& line = readings_.at(action);
  if (!is_somebody(a)) return t ? "unknown" : "role";
  const bool may = among(letter(a.role()), line.roles);
  if (line.about != "ticket" || !t) {
    if (!may) return "role";
    return line.about == "province" && a.unit() != "370000" ? "unit" : "granted";
  }
  const auto seen = sight(a, *t);
  if (seen == "none") return "unknown";
  if (!may) return "role";
  if (seen == "past" && line.past != "yes") return "unit";
  if (action == "caller_lookup" && field(a, "read_history", *t, "caller") == "hidden") {
    return "unknown";
  }
  return "granted";
}

std::string oracle::at_unit(const v1::Actor& a, const std::string& action,
                            const std::string& unit) const {
  const auto may = reading(a, action, nullptr);
  if (may != "granted") return may;
  return parents.contains(unit) && at_or_above(a.unit(), unit) ? "granted" : "unit";
}

std::string oracle::field(const v1::Actor& a, const std::string& action, const v1::Ticket& t,
                          const std::string& group) const {
  if (action == "reveal") {
    if (command(a, "reveal", &t) != "granted") return "hidden";
  } else if (reading(a, action, &t) != "granted") {
    return "hidden";
  }
  const bool partner = letter(a.role()) == 'P';
  const bool shared = !partner || t.intake().caller().consent_to_share();
  const bool in_full = action == "reveal" || action == "webhook";
  const bool leaves = action == "list" || action == "search" || action == "caller_lookup" ||
                      action == "export_tickets" || action == "stream";

  const auto* h = handler(t);
  const bool named =
      h && among(letter(a.role()), "FL") && h->unit() == a.unit() && h->officer() == a.user();
  const bool secret = t.intake().caller().confidential() && !named && !took(a, t);
  const bool caller_hidden = complained_about(a, t) || !shared || secret;

  if (group == "caller") return caller_hidden ? "hidden" : in_full ? "full" : "masked";
  if (group == "employer") {
    return !shared || complained_about(a, t) ? "hidden" : in_full ? "full" : "masked";
  }
  if (group == "content") {
    if (letter(a.role()) == 'U') return sensitive(t) ? "hidden" : "masked";
    return leaves || caller_hidden ? "masked" : "full";
  }
  if (group == "files") {
    return caller_hidden || letter(a.role()) == 'U' || leaves ? "hidden" : "full";
  }
  return partner ? "hidden" : "full";
}

}  // namespace hotline::test
