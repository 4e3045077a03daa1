#include "services/hotline/demo/demo.hpp"

#include <fmt/core.h>
#include <stdlib.h>

#include <cstdio>

#include "services/hotline/demo/demo_server.hpp"
#include "services/hotline/demo/demo_staff.hpp"
#include "services/hotline/demo/demo_story.hpp"
#include "services/hotline/deployment.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/identity_host.hpp"
#include "services/hotline/tool_session.hpp"

namespace hotline::program {

using boost::asio::awaitable;

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

/// Plays the story; `sign_in` is then how to sign in as the cast.
awaitable<result<void>> play(tool_session& session, std::filesystem::path data,
                             std::vector<demo_case> cases, std::uint16_t port,
                             std::string& sign_in) {
  const auto host = identity_host::open(session.ready().settings(), data);
  if (!host) co_return pass(host);
  demo_staff staff(session, **host);
  if (auto made = co_await staff.make_cast(); !made) co_return made;
  demo_client api(session.context(), port,
                  [&staff](demo_person who) { return staff.make(std::move(who)); });
  demo_story story(api, session.land(), std::move(cases));
  if (auto told = co_await story.play(); !told) co_return told;
  sign_in = staff.sign_in_text(port);
  co_return result<void>{};
}

awaitable<int> play_or_say(tool_session& session, std::filesystem::path data,
                           std::vector<demo_case> cases, std::uint16_t port, std::string& sign_in) {
  const auto told = co_await play(session, std::move(data), std::move(cases), port, sign_in);
  if (told) co_return exit_ok;
  fmt::print(stderr, "hotline: {}\n", to_string(told.error()));
  co_return exit_failed;
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
  const auto port = server->port();
  std::string sign_in;
  const int told =
      tool_session::run({options.config, data.path()}, false, [&](tool_session& session) {
        return play_or_say(session, data.path(), std::move(*cases), port, sign_in);
      });
  if (told != exit_ok || !options.stay) return told;
  server->hold_signals();
  fmt::print("\n{0}\n演练服务继续运行：http://127.0.0.1:{1}，数据目录 {2}；按 Ctrl-C 结束。\n",
             sign_in, port, data.path());
  std::fflush(stdout);
  server->wait();
  return exit_ok;
}

}  // namespace hotline::program
