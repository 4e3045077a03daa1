// The shipped province and its rules, for the tests of routing.
#pragma once

#include <doctest/doctest.h>
#include <google/protobuf/text_format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "common/domain/routing.hpp"
#include "hotline/v1/config.pb.h"

namespace hotline::domain {

template <class Message>
Message parsed(const std::string& text) {
  Message message;
  REQUIRE_MESSAGE(google::protobuf::TextFormat::ParseFromString(text, &message), text);
  return message;
}

inline v1::HotlineConfig shipped_config() {
  v1::HotlineConfig config;
  for (const char* folder : {"organisation", "policy"}) {
    const auto path = std::filesystem::path(HOTLINE_CONFIG_DIR) / folder;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      std::ifstream in(entry.path());
      config.MergeFrom(parsed<v1::HotlineConfig>({std::istreambuf_iterator<char>(in), {}}));
    }
  }
  return config;
}

/// An organisation with its recogniser and rules.
struct world {
  explicit world(const v1::HotlineConfig& config)
      : units(std::move(build_organisation(config.organisation()).value())),
        regions(units),
        policies(config.policies()) {}

  route_proposal route(const std::string& intake) const {
    return propose_route(parsed<v1::Intake>(intake), now, {units, regions, policies});
  }

  organisation units;
  region_recogniser regions;
  v1::Policies policies;
  instant now = from_unix_ms(1795395600000);  // 2026-11-23 09:00 in Shandong
};

inline const world& shipped() {
  static const world one(shipped_config());
  return one;
}

}  // namespace hotline::domain
