#include "common/domain/config_mistake.hpp"

namespace hotline::domain {

std::string join_mistakes(const std::vector<config_mistake>& mistakes) {
  std::string text;
  for (const config_mistake& mistake : mistakes) {
    if (!text.empty()) text += "; ";
    if (!mistake.path.empty()) text += mistake.path + ": ";
    text += mistake.reason;
  }
  return text;
}

}  // namespace hotline::domain
