#include "common/exchange/fault.hpp"

namespace hotline::exchange {

std::string to_string(const std::vector<fault>& faults) {
  std::string text;
  for (const fault& one : faults) {
    if (!text.empty()) text += "；";
    if (!one.path.empty()) text += one.path + "：";
    text += one.reason;
  }
  return text;
}

}  // namespace hotline::exchange
