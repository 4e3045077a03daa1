#include <fmt/core.h>

#include "common/exchange/partner.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/deployment.hpp"
#include "services/hotline/exit_code.hpp"

namespace hotline::program {

int check(const std::filesystem::path& config) {
  const auto ready = load_deployment(config);
  if (!ready) return exit_found;
  for (const v1::Partner& one : ready->config.partners())
    for (const std::string& gap : exchange::partner_gaps(one))
      fmt::print(stderr, "{}: warning: {}\n", config.string(), gap);
  for (const auto& warning : exchange::partner_warnings(ready->config))
    fmt::print(stderr, "{}: warning: {}\n", config.string(), warning);
  fmt::print("{}: 配置无误，{} 个单位\n", config.string(), ready->land->org.units().size());
  return exit_ok;
}

}  // namespace hotline::program
