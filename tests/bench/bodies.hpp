// Realistic intakes: callers, employers and complaints as an operator writes them down.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "common/domain/province.hpp"
#include "common/json/codec.hpp"
#include "hotline/v1/command.pb.h"

namespace hotline::bench {

class body_maker {
 public:
  body_maker(const domain::province& land, std::uint64_t seed);

  /// A complete complaint of some county, which the rules dispatch by themselves.
  v1::CreateTicket next();
  /// The same as the JSON an operator's page sends.
  std::string to_json(const v1::CreateTicket& order) const { return codec_.write(order); }

 private:
  std::string phone();

  std::vector<std::string> counties_;
  std::mt19937_64 random_;
  json::codec codec_;
};

}  // namespace hotline::bench
