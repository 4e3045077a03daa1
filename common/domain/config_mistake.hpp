// What is wrong with a configuration, so that it can be shown beside the line that causes it.
#pragma once

#include <string>
#include <vector>

namespace hotline::domain {

/// One mistake. `path` leads from the checked message to the field at fault, with zero-based
/// indexes ("units[17].parent"; empty: the message as a whole); `reason` is a full sentence that
/// says what to do. The loader turns the path into file and line.
struct config_mistake {
  std::string path;
  std::string reason;

  bool operator==(const config_mistake&) const = default;
};

/// "units[17].parent: reason; units[18]: reason", for builders that answer with one failure.
std::string join_mistakes(const std::vector<config_mistake>& mistakes);

}  // namespace hotline::domain
