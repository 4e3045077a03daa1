// How every part of the program reaches the store: guarded on each new connection.
#pragma once

#include <memory>

#include "common/base/clock.hpp"
#include "common/redis/client.hpp"
#include "common/runtime/store_kit.hpp"
#include "common/store/commit_floor.hpp"
#include "common/store/guard.hpp"
#include "services/hotline/deployment.hpp"

namespace hotline::program {

/// For a data set the guard has confirmed (guard::start). Everything given outlives the access.
std::unique_ptr<runtime::store_access> make_store_access(
    const redis::endpoint& where, redis::client_options client, const store::guard& guard,
    store::commit_floor& floor, const deployment& ready, const clock& now, store::key_source keys);

}  // namespace hotline::program
