#include "world.hpp"

#include <google/protobuf/text_format.h>

#include <stdexcept>

namespace hotline::test {
namespace {

template <class Message>
Message parsed(const std::string& text) {
  Message message;
  if (!google::protobuf::TextFormat::ParseFromString(text, &message)) {
    throw std::runtime_error("cannot read " + text);
  }
  return message;
}

situation with(std::string name, const std::string& more) {
  const std::string common = R"(
    no: '3708-20261123-00001' version: 3 state: STATE_HANDLING created_by: 'li'
    intake { caller { name: '赵师傅' phone: '13805310001' } matter { content: '欠薪' } } )";
  return {std::move(name), parsed<v1::Ticket>(common + more)};
}

situation from_12345(situation s) {
  s.ticket.mutable_intake()->set_external_partner("p-12345-370800");
  return s;
}

std::string main_at(const std::string& unit, const std::string& state,
                    const std::string& more = "") {
  return " assignments { id: 1 unit: '" + unit +
         "' role: ASSIGNMENT_ROLE_MAIN state: ASSIGNMENT_STATE_" + state + " " + more + " } ";
}

std::string co_at(const std::string& unit, const std::string& state, const std::string& more = "") {
  return " assignments { id: 2 unit: '" + unit +
         "' role: ASSIGNMENT_ROLE_CO state: ASSIGNMENT_STATE_" + state + " " + more + " } ";
}

}  // namespace

