#include "common/store/seal_verify.hpp"

#include <utility>

#include "common/store/seal_verifier.hpp"

namespace hotline::store {

std::string_view to_string(tampering kind) {
  switch (kind) {
    case tampering::chain_unreadable: return "chain_unreadable";
    case tampering::chain_broken: return "chain_broken";
    case tampering::chain_gap: return "chain_gap";
    case tampering::chain_rewritten: return "chain_rewritten";
    case tampering::chain_cut: return "chain_cut";
    case tampering::event_differs: return "event_differs";
    case tampering::event_missing: return "event_missing";
    case tampering::event_unsealed: return "event_unsealed";
    case tampering::event_twice: return "event_twice";
    case tampering::event_foreign: return "event_foreign";
    case tampering::record_differs: return "record_differs";
    case tampering::record_missing: return "record_missing";
    case tampering::record_unsealed: return "record_unsealed";
  }
  return "unknown";
}

boost::asio::awaitable<result<seal_report>> verify_seals(redis::client& redis,
                                                         seal_verify_options options) {
  seal_verifier work(redis, std::move(options));
  co_return co_await work.run();
}

}  // namespace hotline::store
