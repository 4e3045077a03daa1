// Why something cannot be mapped between a partner's words and ours.
#pragma once

#include <string>
#include <vector>

namespace hotline::exchange {

struct fault {
  std::string path;    ///< the partner's path, "data.list[2].phone"; empty = the whole document
  std::string reason;  ///< a Chinese sentence for the dispatcher; holds no personal data

  bool operator==(const fault&) const = default;
};

/// "phone：缺少必填内容；type：…", for one line of a list or a log.
std::string to_string(const std::vector<fault>& faults);

}  // namespace hotline::exchange
