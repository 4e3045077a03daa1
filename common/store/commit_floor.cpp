#include "common/store/commit_floor.hpp"

#include <fmt/core.h>

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

}  // namespace

void commit_floor::seen(std::string_view shard, std::int64_t commit_no) {
  auto& highest = highest_[cell(shard)];
  auto known = highest.load(std::memory_order_relaxed);
  while (known < commit_no &&
         !highest.compare_exchange_weak(known, commit_no, std::memory_order_relaxed)) {
  }
}

std::int64_t commit_floor::of(std::string_view shard) const {
  return highest_[cell(shard)].load(std::memory_order_relaxed);
}

std::map<std::string, std::int64_t> commit_floor::all() const {
  std::map<std::string, std::int64_t> floors;
  for (std::size_t i = 0; i < highest_.size(); ++i) {
    const auto commit_no = highest_[i].load(std::memory_order_relaxed);
    if (commit_no > 0) floors.emplace(fmt::format("{:04}", i), commit_no);
  }
  return floors;
}

}  // namespace hotline::store
