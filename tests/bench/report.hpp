// The figures of a run: as a table for people, as JSON for comparison.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hotline::bench {

struct figure {
  std::string name;  ///< stable, "creates_per_second"
  std::string meaning;
  double value = 0;
  std::string unit;
  std::optional<double> at_least;  ///< what is asked for
  std::optional<double> at_most;

  bool good() const { return (!at_least || value >= *at_least) && (!at_most || value <= *at_most); }
};

class report {
 public:
  void add(figure f);
  /// Prints a line at once, so that a long run shows where it is.
  void say(const std::string& text) const;
  std::string table() const;
  std::string json() const;
  bool good() const;

 private:
  std::vector<figure> figures_;
};

}  // namespace hotline::bench
