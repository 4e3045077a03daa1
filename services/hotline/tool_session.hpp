// What a command-line tool works with: the data of a data directory, whether or not it is served.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "common/base/log.hpp"
#include "common/runtime/store_kit.hpp"
#include "common/runtime/task_group.hpp"
#include "common/store/guard.hpp"
#include "common/store/people.hpp"
#include "common/store/register_numbers.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/deployment.hpp"
#include "services/hotline/key_keeper.hpp"
#include "services/hotline/redis_host.hpp"
#include "services/hotline/rehearsal.hpp"

namespace hotline::program {

class tool_session {
 public:
  /// The work of a tool; gives the exit code.
  using tool = std::function<boost::asio::awaitable<int>(tool_session&)>;

  /// Connects to the server's Redis or starts the embedded one for the time being, checks the data
  /// set, runs the tool, and puts everything back. `create`: an empty data directory becomes a
  /// data set; otherwise it is a failure.
  static int run(const command_places& where, bool create, tool work);

  runtime::store_kit& store() { return *kit_; }
  /// Users and sessions; outlived by this.
  store::people_store people() { return {kit_->redis, floor_, access_->options}; }
  /// Which tickets rows of registers were given; outlived by this.
  store::register_numbers register_numbers() {
    return {kit_->redis, floor_, access_->options.data_set};
  }
  store::province_source province() const { return access_->province; }
  /// For parts that make kits or links of their own.
  const runtime::store_access& access() const { return *access_; }
  boost::asio::io_context& context() { return context_; }
  const deployment& ready() const { return deployment_; }
  const std::filesystem::path& data() const { return where_.data; }
  const std::string& data_set() const { return guard_->data_set(); }
  const domain::province& land() const { return *deployment_.land; }
  const clock& now() const;
  key_keeper& keys() { return keys_; }
  /// Ctrl-C.
  runtime::stop_signal& stopping() { return stopping_; }
  runtime::task_group& tasks() { return tasks_; }

 private:
  tool_session(const command_places& where, deployment ready, logger log);

  boost::asio::awaitable<void> work(bool create, tool work, int& code);
  boost::asio::awaitable<result<void>> open(bool create);
  boost::asio::awaitable<result<store::data_set_mode>> find_mode(bool create);

  command_places where_;
  deployment deployment_;
  logger log_;
  boost::asio::io_context context_{1};
  runtime::stop_signal stopping_;
  runtime::task_counters counters_;
  runtime::task_group tasks_;
  store::commit_floor floor_;
  redis_host redis_;
  std::unique_ptr<redis::client> client_;
  std::unique_ptr<store::guard> guard_;
  key_keeper keys_;
  wall_clock wall_clock_;
  rehearsal_clock rehearsal_;
  bool is_rehearsal_ = false;
  std::unique_ptr<runtime::store_access> access_;
  std::unique_ptr<runtime::store_kit> kit_;
};

}  // namespace hotline::program
