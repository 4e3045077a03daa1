// What a partner still has to push to the hotline, and in which order it does so.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hotline/v1/exchange.pb.h"
#include "tests/partner/mischief.hpp"

namespace hotline::test {

class outbox {
 public:
  /// A partner that counts its events may send them in any order, the others one after the other.
  outbox(bool counts, std::size_t per_document_max, const mischief_source& choices)
      : counts_(counts), per_document_max_(per_document_max), choices_(choices) {}

  void add(v1::PartnerEvent event) { waiting_.push_back(std::move(event)); }
  bool empty() const { return waiting_.empty() && in_flight_ == 0; }

  /// The events of the next document; none when nothing can be sent now.
  std::vector<v1::PartnerEvent> take();
  /// The hotline has them, or has to be told again.
  void done(const std::vector<v1::PartnerEvent>& events);
  void again(std::vector<v1::PartnerEvent> events);

 private:
  std::optional<v1::PartnerEvent> take_one();

  bool counts_;
  std::size_t per_document_max_;
  const mischief_source& choices_;
  std::deque<v1::PartnerEvent> waiting_;
  std::set<std::string> busy_;  ///< tickets in flight of a partner that does not count
  std::size_t in_flight_ = 0;
};

}  // namespace hotline::test
