#include "common/store/function_call.hpp"

#include <utility>
#include <vector>

#include "common/redis/reply_error.hpp"
#include "common/store/keys.hpp"

namespace hotline::store {
namespace {

redis::command call(std::string_view verb, std::string_view function,
                    std::span<const std::string> keys) {
  redis::command command(verb, function, keys.size());
  for (const auto& key : keys) command.add(key);
  return command;
}

}  // namespace

redis::command function_call(std::string_view function, std::span<const std::string> keys) {
  return call("FCALL", function, keys);
}

redis::command function_query(std::string_view function, std::span<const std::string> keys) {
  return call("FCALL_RO", function, keys);
}

redis::command partner_call(std::string_view function, std::string_view partner,
                            std::string_view data_set) {
  const std::vector<std::string> keys{partner_head_key(partner)};
  auto command = function_call(function, keys);
  command.add(data_set);
  return command;
}

failure failure_of_function(failure f) {
  if (f.code != errc::refused) return f;
  if (redis::is_error_reply(f, "HLCORRUPT")) f.code = errc::corrupt_data;
  if (redis::is_error_reply(f, "HLDATASET")) f.code = errc::wrong_data_set;
  if (redis::is_error_reply(f, "HLARGUMENT")) f.code = errc::internal;
  if (f.detail.starts_with("ERR Function not found")) f.code = errc::unavailable;
  return f;
}

boost::asio::awaitable<result<redis::reply>> call_function(redis::client& redis,
                                                           redis::command command) {
  auto answer = co_await redis.exec(std::move(command));
  if (!answer) co_return std::unexpected(failure_of_function(answer.error()));
  co_return *std::move(answer);
}

}  // namespace hotline::store
