#include "common/store/verify.hpp"

#include "common/store/verifier.hpp"

namespace hotline::store {

std::string_view to_string(damage kind) {
  switch (kind) {
    case damage::ticket_unreadable: return "ticket_unreadable";
    case damage::history_unreadable: return "history_unreadable";
    case damage::history_gap: return "history_gap";
    case damage::history_differs: return "history_differs";
    case damage::history_orphan: return "history_orphan";
    case damage::entry_missing: return "entry_missing";
    case damage::entry_wrong: return "entry_wrong";
    case damage::entry_extra: return "entry_extra";
    case damage::outbox_differs: return "outbox_differs";
    case damage::merge_differs: return "merge_differs";
    case damage::head_unreadable: return "head_unreadable";
    case damage::wrong_type: return "wrong_type";
  }
  return "unknown";
}

boost::asio::awaitable<result<verify_report>> verify(redis::client& redis, verify_options options) {
  verifier work(redis, std::move(options));
  co_return co_await work.run();
}

}  // namespace hotline::store
