// Personal data in the real program: where it lies, who sees it, and new keys without a restart.
#include <doctest/doctest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/system/hotline_fixture.hpp"

namespace hotline::test {
namespace {

constexpr const char* ask = R"({"fields":["caller.phone"],"reason":"回拨"})";

/// Whether any file of the data directory holds the text.
bool is_anywhere(const std::string& directory, const std::string& text) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (bytes.find(text) != std::string::npos) return true;
  }
  return false;
}

TEST_CASE_FIXTURE(hotline_fixture,
                  "a phone number is nowhere on the disk, and new keys need no restart") {
  auto server = serve();
  use(server);
  const auto first = create();
  eventually_state(first, "DISPATCHED");
  CHECK(is_anywhere(data(), first));
  CHECK_FALSE(is_anywhere(data(), "13800001234"));
  CHECK_FALSE(is_anywhere(data(), "王师傅"));

  REQUIRE(tool({"keys", "rotate"}).code == 0);
  const auto recorded = tool({"audit", "list", "--action", "keys.change"}).output;
  CHECK(recorded.find("key 2 seals") != std::string::npos);
  CHECK(recorded.find("console-") != std::string::npos);
  const auto second = create();
  for (const auto& no : {first, second}) {
    const auto shown = post("/v1/tickets/" + no + ":reveal", operator_of_province, ask);
    REQUIRE(shown.status == 200);
    CHECK(shown.body.as_object().at("values").as_array().at(0).as_object().at("value") ==
          "13800001234");
  }
  server.send_signal(SIGTERM);
  CHECK(server.wait_exit(start_limit) == 0);

  // Without its keys the data is not served: callers would not be found, and nobody would notice.
  const std::filesystem::path keys = data() + "/keys.textproto";
  const std::string away = data() + "/keys.away";
  std::filesystem::rename(keys, away);
  {
    auto refused = serve();
    CHECK(refused.wait_exit(start_limit) == 3);
  }
  CHECK_FALSE(std::filesystem::exists(keys));
  std::filesystem::rename(away, keys);
  auto again = serve();
  use(again);
  CHECK(get("/v1/callers/13800001234").status == 200);
}

}  // namespace
}  // namespace hotline::test
