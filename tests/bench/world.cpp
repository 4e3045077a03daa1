#include "world.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <google/protobuf/text_format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>
#include <stdexcept>

#include "common/domain/civil.hpp"
#include "common/domain/reaction.hpp"
#include "common/redis/stream_consumer.hpp"
#include "common/runtime/config_loader.hpp"
#include "common/store/keys.hpp"
#include "tests/support/people.hpp"

namespace hotline::bench {
namespace {

logger quiet() { return {make_null_sink(), "bench"}; }

template <class T>
T must(result<T> value, std::string_view what) {
  if (!value) throw std::runtime_error(fmt::format("{}: {}", what, to_string(value.error())));
  if constexpr (!std::is_void_v<T>) return std::move(*value);
}

/// Lets go of what the page cache holds of the files below a directory. Pages that are written next
/// are then taken from memory in use a moment ago; a virtual machine pays dearly for the first
/// touch of memory it never had.
void drop_cached(const std::filesystem::path& directory) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    const int file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
  }
}

std::vector<std::string> shards_of(const domain::province& land) {
  return {land.org.shards().begin(), land.org.shards().end()};
}

}  // namespace

own_redis::own_redis(boost::asio::io_context& context, const std::filesystem::path& directory,
                     const domain::province& land, store::data_set_mode mode)
    : context_(context), directory_(directory) {
  std::filesystem::create_directories(directory);
  redis::embedded_options options;
  options.directory = directory.string();
  server_ = std::make_unique<redis::embedded_server>(context.get_executor(), options, quiet());
  must(test::run_coro(context, server_->start()), "redis-server");
  redis::client_options link;
  link.pending_max = 1'000'000;
  link.command_timeout = milliseconds(60'000);
  client_ =
      std::make_unique<redis::client>(context.get_executor(), server_->endpoint(), link, quiet());
  client_->start();
  must(test::run_coro(context, client_->wait_connected(steady_now() + std::chrono::seconds(10))),
       "connect");
  store::guard_options watch;
  watch.state_file = (directory / "bench-state").string();
  watch.shards = shards_of(land);
  watch.mode = mode;
  store::guard guard(watch, floor_, quiet());
  auto exec = [this](redis::command c) { return client_->exec(std::move(c)); };
  must(test::run_coro(context, guard.start(exec)), "guard");
  data_set_ = guard.data_set();
  store_ = std::make_unique<store::ticket_store>(*client_, floor_,
                                                 store::store_options{.data_set = data_set_});
}

own_redis::~own_redis() {
  client_->stop();
  test::run_coro(context_, server_->stop(), std::chrono::seconds(30));
}

std::string own_redis::socket() const { return server_->endpoint().path; }

redis::reply own_redis::exec(redis::command command) {
  return must(
      test::run_coro(context_, client_->exec(std::move(command)), std::chrono::seconds(120)),
      "redis");
}

long long own_redis::info(const std::string& section, const std::string& name) {
  const auto text = exec(redis::command("INFO", section));
  const std::string body(text.string());
  const auto at = body.find("\n" + name + ":");
  if (at == std::string::npos) return -1;
  return std::stoll(body.substr(at + name.size() + 2));
}

double own_redis::function_us(const std::string& command) {
  const auto text = exec(redis::command("INFO", "commandstats"));
  const std::string body(text.string());
  const auto at = body.find("cmdstat_" + command + ":");
  const auto usec = body.find("usec=", at);
  if (at == std::string::npos || usec == std::string::npos) return 0;
  return std::stod(body.substr(usec + 5));
}

void own_redis::settle() {
  exec(redis::command("CONFIG", "SET", "auto-aof-rewrite-percentage", 0));
  while (info("persistence", "aof_rewrite_in_progress") != 0 ||
         info("persistence", "aof_rewrite_scheduled") != 0) {
    ::usleep(200'000);
  }
  drop_cached(directory_);
}

world::world(std::filesystem::path directory) : directory_(std::move(directory)) {
  std::filesystem::create_directories(directory_);
  auto config = must(runtime::load_config(HOTLINE_CONFIG_DIR), "config");
  land_ = std::make_unique<domain::province>(must(domain::build_province(config), "province"));
  redis_ = std::make_unique<own_redis>(context_, directory_ / "redis", *land_, mode_);
  write_config();
}

world::~world() {
  stop_server();
  redis_.reset();
}

void world::renew_redis(store::data_set_mode mode) {
  redis_.reset();
  ++renewed_;
  mode_ = mode;
  redis_ = std::make_unique<own_redis>(context_, directory_ / ("redis-" + std::to_string(renewed_)),
                                       *land_, mode_);
  write_config();
}

void world::set_partner(const v1::Partner& partner, std::string_view secret) {
  v1::HotlineConfig config;
  *config.add_partners() = partner;
  google::protobuf::TextFormat::PrintToString(config, &partners_);
  const auto secrets = directory_ / "secrets";
  std::filesystem::create_directories(secrets);
  std::filesystem::permissions(secrets, std::filesystem::perms::owner_all);
  for (const auto* signature : {&partner.inbound().signature(), &partner.outbound().signature()})
    for (const auto& key : signature->keys())
      std::ofstream(secrets / key.secret_file()) << secret << '\n';
  write_config();
}

void world::write_config() const {
  const auto config = directory_ / "config";
  std::filesystem::copy(
      HOTLINE_CONFIG_DIR, config,
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  std::ofstream out(config / "hotline.textproto");
  out << fmt::format(
      "services {{ redis {{ unix_socket: \"{}\" }} "
      "gateway {{ listen_address: \"127.0.0.1\" port: 0 connections_max: 20000 }} "
      "live {{ sockets_per_user_max: 20000 }} transfer {{ secrets_directory: \"{}\" }} "
      "log_level: \"warn\" }}\n",
      redis_->socket(), (directory_ / "secrets").string());
  if (partners_.empty()) return;
  for (const auto& file : std::filesystem::directory_iterator(config / "partners"))
    if (file.is_regular_file()) std::filesystem::remove(file.path());
  std::ofstream(config / "partners" / "partner.textproto") << partners_;
}

std::filesystem::path world::data_directory() const {
  return directory_ / ("server-" + std::to_string(renewed_));
}

void world::start_server(const std::string& services) {
  const auto data = data_directory();
  std::filesystem::create_directories(data);
  std::vector<std::string> command = {HOTLINE_BINARY, "serve",
                                      "--config",     (directory_ / "config").string(),
                                      "--data",       data.string()};
  if (mode_ == store::data_set_mode::rehearsal) {
    command.push_back("--rehearsal");
    // The clock goes on from where it stood at the end.
    if (!std::filesystem::exists(data / "data_set.state")) {
      command.insert(command.end(),
                     {"--start-at", domain::format_rfc3339(wall_clock().now()), "--rate", "1"});
    }
  }
  if (!services.empty()) command.insert(command.end(), {"--services", services});
  server_ = std::make_unique<child>(std::move(command), (directory_ / "server.log").string());
  const auto port = server_->wait_for("http://127.0.0.1:", std::chrono::seconds(60));
  if (!port) throw std::runtime_error("the server did not start; see server.log in the directory");
  std::from_chars(port->data(), port->data() + port->size(), port_);
  // Not every set of services has a gateway to sign in at.
  if (port_ == 0) return;
  const test::person operator_of_province{"u001", "370000", "ROLE_OPERATOR"};
  must(test::make_person(context_, redis_->client(), operator_of_province), "operator");
  net::http_client http(context_, "127.0.0.1", port_);
  operator_headers_ = must(test::sign_in(context_, http, operator_of_province), "sign-in");
  http.close();
}

net::field_list world::headers_of(const std::string& unit, const std::string& role) {
  auto& known = signed_in_[unit + '/' + role];
  if (!known.empty()) return known;
  const test::person who{"b" + std::to_string(signed_in_.size()), unit, role};
  must(test::make_person(context_, redis_->client(), who), "a user");
  net::http_client http(context_, "127.0.0.1", port_);
  known = must(test::sign_in(context_, http, who), "sign-in");
  http.close();
  return known;
}

void world::stop_server() {
  if (server_) server_->stop();
  server_.reset();
  signed_in_.clear();
}

std::optional<finished_program> world::run_tool(const std::string& verb) const {
  return run_program({HOTLINE_BINARY, verb, "--config", (directory_ / "config").string(), "--data",
                      data_directory().string()});
}

void world::forget_outbox() {
  for (const auto shard : land_->org.shards()) {
    for (const auto lane : domain::reaction_lanes) {
      // Made here when the server has not run yet, so that its services start behind the filling.
      const auto key = store::lane_key(shard, lane);
      test::run_coro(context_, redis_->client().exec(
                                   redis::command("XGROUP", "CREATE", key, lane, "$", "MKSTREAM")));
      redis_->exec(redis::command("XGROUP", "SETID", key, lane, "$"));
      redis_->exec(redis::command("XTRIM", key, "MAXLEN", "0"));
    }
    const auto key = store::events_key(shard);
    // There only where a partner is; it must not miss what is taken away here, either.
    test::run_coro(context_,
                   redis_->client().exec(redis::command("XGROUP", "SETID", key, "transfer", "$")));
    redis_->exec(redis::command("XTRIM", key, "MAXLEN", "0"));
    // The audit chain is not to miss it, either: what was added and not sealed is known.
    constexpr auto skip =
        "if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end "
        "local added = redis.call('XINFO', 'STREAM', KEYS[1])[12] "
        "local sealed = redis.call('HGET', KEYS[3], 'e') or 0 "
        "return redis.call('HSET', KEYS[2], 'skipped', added - sealed)";
    redis_->exec(
        redis::command("EVAL", skip, 3, key, store::head_key(shard), store::seal_head_key(shard)));
  }
}

}  // namespace hotline::bench
