// What the resources of sessions and users work with.
#pragma once

#include "common/base/clock.hpp"
#include "common/identity/hash_pool.hpp"
#include "common/identity/options.hpp"
#include "common/identity/secret_box.hpp"
#include "common/identity/user_desk.hpp"
#include "common/store/people.hpp"
#include "services/gateway/session_cache.hpp"

namespace hotline::gateway {

/// Made by main, outlives the gateway. Pool, options, box and clock are shared by the threads.
struct identity_parts {
  store::people_store& people;
  identity::hash_pool& pool;
  identity::user_desk& desk;
  const identity::identity_options& options;
  const identity::secret_box& box;
  const clock& real;  ///< never a rehearsal's
  session_cache& sessions;
  bool tls = false;  ///< our pages are https
};

}  // namespace hotline::gateway
