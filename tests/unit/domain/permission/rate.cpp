#include "rate.hpp"

#include <chrono>

#include "common/domain/permission.hpp"
#include "world.hpp"

namespace hotline::test {
namespace {

template <class Decide>
double measure(int rounds, Decide decide) {
  long decided = 0;
  long granted = 0;
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i) {
    for (const auto& at : all_parts()) {
      for (const auto& actor : all_actors()) {
        if (decide(actor, at.ticket)) ++granted;
        ++decided;
      }
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  return granted == 0 ? 0 : static_cast<double>(decided) / took.count();
}

}  // namespace

permission_rate measure_permission(int rounds) {
  const auto& org = small_tree();
  permission_rate rate;
  rate.commands = measure(rounds, [&](const v1::Actor& a, const v1::Ticket& t) {
    return domain::permit(org, a, v1::Command::kAnnotate, &t) == domain::access::granted;
  });
  rate.readings = measure(rounds, [&](const v1::Actor& a, const v1::Ticket& t) {
    return domain::access_to(org, a, domain::action::read_ticket, t, domain::field_group::caller) !=
           domain::field_access::hidden;
  });
  return rate;
}

}  // namespace hotline::test
