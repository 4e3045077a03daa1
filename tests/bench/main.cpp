// hotline_bench: the figures the product promises, measured in one run on one machine.
#include <fmt/core.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>

#include "phases.hpp"

namespace {

/// Thousands of clients, here and in the server we start.
void allow_many_sockets() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace hotline::bench;
  ::signal(SIGPIPE, SIG_IGN);
  allow_many_sockets();
  CLI::App app(
      "Measures the hotline: starts its own Redis and server, drives them, prints figures");
  sizes s;
  std::string json_file;
  std::string only;
  bool small = false;
  bool keep = false;
  app.add_option("--json", json_file, "write the figures here as JSON");
  app.add_option("--open", s.open_many, "open tickets for growth, timers and storm");
  app.add_option("--creates", s.creates, "creates of the throughput phase");
  app.add_option(
      "--only", only,
      "one phase: throughput, latency, people, growth, timers, storm, board, verify, live, "
      "backlog or exchange");
  app.add_flag("--small", small, "a minute instead of ten: for trying it out, not for figures");
  app.add_flag("--keep", keep, "leave the working directory behind");
  CLI11_PARSE(app, argc, argv);
  if (small) {
    s.ceiling_commits = 30'000;
    s.creates = 20'000;
    s.open_few = 1'000;
    s.open_many = 20'000;
    s.cost_creates = 5'000;
    s.rate_seconds = 5;
    s.timers = 2'000;
    s.timers_seconds = 4;
    s.storm = 2'000;
    s.overdue = 5'000;
    s.boards = 200;
    s.exchange_items = 5'000;
    s.exchange_backlog = 5'000;
    s.live_idle = 1'000;
    s.live_busy = 200;
    s.live_frozen = 100;
    s.live_seconds = 5;
    s.live_fill_seconds = 3;
  }
  std::string directory =
      (std::filesystem::temp_directory_path() / "hotline-bench-XXXXXX").string();
  if (!::mkdtemp(directory.data())) {
    fmt::print(stderr, "bench: cannot make a directory in {}\n", directory);
    return 1;
  }
  report out;
  int status = 0;
  try {
    world w(directory);
    auto wanted = [&](std::string_view phase) { return only.empty() || only == phase; };
    if (wanted("throughput")) measure_throughput(w, s, out);
    if (!only.empty() && only == "latency") w.start_server();
    if (wanted("latency")) measure_latency(w, s, out);
    if (!only.empty() && only == "people") w.start_server();
    if (wanted("people")) measure_people(w, s, out);
    if (wanted("growth")) measure_growth(w, s, out);
    if (only == "timers" || only == "storm" || only == "board" || only == "verify") {
      // The first start of a data set looks at every ticket's clocks once: before there are any.
      w.start_server();
      fill_up_to(w, s.open_many, 0, 10);
    }
    if (wanted("timers")) measure_timers(w, s, out);
    if (wanted("storm")) measure_storm(w, s, out);
    if (wanted("board")) measure_board(w, s, out);
    if (wanted("verify")) measure_verify(w, out);
    if (wanted("live")) measure_live(w, s, out);
    if (wanted("backlog")) measure_backlog(w, s, out);
    if (wanted("exchange")) measure_exchange(w, s, out);
    fmt::print("\n{}\n", out.table());
    if (!json_file.empty()) std::ofstream(json_file) << out.json() << '\n';
    status = out.good() ? 0 : 2;
  } catch (const std::exception& e) {
    fmt::print(stderr, "bench: {} (the directory {} is kept)\n", e.what(), directory);
    return 1;
  }
  if (!keep) std::filesystem::remove_all(directory);
  return status;
}
