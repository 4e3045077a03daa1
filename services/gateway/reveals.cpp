#include "services/gateway/reveals.hpp"

#include <algorithm>
#include <string>
#include <utility>

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
  const auto version = read_expected_version(c.request);
  if (!version) co_return std::unexpected(version.error());
  v1::Command command;
  if (auto read = read_body(c.request, codec_, *command.mutable_reveal()); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  std::string fingerprint = fingerprint_of(c, command.reveal());
  command.set_ticket_no(no);
  command.set_expected_version(*version);
  command.set_id(c.key);
  *command.mutable_actor() = c.actor;
  // First the record, then the values: nothing leaves that is not written down. A repeat shows them
  // again under the record of the first time.
  const auto done = co_await parts_.runner.run(command, std::move(fingerprint));
  if (!done) co_return std::unexpected(problem_of(done.error()));
  co_return co_await show(std::move(command), done->answer.version(), c.accepted);
}

awaitable<outcome> reveals::show(v1::Command command, std::int64_t version, body_format accepted) {
  auto loaded = co_await parts_.tickets.load(command.ticket_no());
  if (!loaded) co_return std::unexpected(net::problem_for(loaded.error()));
  if (!loaded->has_value()) co_return std::unexpected(not_found());
  v1::Ticket& ticket = **loaded;
  v1::Revealed shown;
  shown.set_ticket_no(ticket.no());
  shown.set_version(version);
  const auto& asked = command.reveal().fields();
  const auto land = parts_.province();
  // A repeat is answered from its record: what may be read is judged by the ticket as it is now.
  for (const auto& path : asked) {
    if (domain::access_to(land->org, command.actor(), domain::action::reveal, ticket, path) !=
        domain::field_access::full) {
      co_return std::unexpected(not_found());
    }
  }
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
    co_return std::unexpected(net::problem_for(*unreadable));
  }
  net::response answer = make_answer(shown, accepted, codec_);
  set_version(answer, version);
  co_return answer;
}

}  // namespace hotline::gateway
