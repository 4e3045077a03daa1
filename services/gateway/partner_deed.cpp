#include "services/gateway/partner_deed.hpp"

#include <charconv>
#include <utility>

#include "services/gateway/problems.hpp"

namespace hotline::gateway {

reading<std::size_t> read_skip(const net::request& request) {
  const std::string* const text = request.query_value("skip");
  std::size_t skip = 0;
  if (text == nullptr) return skip;
  constexpr std::size_t skip_max = 1'000'000;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), skip);
  if (read.ec == std::errc() && read.ptr == text->data() + text->size() && skip <= skip_max)
    return skip;
  return std::unexpected(
      bad_parameter("skip", "skip 应为非负整数。", "skip is a whole number, not negative."));
}

boost::asio::awaitable<reading<void>> record_deed(const gateway_parts& parts, const call& c,
                                                  partner_deed deed) {
  v1::AuditRecord made;
  made.set_at(to_unix_ms(parts.now.now()));
  *made.mutable_actor() = c.actor;
  made.set_action(std::move(deed.action));
  made.set_object(std::move(deed.object));
  made.set_done(true);
  made.set_reason(std::move(deed.reason));
  made.set_detail(std::move(deed.detail));
  made.set_request_id(c.request.request_id);
  made.set_address(c.request.peer);
  if (parts.audit == nullptr) co_return reading<void>{};
  const auto recorded = co_await parts.audit->append(std::move(made));
  if (!recorded) co_return std::unexpected(net::problem_for(recorded.error()));
  co_return reading<void>{};
}

}  // namespace hotline::gateway
