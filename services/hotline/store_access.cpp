#include "services/hotline/store_access.hpp"

#include <utility>

namespace hotline::program {

std::unique_ptr<runtime::store_access> make_store_access(
    const redis::endpoint& where, redis::client_options client, const store::guard& guard,
    store::commit_floor& floor, const deployment& ready, const clock& now, store::key_source keys) {
  client.on_connect = [&guard](redis::exec_function e) { return guard.check(std::move(e)); };
  store::store_options store;
  store.data_set = guard.data_set();
  store.replicas_min = ready.settings().redis().replicas_min();
  return std::unique_ptr<runtime::store_access>(new runtime::store_access{
      where, std::move(client), std::move(store), floor, ready.province(), now, std::move(keys)});
}

}  // namespace hotline::program
