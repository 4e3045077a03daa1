#include "report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

namespace hotline::bench {
namespace {

std::string asked(const figure& f) {
  if (f.at_least) return fmt::format(">= {:.4g}", *f.at_least);
  if (f.at_most) return fmt::format("<= {:.4g}", *f.at_most);
  return "";
}

}  // namespace

void report::add(figure f) {
  fmt::print("  {:<34} {:>12.5g} {:<8} {:<10} {}\n", f.name, f.value, f.unit, asked(f),
             asked(f).empty() ? "" : (f.good() ? "ok" : "MISSED"));
  std::fflush(stdout);
  figures_.push_back(std::move(f));
}

void report::say(const std::string& text) const {
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

std::string report::table() const {
  std::string out = fmt::format("{:<34} {:>12} {:<8} {:<10} {:<7} {}\n", "figure", "measured",
                                "unit", "asked", "", "meaning");
  for (const auto& f : figures_) {
    out += fmt::format("{:<34} {:>12.5g} {:<8} {:<10} {:<7} {}\n", f.name, f.value, f.unit,
                       asked(f), asked(f).empty() ? "" : (f.good() ? "ok" : "MISSED"), f.meaning);
  }
  return out;
}

std::string report::json() const {
  boost::json::array list;
  for (const auto& f : figures_) {
    boost::json::object o{
        {"name", f.name}, {"value", f.value}, {"unit", f.unit}, {"meaning", f.meaning}};
    if (f.at_least) o["at_least"] = *f.at_least;
    if (f.at_most) o["at_most"] = *f.at_most;
    if (!asked(f).empty()) o["reached"] = f.good();
    list.push_back(std::move(o));
  }
  return boost::json::serialize(list);
}

bool report::good() const {
  return std::ranges::all_of(figures_, [](const figure& f) { return f.good(); });
}

}  // namespace hotline::bench
