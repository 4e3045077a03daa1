#include "histogram.hpp"

#include <algorithm>
#include <cmath>

namespace hotline::bench {

double histogram::percentile(double share) {
  if (values_.empty()) return 0;
  if (!sorted_) std::ranges::sort(values_);
  sorted_ = true;
  const auto rank = std::ceil(share * static_cast<double>(values_.size()));
  return values_[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

}  // namespace hotline::bench
