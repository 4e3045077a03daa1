// Latencies: every value is kept, percentiles are exact.
#pragma once

#include <cstddef>
#include <vector>

namespace hotline::bench {

class histogram {
 public:
  void add(double milliseconds) {
    values_.push_back(milliseconds);
    sorted_ = false;
  }
  void add(const histogram& other) {
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
    sorted_ = false;
  }
  std::size_t count() const { return values_.size(); }
  /// 0 without values. `share` in [0, 1].
  double percentile(double share);
  double max() { return percentile(1.0); }

 private:
  std::vector<double> values_;
  bool sorted_ = true;
};

}  // namespace hotline::bench
