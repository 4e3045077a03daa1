#include "services/gateway/ticket_commands.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <cstdint>
#include <utility>
#include <variant>

#include "common/domain/decide.hpp"
#include "common/domain/projection.hpp"
#include "common/domain/rejections.hpp"
#include "common/domain/sight.hpp"
#include "common/domain/ticket_no.hpp"
#include "hotline/v1/api.pb.h"
#include "services/gateway/answers.hpp"
#include "services/gateway/handed_in.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

/// The bytes of a message, the same for equal messages of one program.
std::string stable_bytes(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializePartialToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

/// What a merge leads to on the main ticket, as if the user had asked for it.
v1::Command listing_of(const v1::Actor& who, std::string main_no, std::string child_no) {
  v1::Command listing;
  *listing.mutable_actor() = who;
  listing.set_ticket_no(std::move(main_no));
  listing.mutable_add_merged()->set_child_no(std::move(child_no));
  return listing;
}

operation command_operation(const ticket_verb& verb) {
  return {
      .verb = net::method::post,
      .pattern = "/v1/tickets/{no}:" + std::string(verb.verb),
      .name = std::string(verb.field),
      .summary = std::string(verb.summary),
      .body = body_field(verb).message_type(),
      .answer = v1::CommandAnswer::descriptor(),
      .needs_key = true,
      .takes_version = true,
  };
}

}  // namespace

std::string fingerprint_of(const call& c, const google::protobuf::Message& body) {
  std::string out;
  // None of the parts before the body can hold a line feed.
  for (const std::string_view part :
       {std::string_view(c.actor.unit()), std::string_view(c.actor.user()),
        net::to_string(c.request.verb), std::string_view(c.request.path)}) {
    out += part;
    out += '\n';
  }
  out += stable_bytes(body);
  return out;
}

net::problem problem_of(const store::refusal& refused) {
  if (refused.rejection) return problem_for_rejection(*refused.rejection);
  return net::problem_for(refused.why);
}

net::response answer_of(store::executed done, const domain::organisation& org,
                        const v1::Actor& actor, bool is_create, body_format accepted,
                        const json::codec& codec) {
  const auto shown = done.ticket
                         ? domain::view_of(org, actor, domain::action::read_ticket, *done.ticket)
                         : domain::view();
  domain::project(done.answer, shown);
  net::response answer = make_answer(done.answer, accepted, codec);
  set_version(answer, done.answer.version());
  if (is_create) {
    answer.status = 201;
    answer.headers.emplace_back("Location", "/v1/tickets/" + done.answer.ticket_no());
  }
  if (done.replayed) answer.headers.emplace_back("Idempotency-Replayed", "true");
  return answer;
}

void ticket_commands::add_to(api& routes) {
  routes.add(
      {
          .verb = net::method::post,
          .pattern = "/v1/tickets",
          .name = "create_ticket",
          .summary = "受理或登记",
          .body = v1::CreateTicket::descriptor(),
          .answer = v1::CommandAnswer::descriptor(),
          .success = 201,
          .needs_key = true,
      },
      [this](call c) { return create(std::move(c)); });
  for (const ticket_verb& verb : ticket_verbs()) {
    routes.add(command_operation(verb),
               [this, &verb](call c) { return change(verb, std::move(c)); });
  }
}

