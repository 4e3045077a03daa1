#include "common/store/commit_floor.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "common/base/assert.hpp"
#include "common/domain/ticket_no.hpp"

namespace hotline::store {
namespace {

std::size_t cell(std::string_view shard) {
  HL_ASSERT(domain::is_shard(shard), "a commit of something that is not a shard");
  std::size_t number = 0;
  for (const char c : shard) number = number * 10 + static_cast<std::size_t>(c - '0');
  return number;
}

constexpr std::string_view partner_mark = "p:";

bool is_partner(std::string_view place) { return place.starts_with(partner_mark); }

}  // namespace

bool is_commit_place(std::string_view place) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  if (!is_partner(place)) return domain::is_shard(place);
  const auto name = place.substr(partner_mark.size());
  return !name.empty() && name.find_first_not_of(letters) == std::string_view::npos;
}

void commit_floor::seen(std::string_view place, std::int64_t commit_no) {
  if (is_partner(place)) {
    const std::scoped_lock lock(mutex_);
    auto& highest = of_partners_[std::string(place.substr(partner_mark.size()))];
    highest = std::max(highest, commit_no);
    return;
  }
  auto& highest = highest_[cell(place)];
  auto known = highest.load(std::memory_order_relaxed);
  while (known < commit_no &&
         !highest.compare_exchange_weak(known, commit_no, std::memory_order_relaxed)) {
  }
}

std::int64_t commit_floor::of(std::string_view place) const {
  if (is_partner(place)) {
    const std::scoped_lock lock(mutex_);
    const auto found = of_partners_.find(place.substr(partner_mark.size()));
    return found == of_partners_.end() ? 0 : found->second;
  }
  return highest_[cell(place)].load(std::memory_order_relaxed);
}

std::map<std::string, std::int64_t> commit_floor::all() const {
  std::map<std::string, std::int64_t> floors;
  for (std::size_t i = 0; i < highest_.size(); ++i) {
    const auto commit_no = highest_[i].load(std::memory_order_relaxed);
    if (commit_no > 0) floors.emplace(fmt::format("{:04}", i), commit_no);
  }
  for (const auto& [name, commit_no] : partners()) {
    if (commit_no > 0) floors.emplace(std::string(partner_mark) + name, commit_no);
  }
  return floors;
}

std::map<std::string, std::int64_t> commit_floor::partners() const {
  const std::scoped_lock lock(mutex_);
  return {of_partners_.begin(), of_partners_.end()};
}

}  // namespace hotline::store
