#include "services/hotline/redis_host.hpp"

#include <fmt/core.h>

#include <charconv>
#include <fstream>
#include <system_error>
#include <utility>

namespace hotline::program {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr auto find_limit = std::chrono::seconds(30);
constexpr auto find_interval = std::chrono::milliseconds(50);

result<void> make_directory(const fs::path& directory) {
  std::error_code bad;
  const bool created = fs::create_directories(directory, bad);
  // Personal data lives here.
  if (!bad && created) fs::permissions(directory, fs::perms::owner_all, bad);
  if (!bad) return {};
  return fail(errc::misconfigured, fmt::format("the data directory {} cannot be used: {}",
                                               directory.string(), bad.message()));
}

/// "10.0.0.5:6379" or "[::1]:6379"; the configuration's check has seen it already.
result<redis::endpoint> tcp_endpoint(const std::string& address) {
  const auto colon = address.rfind(':');
  std::uint16_t port = 0;
  if (colon != std::string::npos) {
    std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  }
  auto host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (port == 0 || host.empty()) {
    return fail(errc::misconfigured,
                fmt::format("services.redis.address is '{}': write '<address>:<port>'", address));
  }
  return redis::endpoint::tcp(std::move(host), port);
}

fs::path endpoint_file(const fs::path& data) { return data / "redis.endpoint"; }

result<void> publish(const fs::path& data, const std::string& socket) {
  const auto file = endpoint_file(data);
  const auto fresh = fs::path(file.string() + ".new");
  std::ofstream out(fresh, std::ios::trunc);
  out << socket << '\n';
  out.close();
  std::error_code bad;
  if (out) fs::rename(fresh, file, bad);
  if (out && !bad) return {};
  return fail(errc::io_error, fmt::format("cannot write {}", file.string()));
}

}  // namespace

result<redis::credentials> credentials_of(const v1::RedisSettings& settings) {
  redis::credentials who;
  if (settings.user().empty() && settings.password_file().empty()) return who;
  if (settings.has_embedded()) {
    return fail(errc::misconfigured,
                "services.redis: the embedded Redis takes no user and no password_file");
  }
  if (settings.password_file().empty()) {
    return fail(errc::misconfigured, "services.redis.user needs a password_file");
  }
  std::ifstream in(settings.password_file());
  if (!std::getline(in, who.password) || who.password.empty()) {
    return fail(errc::misconfigured,
                fmt::format("services.redis.password_file {} has no password in its first line",
                            settings.password_file()));
  }
  who.username = settings.user();
  return who;
}

redis_host::redis_host(asio::any_io_executor executor, v1::RedisSettings settings, fs::path data,
                       logger log)
    : executor_(std::move(executor)),
      settings_(std::move(settings)),
      data_(std::move(data)),
      log_(std::move(log)) {}

asio::awaitable<result<void>> redis_host::open(when_owned otherwise,
                                               runtime::stop_signal& stopping) {
  if (auto made = make_directory(data_); !made) co_return made;
  auto lock = runtime::file_lock::try_take(data_ / "owner.lock");
  if (!lock) co_return pass(lock);
  owner_ = *std::move(lock);
  if (!owner_ && otherwise == when_owned::refuse) {
    co_return fail(errc::misconfigured,
                   fmt::format("another hotline serves the data directory {}; stop it, or name the "
                               "services to add with --services",
                               data_.string()));
  }
  auto who = credentials_of(settings_);
  if (!who) co_return pass(who);
  who_ = *std::move(who);
  if (settings_.has_unix_socket()) {
    where_ = redis::endpoint::unix_socket(settings_.unix_socket());
    co_return redis::validate(where_);
  }
  if (settings_.has_address()) {
    auto given = tcp_endpoint(settings_.address());
    if (!given) co_return pass(given);
    where_ = *std::move(given);
    co_return redis::validate(where_);
  }
  if (owner_) co_return co_await start_embedded();
  co_return co_await find_owner(stopping);
}

asio::awaitable<result<void>> redis_host::start_embedded() {
  std::error_code ignored;
  fs::remove(endpoint_file(data_), ignored);
  redis::embedded_options options;
  options.directory = (data_ / "redis").string();
  const auto& binary = settings_.embedded().server_binary();
  if (!binary.empty()) options.binary = binary;
  server_.emplace(executor_, std::move(options), log_);
  const auto started = co_await server_->start();
  if (!started) co_return started;
  where_ = server_->endpoint();
  co_return publish(data_, where_.path);
}

asio::awaitable<result<void>> redis_host::find_owner(runtime::stop_signal& stopping) {
  const auto deadline = steady_now() + find_limit;
  while (steady_now() < deadline) {
    std::ifstream in(endpoint_file(data_));
    std::string socket;
    if (std::getline(in, socket) && !socket.empty()) {
      where_ = redis::endpoint::unix_socket(std::move(socket));
      co_return redis::validate(where_);
    }
    if (!co_await stopping.sleep_for(find_interval)) {
      co_return fail(errc::cancelled, "stopped");
    }
  }
  co_return fail(errc::unavailable,
                 fmt::format("the owner of the data directory {} does not bring its Redis up",
                             data_.string()));
}

asio::awaitable<void> redis_host::close() {
  if (server_) co_await server_->stop();
}

}  // namespace hotline::program
