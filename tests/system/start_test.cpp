// What keeps the program from starting, and what the command line says.
#include <doctest/doctest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/system/hotline_fixture.hpp"

namespace hotline::test {
namespace {

namespace fs = std::filesystem;

/// A copy of the shipped configuration that a test may break.
struct broken_configuration {
  broken_configuration() : path(directory.path() + "/config") {
    fs::copy(HOTLINE_CONFIG_DIR, path, fs::copy_options::recursive);
  }

  void add(const std::string& file, const std::string& text) {
    std::ofstream(path + "/" + file) << text << '\n';
  }

  temporary_directory directory;
  std::string path;
};

struct mistake {
  const char* text;
  const char* said;  ///< part of the reason
};

TEST_CASE("configuration mistakes: exit code 1, file, line and reason, before anything listens") {
  const mistake mistakes[] = {
      {"services { gateway { colour: 3 } }", "colour"},
      {"services { gateway { port: \"x\" } }", "xpected integer"},
      {"services { gateway { threads: -1 } }", "threads"},
      {"services { log_level: \"loud\" }", "log_level"},
      {"services {", "xpected"},
      {"policies { sla { handle_limits { kind: KIND_HELP limit: \"5xd\" } } }", "5xd"},
      {"organisation { units { code: \"379999\" parent: \"999999\" level: COUNTY "
       "name: \"某县\" } }",
       "999999"},
      {"calendar { years { year: 1066 } }", "1066"},
  };
  for (const auto& one : mistakes) {
    CAPTURE(one.text);
    broken_configuration config;
    config.add("zz_broken.textproto", one.text);
    const auto checked = run_program({HOTLINE_PROGRAM, "check", "--config", config.path});
    CHECK(checked.code == 1);
    const auto place = checked.output.find("zz_broken.textproto:");
    REQUIRE_MESSAGE(place != std::string::npos, checked.output);
    // A line number follows: 1, or 2 where the end came too early.
    CHECK((checked.output[place + 20] == '1' || checked.output[place + 20] == '2'));
    CHECK_MESSAGE(checked.output.find(one.said) != std::string::npos, checked.output);

    const auto data = config.directory.path() + "/data";
    const auto served = run_program(
        {HOTLINE_PROGRAM, "serve", "--config", config.path, "--data", data, "--port", "0"});
    CHECK(served.code == 1);
    CHECK(served.output.find("http://") == std::string::npos);
    CHECK_FALSE(fs::exists(data));
  }
}

TEST_CASE("the shipped configuration is good") {
  const auto checked = run_program({HOTLINE_PROGRAM, "check", "--config", HOTLINE_CONFIG_DIR});
  CHECK_MESSAGE(checked.code == 0, checked.output);
}

TEST_CASE("without a TLS proxy only a loopback address is listened on") {
  broken_configuration config;
  std::string text;
  {
    std::ifstream in(config.path + "/hotline.textproto");
    text.assign(std::istreambuf_iterator<char>(in), {});
  }
  const auto at = text.find("127.0.0.1");
  REQUIRE(at != std::string::npos);
  std::ofstream(config.path + "/hotline.textproto") << text.replace(at, 9, "0.0.0.0");
  const auto served = run_program({HOTLINE_PROGRAM, "serve", "--config", config.path, "--data",
                                   config.directory.path() + "/data"});
  CHECK(served.code == 1);
  CHECK(served.output.find("loopback") != std::string::npos);
}

TEST_CASE("a wrong command line is exit code 2") {
  CHECK(run_program({HOTLINE_PROGRAM}).code == 2);
  CHECK(run_program({HOTLINE_PROGRAM, "serve", "--services", "coffee"}).code == 2);
  CHECK(run_program({HOTLINE_PROGRAM, "serve", "--start-at", "2026-11-25T09:00:00+08:00"}).code ==
        2);
  CHECK(run_program({HOTLINE_PROGRAM, "serve", "--rehearsal", "--rate", "-1"}).code == 2);
  CHECK(run_program({HOTLINE_PROGRAM, "ticket", "show", "42"}).code == 2);
  CHECK(run_program({HOTLINE_PROGRAM, "--help"}).code == 0);
}

TEST_CASE_FIXTURE(hotline_fixture, "two full servers never share a data directory") {
  auto first = serve();
  use(first);
  auto second = serve();
  CHECK(second.wait_exit(std::chrono::seconds(30)) == 3);
  CHECK(second.output().find("another hotline") != std::string::npos);
  CHECK(get("/readyz").status == 200);
}

TEST_CASE_FIXTURE(hotline_fixture,
                  "a data directory is for rehearsals or for real service, for ever") {
  {
    auto rehearsal = serve();
    use(rehearsal);
    rehearsal.send_signal(SIGTERM);
    CHECK(rehearsal.wait_exit(std::chrono::seconds(30)) == 0);
  }
  auto live = serve_live();
  CHECK(live.wait_exit(std::chrono::seconds(60)) == 3);
  CHECK(live.output().find("rehearsal") != std::string::npos);
}

TEST_CASE_FIXTURE(hotline_fixture, "the clock of a rehearsal never goes back") {
  auto server = serve();
  use(server);
  set_clock("2026-12-01T09:00:00+08:00");
  const auto back =
      call(net::method::put, "/v1/clock", administrator, R"({"now":"2026-11-30T09:00:00+08:00"})");
  CHECK(back.status == 409);
  server.send_signal(SIGTERM);
  CHECK(server.wait_exit(std::chrono::seconds(30)) == 0);
  auto earlier = serve({"--start-at", "2026-11-26T09:00:00+08:00"});
  CHECK(earlier.wait_exit(std::chrono::seconds(30)) == 3);
  CHECK(earlier.output().find("never goes back") != std::string::npos);
}

TEST_CASE_FIXTURE(hotline_fixture, "import, repeated import, export, queue and board") {
  const auto file = data() + "-lines.jsonl";
  std::filesystem::create_directories(std::filesystem::path(file).parent_path());
  std::ofstream(file)
      << R"({"source":"SOURCE_PHONE","caller":{"phone":"13800001234"},"matter":{"kind":"KIND_COMPLAINT","category":"wages.arrears","content":"欠薪","region":"370883"}})"
      << "\nno json\n"
      << R"({"source":"SOURCE_PHONE","matter":{"kind":"KIND_COMPLAINT","content":"缺类别"}})"
      << "\n"
      << R"({"intake":{"source":"SOURCE_WEB","caller":{"phone":"13900001234"},"matter":{"kind":"KIND_HELP","category":"wages.arrears","content":"求助","region":"370883"}}})"
      << "\n";
  const auto imported = tool({"import", file});
  CHECK_MESSAGE(imported.code == 1, imported.output);
  CHECK(imported.output.find(":2: ") != std::string::npos);
  CHECK(imported.output.find(":3: ") != std::string::npos);
  CHECK(imported.output.find("新建 2") != std::string::npos);
  const auto again = tool({"import", file});
  CHECK_MESSAGE(again.output.find("新建 0，已有 2，有误 2") != std::string::npos, again.output);

  const auto exported = tool({"export"});
  CHECK(exported.code == 0);
  CHECK(std::ranges::count(exported.output, '\n') == 2);
  CHECK(exported.output.find("138****1234") != std::string::npos);
  CHECK(exported.output.find("13800001234") == std::string::npos);
  CHECK(tool({"export", "--full"}).code == 2);
  CHECK(tool({"export", "--full", "--reason", "  "}).code == 2);
  CHECK(tool({"export", "--reason", "备份"}).code == 2);
  const auto full = tool({"export", "--full", "--reason", "备份"});
  CHECK(full.code == 0);
  CHECK(full.output.find("13800001234") != std::string::npos);
  const auto recorded = tool({"audit", "list", "--action", "ticket.export"}).output;
  CHECK(recorded.find("备份") != std::string::npos);
  CHECK(recorded.find("console-") != std::string::npos);
  const auto imports = tool({"audit", "list", "--action", "ticket.import"}).output;
  CHECK(imports.find(file) != std::string::npos);
  CHECK(imports.find("console-") != std::string::npos);
  {
    auto server = serve_live();
    use(server);
    eventually("both wait at Zoucheng",
               [&] { return get("/v1/queues/370883").text("total") == "2"; });
    const auto queue = tool({"queue", "370883"});
    CHECK(queue.code == 0);
    CHECK_MESSAGE(queue.output.find("共 2 件，待签收 2 件") != std::string::npos, queue.output);
  }
  CHECK(tool({"board"}).output.find("济宁") != std::string::npos);
  CHECK(tool({"queue", "999999"}).code == 1);
  CHECK(tool({"ticket", "show", "3708-20200101-00001"}).code == 1);
}

}  // namespace
}  // namespace hotline::test