const domain::organisation& small_tree() {
  static const domain::organisation tree = [] {
    auto built = domain::build_organisation(parsed<v1::OrganisationConfig>(R"(
      units { code: "370000" level: PROVINCE name: "省" desk: true }
      units { code: "370800" parent: "370000" level: CITY name: "市" desk: true }
      units { code: "370883" parent: "370800" level: COUNTY name: "甲县" }
      units { code: "370883-s01" parent: "370883" level: STREET name: "镇街站" }
      units { code: "370881" parent: "370800" level: COUNTY name: "乙县" }
      units { code: "p-12345-370800" parent: "370800" level: PARTNER name: "12345" }
      units { code: "370200" parent: "370000" level: CITY name: "外市" desk: true }
      units { code: "370202" parent: "370200" level: COUNTY name: "外县" }
      units { code: "p-12348" parent: "370000" level: PARTNER name: "12348" }
    )"));
    if (!built) throw std::runtime_error(built.error().detail);
    return std::move(*built);
  }();
  return tree;
}

const std::vector<std::string>& all_units() {
  static const std::vector<std::string> units = {
      "370000",         "370800", "370883", "370883-s01", "370881",
      "p-12345-370800", "370200", "370202", "p-12348",    "nowhere"};
  return units;
}

const std::vector<v1::Role>& all_roles() {
  static const std::vector<v1::Role> roles = {
      v1::ROLE_UNSPECIFIED, v1::ROLE_OPERATOR,      v1::ROLE_DISPATCHER,
      v1::ROLE_OFFICER,     v1::ROLE_LEAD,          v1::ROLE_SUPERVISOR,
      v1::ROLE_PARTNER,     v1::ROLE_ADMINISTRATOR, v1::ROLE_SECURITY_ADMINISTRATOR,
      v1::ROLE_AUDITOR,     v1::ROLE_CHANNEL,       v1::ROLE_SYSTEM};
  return roles;
}

const std::vector<v1::State>& all_states() {
  static const std::vector<v1::State> states = {
      v1::STATE_DRAFT,     v1::STATE_ACCEPTED,  v1::STATE_ANSWERED,   v1::STATE_DISPATCHED,
      v1::STATE_HANDLING,  v1::STATE_SUSPENDED, v1::STATE_REPLIED,    v1::STATE_REVIEWED,
      v1::STATE_REWORK,    v1::STATE_CLOSED,    v1::STATE_ARCHIVED,   v1::STATE_REJECTED,
      v1::STATE_WITHDRAWN, v1::STATE_MERGED,    v1::STATE_TERMINATED, v1::STATE_TRANSFERRED};
  return states;
}

const std::vector<v1::Actor>& all_actors() {
  static const std::vector<v1::Actor> actors = [] {
    std::vector<v1::Actor> all;
    for (const auto role : all_roles()) {
      for (const auto& unit : all_units()) {
        for (const char* user : {taker, signer, stranger}) {
          v1::Actor& a = all.emplace_back();
          a.set_user(user);
          a.set_unit(unit);
          a.set_role(role);
        }
      }
    }
    all.emplace_back().set_role(v1::ROLE_OPERATOR);  // nobody, nowhere
    all.back().set_unit("370000");
    return all;
  }();
  return actors;
}

const std::vector<situation>& all_parts() {
  static const std::vector<situation> parts = [] {
    const std::string province = " desk: '370000' ";
    const std::string city = " desk: '370800' ";
    const std::string lost =
        " assignments { id: 3 unit: '370881' role: ASSIGNMENT_ROLE_MAIN state: "
        "ASSIGNMENT_STATE_RETURNED ended_at: 1795400000000 } ";
    const std::string moved =
        " assignments { id: 4 unit: '370202' role: ASSIGNMENT_ROLE_MAIN state: "
        "ASSIGNMENT_STATE_MOVED ended_at: 1795400000000 } ";
    return std::vector<situation>{
        with("at the province's desk", province),
        with("at the city's desk", city),
        with("unsigned", city + main_at("370883", "WAITING")),
        with("handled", city + main_at("370883", "HANDLING", "officer: 'wang'") + lost),
        with("handled by somebody of the city for the county",
             province + main_at("370800", "HANDLING", "officer: 'wang'") +
                 co_at("370883", "WAITING") + moved),
        with("handed down",
             province + main_at("370883", "HANDED_DOWN", "officer: 'wang'") +
                 " assignments { id: 5 parent: 1 unit: '370883-s01' role: ASSIGNMENT_ROLE_MAIN "
                 "state: ASSIGNMENT_STATE_HANDLING officer: 'zhao' } "),
        with("with a co-handler from elsewhere",
             city + main_at("370883", "HANDLING", "officer: 'wang'") +
                 co_at("370202", "HANDLING", "officer: 'zhao'")),
        with(
            "done, a co-handler cancelled",
            province + main_at("370883", "DONE", "officer: 'wang'") + co_at("370881", "CANCELLED")),
        with("escalated, with a clock for somebody else",
             city + main_at("370881", "WAITING") +
                 " escalated_to: '370000' clocks { kind: CLOCK_KIND_REVIEW state: "
                 "CLOCK_STATE_RUNNING unit: '370202' } clocks { kind: CLOCK_KIND_SIGN state: "
                 "CLOCK_STATE_MET unit: '370883' } "),
        from_12345(with("from 12345", city + main_at("370883", "HANDLING", "officer: 'wang'"))),
        with("with 12348", province + moved + " transfers { id: 1 partner: 'p-12348' } "),
        with("back from 12348, co-handled by 12345",
             province + main_at("370200", "HANDLING", "officer: 'wang'") +
                 co_at("p-12345-370800", "WAITING") +
                 " transfers { id: 1 partner: 'p-12348' answered_at: 1795400000000 } "),
    };
  }();
  return parts;
}

void set_complained(v1::Ticket& ticket, const std::string& unit) {
  ticket.mutable_intake()->mutable_matter()->set_complained_unit(unit);
}

void set_sensitive(v1::Ticket& ticket, bool on) {
  ticket.mutable_intake()->set_sensitivity(on ? v1::SENSITIVITY_SENSITIVE
                                              : v1::SENSITIVITY_UNSPECIFIED);
}

void set_confidential(v1::Ticket& ticket, bool on) {
  ticket.mutable_intake()->mutable_caller()->set_confidential(on);
}

void set_consent(v1::Ticket& ticket, bool on) {
  ticket.mutable_intake()->mutable_caller()->set_consent_to_share(on);
}

}  // namespace hotline::test
