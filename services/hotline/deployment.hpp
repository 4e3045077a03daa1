// A configuration that has passed every check, and the province built from it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/domain/province.hpp"
#include "common/exchange/partner.hpp"
#include "common/store/command_runner.hpp"
#include "hotline/v1/config.pb.h"

namespace hotline::program {

struct deployment {
  v1::HotlineConfig config;
  std::shared_ptr<const domain::province> land;
  exchange::partner_book partners;  ///< those that are active; they use `land`
  std::vector<std::string> files;   ///< read, relative to the directory

  const v1::ServiceSettings& settings() const { return config.services(); }
  store::province_source province() const {
    return [kept = land] { return kept; };
  }
  std::vector<std::string> shards() const;
};

/// Reads and checks a directory. Mistakes are printed to standard error, one a line, as
/// "file:line:column: reason"; then there is nothing.
std::optional<deployment> load_deployment(const std::filesystem::path& directory);

}  // namespace hotline::program
