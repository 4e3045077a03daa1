#include "tests/unit/transfer/transfer_fixture.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <google/protobuf/text_format.h>

#include <utility>

namespace hotline::test {
namespace {

exchange::partner_book book_of(std::vector<v1::Partner> partners, transfer_fixture& f) {
  std::vector<exchange::partner> ready;
  for (auto& config : partners) {
    const auto& server = f.servers.try_emplace(config.name(), f.redis.context).first->second;
    if (config.outbound().has_url()) config.mutable_outbound()->set_url(server.url("/told"));
    if (const auto path = config.attachments().upload_url(); path.starts_with("/"))
      config.mutable_attachments()->set_upload_url(server.url(path));
    if (config.inbound().has_pull()) {
      auto& pull = *config.mutable_inbound()->mutable_pull();
      if (pull.url().starts_with("/")) pull.set_url(server.url(pull.url()));
    }
    auto made = exchange::partner::compile(config, *shipped_province());
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : domain::join_mistakes(made.error())));
    ready.push_back(*std::move(made));
  }
  return exchange::partner_book(std::move(ready));
}

runtime::store_access access_of(transfer_fixture& f) {
  return {.where = f.redis.server.endpoint(),
          .client = {},
          .options = f.options(),
          .floor = f.floor,
          .province = f.province(),
          .now = f.clock,
          .keys = keys_for_tests()};
}

}  // namespace

v1::Partner talkative_partner(const std::string& name, const std::string& unit) {
  v1::Partner made;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(R"(
    title: "小平台" source: SOURCE_HOTLINE_12345 internal: true
    outbound {
      url: "http://127.0.0.1:1/"
      format { syntax: SYNTAX_JSON }
      events { kind: PARTNER_EVENT_KIND_CREATE theirs: "create" }
      events { kind: PARTNER_EVENT_KIND_ACCEPT theirs: "accept" }
      events { kind: PARTNER_EVENT_KIND_PROGRESS theirs: "progress" }
      events { kind: PARTNER_EVENT_KIND_SIGN theirs: "sign" }
      events { kind: PARTNER_EVENT_KIND_URGE theirs: "urge" }
      events { kind: PARTNER_EVENT_KIND_FINISH theirs: "finish" }
      events { kind: PARTNER_EVENT_KIND_WITHDRAW theirs: "withdraw" }
      fields { theirs: "event" ours: "kind" }
      fields { theirs: "no" ours: "external_no" }
      fields { theirs: "ours" ours: "ticket_no" }
      fields { theirs: "serial" ours: "serial" }
      fields { theirs: "text" ours: "text" }
      fields { theirs: "phone" ours: "intake.caller.phone" events: [PARTNER_EVENT_KIND_CREATE] }
      answer_code_path: "code" answer_ok: "0" answer_final: "9"
      answer_message_path: "message" answer_external_no_path: "no"
    }
    consent_needed: true
    personal_fields: ["caller.phone"])",
                                                        &made));
  made.set_name(name);
  made.set_unit(unit);
  return made;
}

transfer_fixture::transfer_fixture(std::vector<v1::Partner> partners)
    : access(access_of(*this)),
      kit(redis.context.get_executor(), access, "transfer-test", quiet_log()),
      links(book_of(std::move(partners), *this), kit, access, counters) {
  redis.wait_connected(kit.redis);
  REQUIRE(run(links.adopt()));
}

std::string transfer_fixture::sent_in(const std::string& external_no) {
  auto command = create_command();
  auto& intake = *command.mutable_create()->mutable_intake();
  intake.set_source(v1::SOURCE_HOTLINE_12345);
  intake.set_external_no(external_no);
  intake.set_external_partner(partner_unit);
  auto made = run(runner->run(std::move(command)));
  REQUIRE_MESSAGE(made.has_value(), (made ? "" : to_string(made.error().why)));
  return made->answer.ticket_no();
}

std::string transfer_fixture::handed_over(const std::string& unit) {
  auto command = create_command();
  command.mutable_create()->mutable_intake()->mutable_caller()->set_consent_to_share(true);
  auto made = run(runner->run(std::move(command)));
  REQUIRE(made);
  const auto no = made->answer.ticket_no();
  auto over = command_of(no, v1::ROLE_DISPATCHER, "370000");
  over.mutable_transfer_out()->set_partner(unit);
  over.mutable_transfer_out()->set_reason("不属工会职责");
  made = run(runner->run(std::move(over)));
  REQUIRE_MESSAGE(made.has_value(), (made ? "" : to_string(made.error().why)));
  return no;
}

store::message_id transfer_fixture::put(transfer::partner_link& to, int serial,
                                        std::int64_t version, v1::PartnerEventKind kind) {
  store::message_id id{fmt::format("3708-20261123-{:05}", serial), version};
  v1::OutMessage message;
  auto& event = *message.mutable_event();
  event.set_kind(kind);
  event.set_ticket_no(id.ticket_no);
  event.set_serial(to_string(id));
  event.set_text("进展");
  REQUIRE(*run(to.queue.put(id, std::move(message), clock.now())));
  return id;
}

}  // namespace hotline::test
