// The last partner is taken out of service: nobody waits for a reader of events that is gone.
#include <doctest/doctest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/system/hotline_fixture.hpp"

namespace hotline::test {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::seconds end_limit{60};
constexpr const char* removed = "no partner is active: reader group removed shard=3708";

/// Puts the partner of this file into service.
void activate(const fs::path& file) {
  std::ifstream in(file);
  std::string text(std::istreambuf_iterator<char>(in), {});
  const std::string inactive = "inactive: true";
  const auto at = text.find("\n  " + inactive);
  REQUIRE(at != std::string::npos);
  text.erase(at + 3, inactive.size());
  std::ofstream(file) << text;
}

}  // namespace

TEST_CASE_FIXTURE(hotline_fixture, "the reader of the exchange goes with the last partner, once") {
  const auto active = fs::path(data()).parent_path() / "config";
  fs::copy(HOTLINE_CONFIG_DIR, active, fs::copy_options::recursive);
  activate(active / "partners" / "jining-12345.textproto");
  const auto start_and_end = [&](const std::string& config) {
    child_program server(
        {HOTLINE_PROGRAM, "serve", "--config", config, "--data", data(), "--port", "0"});
    server.wait_for("http://", start_limit);
    server.send_signal(SIGTERM);
    CHECK(server.wait_exit(end_limit) == 0);
    return server.output();
  };
  CHECK(start_and_end(active.string()).find(removed) == std::string::npos);
  CHECK(start_and_end(HOTLINE_CONFIG_DIR).find(removed) != std::string::npos);
  CHECK(start_and_end(HOTLINE_CONFIG_DIR).find(removed) == std::string::npos);
}

}  // namespace hotline::test
