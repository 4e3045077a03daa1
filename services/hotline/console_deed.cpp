#include "services/hotline/console_deed.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <utility>

#include "common/store/audit_log.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/user_office.hpp"

namespace hotline::program {

boost::asio::awaitable<result<void>> record_deed(tool_session& session, console_deed deed) {
  v1::AuditRecord made;
  made.set_at(to_unix_ms(session.now().now()));
  made.mutable_actor()->set_user(console_user());
  made.set_action(std::move(deed.action));
  made.set_object(std::move(deed.object));
  made.set_done(true);
  made.set_reason(std::move(deed.reason));
  made.set_detail(std::move(deed.detail));
  store::audit_log log(session.store().redis, session.data_set());
  co_return co_await log.append(std::move(made));
}

int complain(const failure& why) {
  fmt::print(stderr, "hotline: {}\n", why.detail);
  return exit_failed;
}

}  // namespace hotline::program
