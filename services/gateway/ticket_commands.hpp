// What changes tickets: POST /v1/tickets and POST /v1/tickets/{no}:<verb>.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "common/json/codec.hpp"
#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"
#include "services/gateway/verbs.hpp"

namespace hotline::gateway {

class ticket_commands {
 public:
  ticket_commands(const gateway_parts& parts, const json::codec& codec)
      : parts_(parts), codec_(codec) {}
  ticket_commands(const ticket_commands&) = delete;  // routes point to it
  ticket_commands& operator=(const ticket_commands&) = delete;

  void add_to(api& routes);

 private:
  boost::asio::awaitable<outcome> create(call c);
  boost::asio::awaitable<outcome> change(const ticket_verb& verb, call c);
  boost::asio::awaitable<outcome> merge(call c, v1::Command command, std::string fingerprint);

  boost::asio::awaitable<outcome> carry_out(v1::Command command, std::string fingerprint,
                                            body_format accepted);
  outcome answer(store::run_result done, const v1::Actor& actor, bool is_create,
                 body_format accepted) const;
  /// `no`, unless this very command was carried out before: then its answer.
  boost::asio::awaitable<outcome> repeat_or(net::problem no, v1::Command command,
                                            std::string fingerprint, body_format accepted);
  /// Whether the main ticket exists for this actor and would take the child.
  boost::asio::awaitable<std::optional<net::problem>> check_main(v1::Actor actor,
                                                                 v1::Command listing);
  /// Whether this very command was carried out before.
  boost::asio::awaitable<bool> is_repeat(v1::Command command, std::string fingerprint);

  const gateway_parts& parts_;
  const json::codec& codec_;
};

/// The answer to a command that was carried out, as far as the actor is shown it: 201 and Location
/// for a create, else 200; ETag; and Idempotency-Replayed where it is the answer of an earlier
/// request.
net::response answer_of(store::executed done, const domain::organisation& org,
                        const v1::Actor& actor, bool is_create, body_format accepted,
                        const json::codec& codec);

/// Why a command was not carried out, as a problem.
net::problem problem_of(const store::refusal& refused);

/// Tells a repeated request from another one under the same key: the actor, the route and the
/// meaning of the body. It names people; what the runner keeps of it is keyed.
std::string fingerprint_of(const call& c, const google::protobuf::Message& body);

}  // namespace hotline::gateway
