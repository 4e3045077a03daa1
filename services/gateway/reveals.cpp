#include "services/gateway/reveals.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "common/domain/apply.hpp"
#include "common/domain/permission.hpp"
#include "common/domain/personal.hpp"
#include "common/domain/ticket_no.hpp"
#include "hotline/v1/api.pb.h"
#include "services/gateway/answers.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/ticket_commands.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

void reveals::add_to(api& routes) {
  routes.add({.verb = net::method::post,
              .pattern = "/v1/tickets/{no}:reveal",
              .name = "reveal",
              .summary = "查看个人信息原文：须写明理由，记入工单",
              .body = v1::Reveal::descriptor(),
              .answer = v1::Revealed::descriptor(),
              .needs_key = true,
              .takes_version = true},
             [this](call c) { return reveal(std::move(c)); });
}

awaitable<outcome> reveals::reveal(call c) {
  const std::string& no = c.params.at("no");
  if (!domain::is_ticket_no(no)) co_return std::unexpected(not_found());
  const auto expected = read_expected_version(c.request);
  if (!expected) co_return std::unexpected(expected.error());
  v1::Command command;
  if (auto read = read_body(c.request, codec_, *command.mutable_reveal()); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  std::string fingerprint = fingerprint_of(c, command.reveal());
  command.set_ticket_no(no);
  command.set_expected_version(*expected);
  command.set_id(c.key);
  *command.mutable_actor() = c.actor;
  // First the record, then the values: nothing leaves that is not written down.
  auto done = co_await parts_.runner.run(command, std::move(fingerprint));
  if (!done) co_return std::unexpected(problem_of(done.error()));
  if (!done->ticket || !is_allowed(command, *done->ticket)) co_return std::unexpected(not_found());
  const std::int64_t version = done->answer.version();
  v1::Ticket recorded = *std::move(done->ticket);
  if (recorded.version() != version) {
    // A repeat shows again what its record stands for, not what has been written since.
    auto then = co_await parts_.tickets.history(command.ticket_no(), 1, version);
    if (!then) co_return std::unexpected(net::problem_for(then.error()));
    recorded.Clear();
    for (const v1::Event& event : *then) domain::apply(recorded, event);
  }
  co_return show(command, std::move(recorded), c.accepted);
}

/// A repeat is answered from its record: what may be read is judged by the ticket as it is now.
bool reveals::is_allowed(const v1::Command& command, const v1::Ticket& now) const {
  const auto land = parts_.province();
  return std::ranges::all_of(command.reveal().fields(), [&](const std::string& path) {
    return domain::access_to(land->org, command.actor(), domain::action::reveal, now, path) ==
           domain::field_access::full;
  });
}

outcome reveals::show(const v1::Command& command, v1::Ticket ticket, body_format accepted) const {
  v1::Revealed shown;
  shown.set_ticket_no(ticket.no());
  shown.set_version(ticket.version());
  const auto& asked = command.reveal().fields();
  std::optional<failure> unreadable;
  domain::visit_personal(ticket, [&](std::string_view path, std::string& value) {
    if (std::ranges::find(asked, path) == asked.end()) return;
    auto plain = parts_.vault.open(ticket.no(), path, value);
    if (!plain) {
      unreadable = plain.error();
      return;
    }
    auto& one = *shown.add_values();
    one.set_field(std::string(path));
    one.set_value(*std::move(plain));
  });
  if (unreadable) {
    parts_.log.error("ticket={} has personal data that cannot be read: {}", ticket.no(),
                     to_string(*unreadable));
    return std::unexpected(net::problem_for(*unreadable));
  }
  net::response answer = make_answer(shown, accepted, codec_);
  set_version(answer, shown.version());
  return answer;
}

}  // namespace hotline::gateway
