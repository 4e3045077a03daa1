#include "common/store/waiting_page.hpp"

#include "common/store/stored_number.hpp"

namespace hotline::store {

using boost::asio::awaitable;

awaitable<result<waiting_page>> read_waiting(redis::client& redis, std::string key,
                                             std::size_t skip, std::size_t limit) {
  std::vector<redis::command> questions;
  questions.emplace_back("ZCARD", key);
  if (limit > 0) questions.emplace_back("ZRANGE", key, skip, skip + limit - 1, "WITHSCORES");
  const auto replies = co_await redis.exec_all(std::move(questions));
  for (const auto& reply : replies) {
    if (!reply) co_return pass(reply);
  }
  waiting_page page;
  page.total = replies[0]->integer();
  if (limit == 0) co_return page;
  const auto& listed = *replies[1];
  for (std::size_t i = 0; i + 1 < listed.size(); i += 2) {
    page.entries.push_back({std::string(listed.at(i).string()),
                            from_unix_ms(whole_number(listed.at(i + 1).string()))});
  }
  co_return page;
}

}  // namespace hotline::store
