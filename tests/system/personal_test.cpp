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
  // A key that has sealed something stays; one that never has goes, and that is on record.
  const std::filesystem::path keys = data() + "/keys.textproto";
  const auto retire = [&](const char* id) {
    std::filesystem::last_write_time(
        keys, std::filesystem::file_time_type::clock::now() - std::chrono::minutes(2));
    return tool({"keys", "retire", id});
  };
  REQUIRE(tool({"keys", "rotate"}).code == 0);
  CHECK(tool({"keys", "retire", "3"}).output.find("within the last minute") != std::string::npos);
  REQUIRE(tool({"keys", "rotate"}).code == 0);
  CHECK(tool({"keys", "list"}).code == 0);
  const auto needed = retire("1");
  CHECK(needed.code == 3);
  CHECK(needed.output.find("key 1 has sealed") != std::string::npos);
  CHECK(retire("4").output.find("key 4 seals") != std::string::npos);
  const auto gone = retire("3");
  CHECK_MESSAGE(gone.code == 0, gone.output);
  CHECK(tool({"audit", "list", "--action", "keys.change"}).output.find("3 keys, key 4 seals") !=
        std::string::npos);
  CHECK(tool({"audit", "verify"}).code == 0);
  server.send_signal(SIGTERM);
  CHECK(server.wait_exit(start_limit) == 0);

  // Without its keys the data is not served: callers would not be found, and nobody would notice.
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
