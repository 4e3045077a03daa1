// Trees, users and tickets at random: properties that hold of every decision.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/domain/permission.hpp"
#include "world.hpp"

namespace hotline::test {
namespace {

using domain::access;
using domain::action;
using domain::field_access;
using extent = domain::sight::extent;

class lottery {
 public:
  explicit lottery(std::uint64_t seed) : random_(seed) {}

  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  bool chance(int one_in) { return below(one_in) == 0; }
  template <class List>
  const auto& pick(const List& list) {
    return list[static_cast<std::size_t>(below(static_cast<int>(list.size())))];
  }

  domain::organisation tree(std::vector<std::string>& codes) {
    v1::OrganisationConfig config;
    codes = {"370000"};
    add(config, "370000", "", v1::Unit::PROVINCE, true);
    for (int c = 1; c <= 1 + below(4); ++c) {
      const std::string city = fmt::format("37{:02}00", c);
      add(config, city, "370000", v1::Unit::CITY, chance(2));
      codes.push_back(city);
      for (int k = 1; k <= below(5); ++k) {
        const std::string county = fmt::format("37{:02}{:02}", c, k);
        add(config, county, city, v1::Unit::COUNTY, false);
        codes.push_back(county);
        if (!chance(3)) continue;
        add(config, county + "-s01", county, v1::Unit::STREET, false);
        codes.push_back(county + "-s01");
      }
    }
    auto built = domain::build_organisation(config);
    if (!built) throw std::runtime_error(built.error().detail);
    return std::move(*built);
  }

  v1::Actor actor(const std::vector<std::string>& codes) {
    v1::Actor a;
    a.set_user(fmt::format("u{}", below(4)));
    a.set_unit(pick(codes));
    a.set_role(pick(all_roles()));
    return a;
  }

  v1::Ticket ticket(const std::vector<std::string>& codes) {
    v1::Ticket t;
    t.set_no("3701-20261123-00001");
    t.set_state(pick(all_states()));
    t.set_desk(pick(codes));
    t.set_created_by(fmt::format("u{}", below(4)));
    for (int i = below(5); i > 0; --i) {
      auto& a = *t.add_assignments();
      a.set_id(i);
      a.set_unit(pick(codes));
      a.set_role(chance(2) ? v1::ASSIGNMENT_ROLE_MAIN : v1::ASSIGNMENT_ROLE_CO);
      a.set_state(static_cast<v1::AssignmentState>(1 + below(8)));
      if (chance(2)) a.set_officer(fmt::format("u{}", below(4)));
      a.set_ended_at(1000 + below(1000));
    }
    if (chance(4)) t.set_escalated_to(pick(codes));
    auto& intake = *t.mutable_intake();
    if (chance(3)) intake.mutable_matter()->set_complained_unit(pick(codes));
    if (chance(3)) intake.set_sensitivity(v1::SENSITIVITY_SENSITIVE);
    intake.mutable_caller()->set_confidential(chance(3));
    intake.mutable_caller()->set_consent_to_share(chance(2));
    return t;
  }

 private:
  static void add(v1::OrganisationConfig& config, const std::string& code,
                  const std::string& parent, v1::Unit::Level level, bool desk) {
    auto& unit = *config.add_units();
    unit.set_code(code);
    unit.set_parent(parent);
    unit.set_level(level);
    unit.set_name("单位" + code);
    unit.set_desk(desk);
  }

  std::mt19937_64 random_;
};

void check(const domain::organisation& org, const v1::Actor& who, const v1::Ticket& t,
           lottery& chance) {
  const auto seen = domain::sight_of(org, who, t);
  const auto what = static_cast<action>(chance.below(domain::actions));
  const auto may = domain::permit(org, who, what, &t);
  INFO(who.ShortDebugString() << " " << static_cast<int>(what) << "\n" << t.ShortDebugString());

  // The same question has the same answer.
  REQUIRE(domain::permit(org, who, what, &t) == may);
  // Out of sight is unknown, for every command and every field.
  const auto* bodies = v1::Command::descriptor()->FindOneofByName("body");
  const auto body = static_cast<v1::Command::BodyCase>(
      bodies->field(1 + chance.below(bodies->field_count() - 1))->number());
  const auto command = domain::permit(org, who, body, &t);
  // But the administrator keeps tickets, and a channel carries to them what their callers say.
  const bool knows = who.role() == v1::ROLE_ADMINISTRATOR || who.role() == v1::ROLE_CHANNEL;
  if (seen.how == extent::none && !knows) REQUIRE(command == access::unknown);
  if (seen.how == extent::past) REQUIRE(command != access::granted);
  for (int g = 0; g < domain::field_groups; ++g) {
    const auto shown = domain::access_to(org, who, what, t, static_cast<domain::field_group>(g));
    if (may != access::granted) REQUIRE(shown == field_access::hidden);
    if (seen.how == extent::none) REQUIRE(shown == field_access::hidden);
  }
  // Another unit's work gives nobody outside the line from it to the province a sight of it.
  bool near = org.is_in_subtree(t.desk(), who.unit()) || who.unit() == t.escalated_to() ||
              org.is_in_subtree(t.escalated_to(), who.unit());
  for (const auto& a : t.assignments()) near = near || org.is_in_subtree(a.unit(), who.unit());
  const bool took = t.created_by() == who.user() && org.desk_of(who.unit()) == t.desk();
  if (!near && !took && who.role() != v1::ROLE_SYSTEM) REQUIRE(seen.how == extent::none);
  // A union above sees no less than one below it under the same role, but where a complaint, a
  // sensitive matter, or the person plays a part.
  const auto above = org.parent(who.unit());
  const bool plain = t.intake().matter().complained_unit().empty() &&
                     t.intake().sensitivity() == v1::SENSITIVITY_UNSPECIFIED && !took &&
                     who.role() != v1::ROLE_PARTNER;
  if (plain && !above.empty()) {
    v1::Actor superior = who;
    superior.set_unit(std::string(above));
    if (seen.how == extent::whole) {
      REQUIRE(domain::sight_of(org, superior, t).how == extent::whole);
    }
  }
  // Making a ticket sensitive or its caller confidential never shows anybody more.
  v1::Ticket closer = t;
  set_sensitive(closer, true);
  set_confidential(closer, true);
  if (domain::sight_of(org, who, closer).how != extent::none) REQUIRE(seen.how != extent::none);
  for (int g = 0; g < domain::field_groups; ++g) {
    const auto group = static_cast<domain::field_group>(g);
    REQUIRE(domain::access_to(org, who, what, closer, group) <=
            domain::access_to(org, who, what, t, group));
  }
}

TEST_CASE("a hundred thousand decisions at random") {
  const char* seed_text = std::getenv("HOTLINE_SEED");
  const auto seed = seed_text ? std::strtoull(seed_text, nullptr, 10) : 1;
  lottery random(seed);
  long decisions = 0;
  std::vector<std::string> codes;
  while (decisions < 100'000) {
    const auto org = random.tree(codes);
    for (int i = 0; i < 50; ++i) {
      const auto t = random.ticket(codes);
      for (int k = 0; k < 10; ++k, ++decisions) check(org, random.actor(codes), t, random);
    }
  }
  fmt::print("permission at random: {} decisions from seed {}\n", decisions, seed);
}

}  // namespace
}  // namespace hotline::test