awaitable<outcome> ticket_commands::create(call c) {
  v1::Command command;
  if (auto read = read_body(c.request, codec_, *command.mutable_create()); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  std::string fingerprint = fingerprint_of(c, command.create());
  command.set_id(std::move(c.key));
  *command.mutable_actor() = std::move(c.actor);
  auto placed = co_await place_files_of(parts_, command, *command.mutable_create());
  if (!placed) {
    co_return co_await repeat_or(std::move(placed.error()), std::move(command),
                                 std::move(fingerprint), c.accepted);
  }
  co_return co_await carry_out(std::move(command), std::move(fingerprint), c.accepted);
}

awaitable<outcome> ticket_commands::change(const ticket_verb& verb, call c) {
  const std::string& no = c.params.at("no");
  if (!domain::is_ticket_no(no)) co_return std::unexpected(not_found());
  auto version = read_expected_version(c.request);
  if (!version) co_return std::unexpected(std::move(version.error()));
  v1::Command command;
  auto& body = *command.GetReflection()->MutableMessage(&command, &body_field(verb));
  if (auto read = read_body(c.request, codec_, body); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  std::string fingerprint = fingerprint_of(c, body);
  command.set_ticket_no(no);
  command.set_expected_version(*version);
  command.set_id(c.key);
  *command.mutable_actor() = c.actor;
  auto placed = co_await place_files_of(parts_, command, body);
  if (!placed) {
    co_return co_await repeat_or(std::move(placed.error()), std::move(command),
                                 std::move(fingerprint), c.accepted);
  }
  if (command.has_merge()) {
    co_return co_await merge(std::move(c), std::move(command), std::move(fingerprint));
  }
  co_return co_await carry_out(std::move(command), std::move(fingerprint), c.accepted);
}

awaitable<outcome> ticket_commands::carry_out(v1::Command command, std::string fingerprint,
                                              body_format accepted) {
  const bool is_create = command.has_create();
  const v1::Actor actor = command.actor();
  auto done = co_await parts_.runner.run(std::move(command), fingerprint);
  co_return answer(std::move(done), actor, is_create, accepted);
}

outcome ticket_commands::answer(store::run_result done, const v1::Actor& actor, bool is_create,
                                body_format accepted) const {
  if (!done) return std::unexpected(problem_of(done.error()));
  if (done->replayed) parts_.counts.replayed();
  return answer_of(*std::move(done), parts_.province()->org, actor, is_create, accepted, codec_);
}

// A receipt runs out and files of a reply are replaced; what was answered stays answered. The
// command goes no further: its references are not what the ticket keeps.
awaitable<outcome> ticket_commands::repeat_or(net::problem no, v1::Command command,
                                              std::string fingerprint, body_format accepted) {
  const bool is_create = command.has_create();
  const v1::Actor actor = command.actor();
  auto request = parts_.runner.request(command.id(), fingerprint);
  auto known = co_await parts_.tickets.find_request(*std::move(request), parts_.now.now());
  if (!known) co_return std::unexpected(net::problem_for(known.error()));
  if (std::holds_alternative<store::key_reused>(*known)) {
    co_return std::unexpected(net::problem_for(errc::key_reused));
  }
  auto* const answered = std::get_if<store::replayed>(&*known);
  if (answered == nullptr) co_return std::unexpected(std::move(no));
  auto done = co_await parts_.runner.repeat(std::move(command), std::move(answered->answer));
  co_return answer(std::move(done), actor, is_create, accepted);
}

// Merging touches two tickets, perhaps in two shards. The child's commit is the merge; the list of
// the main ticket follows it (services/dispatch), so here is only asked whether the user may have
// it there.
awaitable<outcome> ticket_commands::merge(call c, v1::Command command, std::string fingerprint) {
  v1::Command listing = listing_of(c.actor, command.merge().main_no(), command.ticket_no());
  if (domain::is_ticket_no(listing.ticket_no())) {
    auto refused = co_await check_main(c.actor, listing);
    // What the main ticket has become meanwhile does not change the answer to a repeat.
    if (refused && !co_await is_repeat(command, fingerprint)) {
      co_return std::unexpected(std::move(*refused));
    }
  }
  co_return co_await carry_out(std::move(command), std::move(fingerprint), c.accepted);
}

awaitable<std::optional<net::problem>> ticket_commands::check_main(v1::Actor actor,
                                                                   v1::Command listing) {
  const auto main = co_await parts_.tickets.load(listing.ticket_no());
  if (!main) co_return net::problem_for(main.error());
  const auto land = parts_.province();
  std::optional<v1::Rejection> no;
  const bool known = main->has_value() &&
                     domain::sight_of(land->org, actor, **main).how == domain::sight::extent::whole;
  if (!known) {
    no = domain::reject(v1::REJECT_CODE_TICKET_UNKNOWN, "merge.main-known");
  } else if (auto verdict = domain::decide(&**main, listing, *land, parts_.now.now()); !verdict) {
    no = verdict.error();
  }
  if (!no) co_return std::nullopt;
  no->set_field("main_no");
  net::problem p = problem_for_rejection(*no);
  // The resource of the request is the child; that the main ticket is unknown is about the body.
  if (p.status == 404) p.status = 422;
  co_return p;
}

awaitable<bool> ticket_commands::is_repeat(v1::Command command, std::string fingerprint) {
  auto request = parts_.runner.request(command.id(), fingerprint);
  if (!request) co_return false;
  const auto known = co_await parts_.tickets.find_request(*std::move(request), parts_.now.now());
  co_return known.has_value() && std::holds_alternative<store::replayed>(*known);
}

}  // namespace hotline::gateway
