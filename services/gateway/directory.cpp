#include "services/gateway/directory.hpp"

#include <utility>

#include "hotline/v1/api.pb.h"
#include "hotline/v1/organisation.pb.h"
#include "services/gateway/answers.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/viewing.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

v1::UnitView view_of(const v1::Unit& unit, const domain::organisation& org) {
  v1::UnitView view;
  view.set_code(unit.code());
  view.set_name(unit.name());
  view.set_short_name(unit.short_name().empty() ? unit.name() : unit.short_name());
  view.set_level(v1::Unit::Level_Name(unit.level()));
  view.set_parent(unit.parent());
  for (const std::string_view child : org.children(unit.code())) {
    view.add_children(std::string(child));
  }
  return view;
}

}  // namespace

void directory::add_to(api& routes) {
  routes.add({.verb = net::method::get,
              .pattern = "/v1/units",
              .name = "list_units",
              .summary = "全部单位，上级在前",
              .answer = v1::OrganisationConfig::descriptor()},
             [this](call c) { return units(std::move(c)); });
  routes.add({.verb = net::method::get,
              .pattern = "/v1/units/{code}",
              .name = "get_unit",
              .summary = "一个单位及其直接下级",
              .answer = v1::UnitView::descriptor()},
             [this](call c) { return unit(std::move(c)); });
  routes.add({.verb = net::method::get,
              .pattern = "/v1/regions",
              .name = "guess_region",
              .summary = "按文字识别地区",
              .answer = v1::RegionGuess::descriptor(),
              .query = {{"text", "地址或地名", true}}},
             [this](call c) { return region(std::move(c)); });
}

awaitable<outcome> directory::units(call c) {
  const auto land = parts_.province();
  auto may =
      check_access(domain::permit(land->org, c.actor, domain::action::read_directory, nullptr));
  if (!may) co_return std::unexpected(std::move(may.error()));
  // A person's number, for urgent calls only.
  const bool on_duty = domain::permit(land->org, c.actor, domain::action::read_duty_phone,
                                      nullptr) == domain::access::granted;
  v1::OrganisationConfig all;
  for (const v1::Unit& unit : land->org.units()) {
    v1::Unit& shown = *all.add_units();
    shown = unit;
    if (!on_duty) shown.clear_duty_phone();
  }
  co_return make_answer(all, c.accepted, codec_);
}

awaitable<outcome> directory::unit(call c) {
  const auto land = parts_.province();
  auto may =
      check_access(domain::permit(land->org, c.actor, domain::action::read_directory, nullptr));
  if (!may) co_return std::unexpected(std::move(may.error()));
  const v1::Unit* const unit = land->org.find(c.params.at("code"));
  if (unit == nullptr) co_return std::unexpected(not_found());
  co_return make_answer(view_of(*unit, land->org), c.accepted, codec_);
}

awaitable<outcome> directory::region(call c) {
  constexpr std::size_t text_bytes_max = 1024;
  const auto text = require_query(c.request, "text", text_bytes_max);
  if (!text) co_return std::unexpected(text.error());
  const auto land = parts_.province();
  auto may =
      check_access(domain::permit(land->org, c.actor, domain::action::read_directory, nullptr));
  if (!may) co_return std::unexpected(std::move(may.error()));
  domain::region_match match = land->regions.recognise(*text);
  v1::RegionGuess guess;
  if (const v1::Unit* const unit = land->org.find(match.code)) guess.set_name(unit->name());
  guess.set_code(std::move(match.code));
  guess.set_outside(match.certainty == domain::region_certainty::outside);
  for (std::string& candidate : match.candidates) guess.add_candidates(std::move(candidate));
  co_return make_answer(guess, c.accepted, codec_);
}

}  // namespace hotline::gateway
