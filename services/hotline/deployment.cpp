#include "services/hotline/deployment.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <utility>

#include "common/runtime/config_loader.hpp"
#include "services/gateway/listen.hpp"
#include "services/hotline/redis_host.hpp"

namespace hotline::program {
namespace {

void print_problem(const std::filesystem::path& directory, runtime::config_problem problem) {
  problem.file = (directory / problem.file).string();
  fmt::print(stderr, "{}\n", to_string(problem));
}

}  // namespace

std::vector<std::string> deployment::shards() const {
  std::vector<std::string> list;
  for (const auto shard : land->org.shards()) list.emplace_back(shard);
  return list;
}

std::optional<deployment> load_deployment(const std::filesystem::path& directory) {
  auto reading = runtime::read_config(directory);
  for (const auto& problem : reading.problems) print_problem(directory, problem);
  if (!reading.problems.empty()) return std::nullopt;
  const auto listening = gateway::listen_options(reading.config.services().gateway());
  if (!listening) {
    fmt::print(stderr, "{}: {}\n", directory.string(), listening.error().detail);
    return std::nullopt;
  }
  const auto uploads = gateway::upload_limits_of(reading.config.services().gateway());
  if (!uploads) {
    fmt::print(stderr, "{}: {}\n", directory.string(), uploads.error().detail);
    return std::nullopt;
  }
  const auto who = credentials_of(reading.config.services().redis());
  if (!who) {
    fmt::print(stderr, "{}: {}\n", directory.string(), who.error().detail);
    return std::nullopt;
  }
  auto land = domain::build_province(reading.config);
  if (!land) {
    fmt::print(stderr, "{}: {}\n", directory.string(), land.error().detail);
    return std::nullopt;
  }
  deployment ready;
  ready.config = std::move(reading.config);
  ready.files = std::move(reading.files);
  ready.land = std::make_shared<const domain::province>(*std::move(land));
  auto partners = exchange::build_partner_book(ready.config, *ready.land);
  if (!partners) {
    fmt::print(stderr, "{}: {}\n", directory.string(), partners.error().detail);
    return std::nullopt;
  }
  ready.partners = *std::move(partners);
  return ready;
}

}  // namespace hotline::program
