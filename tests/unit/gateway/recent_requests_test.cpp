#include "services/gateway/recent_requests.hpp"

#include <doctest/doctest.h>

#include <string>

using hotline::gateway::recent_requests;
using namespace std::chrono_literals;

namespace {
const std::chrono::steady_clock::time_point noon{100h};
}

TEST_CASE("a key belongs to the request that used it first") {
  recent_requests recent;
  CHECK(recent.begin("k", "create in 3708", noon));
  CHECK(recent.begin("k", "create in 3708", noon));
  CHECK_FALSE(recent.begin("k", "create in 3701", noon));
  CHECK(recent.begin("other", "create in 3701", noon));
}

TEST_CASE("a refused request gives its key back, and only its own") {
  recent_requests recent;
  CHECK(recent.begin("k", "a", noon));
  recent.forget("k", "b");
  CHECK_FALSE(recent.begin("k", "b", noon));
  recent.forget("k", "a");
  CHECK(recent.begin("k", "b", noon));
}

TEST_CASE("keys are forgotten after an hour, and the oldest when there are too many") {
  recent_requests recent;
  CHECK(recent.begin("k", "a", noon));
  CHECK_FALSE(recent.begin("k", "b", noon + recent_requests::kept));
  CHECK(recent.begin("k", "b", noon + recent_requests::kept + 1s));
  for (std::size_t i = 0; i <= recent_requests::known_max; ++i) {
    recent.begin("n" + std::to_string(i), "a", noon + 2h);
  }
  CHECK(recent.begin("n0", "b", noon + 2h));
  CHECK_FALSE(recent.begin("n9", "b", noon + 2h));
}
