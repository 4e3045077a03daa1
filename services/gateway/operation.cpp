#include "services/gateway/operation.hpp"

#include <utility>

#include "services/gateway/problems.hpp"

namespace hotline::gateway {

reading<call> accept_call(const operation& op, visitor who, net::request request,
                          net::route_params params) {
  call c;
  c.actor = std::move(who.actor);
  c.session = std::move(who.session);
  if (op.raw) {
    c.request = std::move(request);
    c.params = std::move(params);
    return c;
  }
  std::vector<std::string_view> known;
  for (const query_parameter& parameter : op.query) known.push_back(parameter.name);
  if (auto checked = check_query(request, known); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  if (op.needs_key) {
    auto key = read_idempotency_key(request);
    if (!key) return std::unexpected(std::move(key.error()));
    c.key = std::move(*key);
  }
  if (op.answer != nullptr) {
    const auto accepted = read_accepted(request);
    if (!accepted) return std::unexpected(accepted.error());
    c.accepted = *accepted;
  }
  if (op.body == nullptr && op.file_bytes_max == 0 && !request.body.empty()) {
    return std::unexpected(make_problem(400, "body_not_expected", "此请求不应带有内容。",
                                        "This request takes no body."));
  }
  c.request = std::move(request);
  c.params = std::move(params);
  return c;
}

}  // namespace hotline::gateway
