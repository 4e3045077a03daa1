#include "services/hotline/demo/demo.hpp"

#include <fmt/core.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "services/hotline/demo/demo_server.hpp"
#include "services/hotline/demo/demo_story.hpp"
#include "services/hotline/deployment.hpp"
#include "services/hotline/exit_code.hpp"

namespace hotline::program {
namespace {

/// A directory that goes with the demo.
class scratch {
 public:
  scratch() : path_((std::filesystem::temp_directory_path() / "hotline-demo-XXXXXX").string()) {
    made_ = ::mkdtemp(path_.data()) != nullptr;
  }
  ~scratch() {
    std::error_code ignored;  // what cannot be removed is in the temporary directory anyway
    if (made_) std::filesystem::remove_all(path_, ignored);
  }
  scratch(const scratch&) = delete;
  bool made() const { return made_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool made_ = false;
};

result<void> play(const domain::province& land, std::vector<demo_case> cases, std::uint16_t port) {
  boost::asio::io_context context(1);
  demo_client api(context, port);
  demo_story story(api, land, std::move(cases));
  result<void> end = fail(errc::internal, "the story did not end");
  boost::asio::co_spawn(context, story.play(), [&](std::exception_ptr thrown, result<void> r) {
    if (thrown) std::rethrow_exception(thrown);
    end = std::move(r);
  });
  context.run();
  return end;
}

}  // namespace

int demo(const demo_options& options) {
  const auto ready = load_deployment(options.config);
  if (!ready) return exit_failed;
  auto cases = read_demo_cases(options.cases);
  if (!cases) {
    fmt::print(stderr, "hotline: {}\n", to_string(cases.error()));
    return exit_failed;
  }
  const scratch data;
  if (!data.made()) {
    fmt::print(stderr, "hotline: cannot make a directory for the demo in {}\n", data.path());
    return exit_failed;
  }
  auto server = demo_server::start(options.config, data.path());
  if (!server) {
    fmt::print(stderr, "hotline: {}\n", server.error().detail);
    return exit_failed;
  }
  fmt::print("【演练】虚拟时钟，{} 个报道案例，服务在 http://127.0.0.1:{}\n\n", cases->size(),
             server->port());
  std::fflush(stdout);
  const auto told = play(*ready->land, std::move(*cases), server->port());
  if (!told) {
    fmt::print(stderr, "hotline: {}\n", to_string(told.error()));
    return exit_failed;
  }
  if (!options.stay) return exit_ok;
  fmt::print(
      "\n演练服务继续运行：http://127.0.0.1:{0}/v1/board?unit=370000（需带 X-Hotline-* "
      "请求头）\n  curl -s -H 'X-Hotline-User: me' -H 'X-Hotline-Unit: 370000' -H 'X-Hotline-Role: "
      "ROLE_SUPERVISOR' 'http://127.0.0.1:{0}/v1/board?unit=370000'\n按 Ctrl-C 结束。\n",
      server->port());
  std::fflush(stdout);
  server->wait();
  return exit_ok;
}

}  // namespace hotline::program
