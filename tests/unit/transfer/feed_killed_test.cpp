// Who works at a partner's message may be killed between any two of its commands: whoever goes on
// completes it, and nothing happens twice.
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "common/crypto/digest.hpp"
#include "common/domain/exchange_in.hpp"
#include "services/transfer/attachment_fetcher.hpp"
#include "tests/unit/transfer/feed_kit.hpp"

namespace hotline::test {
namespace {

constexpr const char* sha_a = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* sha_b = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9";

struct killed_fixture : feed_kit {
  /// A ticket of theirs, known to both sides.
  void have_ticket() {
    told(v1::PARTNER_EVENT_KIND_CREATE);
    work();
  }
  /// Somebody of ours does the next step; `body` is the rest of the command as text.
  void step(v1::Role role, const char* unit, const char* body) {
    CAPTURE(body);
    auto command = command_of(our_no(), role, unit);
    REQUIRE(google::protobuf::TextFormat::MergeFromString(body, &command));
    const auto made = run(runner->run(std::move(command)));
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : to_string(made.error().why)));
  }
  void have_reviewed_ticket() {
    have_ticket();
    step(v1::ROLE_DISPATCHER, "370000", "dispatch { unit: '370883' advice: '请核实' }");
    step(v1::ROLE_OFFICER, "370883", "sign {}");
    step(v1::ROLE_OFFICER, "370883",
         "record_contact { contacted_at: 1795395600000 reached: true result: '已联系' }");
    step(v1::ROLE_OFFICER, "370883",
         "reply { reply { result: RESULT_SOLVED text: '工资已付' amount_paid_fen: 300000 "
         "people_helped: 1 } }");
    step(v1::ROLE_SUPERVISOR, "370800", "review { pass: true }");
    REQUIRE(ticket(our_no()).state() == v1::STATE_REVIEWED);
  }

  /// Does the first commands of the message as a worker does, and is killed; how many it has.
  std::size_t die_after(std::size_t commands, const v1::FeedItem& item) {
    const auto no = our_no();
    const auto before = *run(tickets->load(no));
    v1::FeedItem words = item;
    transfer::take_out_files(*words.mutable_event(), no);
    auto all = domain::commands_of(words, link().partner.config(), before ? &*before : nullptr, {},
                                   *shipped_province(), clock.now())
                   .commands;
    REQUIRE(commands <= all.size());
    const auto id = "feed:" + crypto::to_hex(link().vault.print(item.event().SerializeAsString()));
    for (std::size_t place = 0; place < commands; ++place) {
      auto& command = all.at(place);
      command.set_id(domain::feed_command_id(id, place, item.event()));
      command.set_ticket_no(no);
      REQUIRE(run(kit.runner.run(std::move(command), id)));
    }
    return all.size();
  }
};

/// What the ticket has become, without the instants and numbers that differ from run to run.
std::string effect_of(killed_fixture& f) {
  std::string kinds;
  for (const auto& event : f.history(f.our_no())) {
    kinds += v1::EventKind_Name(event.kind()) + " ";
  }
  const auto ticket = f.ticket(f.our_no());
  const auto orders = f.run(f.link().fetches.take(f.clock.now(), milliseconds(1000), 10));
  return fmt::format("{} {} orders={} due={}", kinds, v1::State_Name(ticket.state()),
                     orders->size(), ticket.intake().partner_due_at());
}

struct message_row {
  std::string_view what;
  v1::PartnerEventKind kind;
  std::size_t commands;
  void (killed_fixture::*prepare)();
  void (*fill)(v1::PartnerEvent&);
};

void nothing(v1::PartnerEvent& /*event*/) {}

void people_and_two_files(v1::PartnerEvent& event) {
  event.mutable_intake()->mutable_matter()->set_people(12);
  for (const char* sha : {sha_a, sha_b}) {
    auto& file = *event.add_attachments();
    file.set_name("工资条.png");
    file.set_reference(store::stored_reference(sha));
    file.set_sha256(sha);
    file.set_size_bytes(9);
  }
}

void reason_and_due(v1::PartnerEvent& event) {
  event.set_text("回访未解决");
  event.set_due_at(to_unix_ms(monday + std::chrono::days(20)));
}

void reason(v1::PartnerEvent& event) { event.set_text("重复派单"); }

const message_row rows[] = {
    {"a new ticket", v1::PARTNER_EVENT_KIND_CREATE, 1, nullptr, nothing},
    {"an addition with files", v1::PARTNER_EVENT_KIND_SUPPLEMENT, 1, &killed_fixture::have_ticket,
     people_and_two_files},
    // After its first command the ticket is one that would ask for other commands.
    {"a rework until another day", v1::PARTNER_EVENT_KIND_REWORK, 2,
     &killed_fixture::have_reviewed_ticket, reason_and_due},
    {"a withdrawal", v1::PARTNER_EVENT_KIND_WITHDRAW, 1, &killed_fixture::have_ticket, reason},
};

/// The effect with a death after so many commands; nothing: the worker lives.
std::string effect_with_death(const message_row& row, std::optional<std::size_t> after) {
  killed_fixture f;
  if (row.prepare != nullptr) (f.*row.prepare)();
  const auto item = f.told(row.kind, 0, row.fill);
  if (after) CHECK(f.die_after(*after, item) == row.commands);
  f.work();
  CHECK(f.reviews().empty());
  CHECK(f.waiting().items.empty());
  return effect_of(f);
}

TEST_CASE("killed after any of a message's commands, it has the effect of one that was not") {
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const auto whole = effect_with_death(row, std::nullopt);
    for (std::size_t after = 0; after <= row.commands; ++after) {
      CAPTURE(after);
      CHECK(effect_with_death(row, after) == whole);
    }
  }
}

TEST_CASE("others may have moved the ticket between the death and who goes on") {
  killed_fixture f;
  f.have_reviewed_ticket();
  const auto item = f.told(v1::PARTNER_EVENT_KIND_REWORK, 0, reason_and_due);
  f.die_after(1, item);
  f.step(v1::ROLE_OPERATOR, "370000", "annotate { text: '来电人补充' }");
  f.work();
  const auto ticket = f.ticket(f.our_no());
  CHECK(ticket.intake().partner_due_at() == item.event().due_at());
  CHECK(f.times(v1::EVENT_KIND_REWORK_ORDERED) == 1);
  CHECK(f.reviews().empty());
}

TEST_CASE("killed long ago: what was done is found behind all that came after it") {
  killed_fixture f;
  f.have_reviewed_ticket();
  const auto item = f.told(v1::PARTNER_EVENT_KIND_REWORK, 0, reason_and_due);
  f.die_after(1, item);
  f.pass(std::chrono::hours(1));
  constexpr int many = 60;  // more events than are looked at first
  for (int i = 0; i < many; ++i) {
    f.step(v1::ROLE_OPERATOR, "370000", "annotate { text: '来电人补充' }");
  }
  f.work();
  CHECK(f.ticket(f.our_no()).intake().partner_due_at() == item.event().due_at());
  CHECK(f.times(v1::EVENT_KIND_REWORK_ORDERED) == 1);
  CHECK(f.times(v1::EVENT_KIND_ANNOTATED) == many);
  CHECK(f.waiting().items.empty());
  CHECK(f.reviews().empty());
}

}  // namespace
}  // namespace hotline::test
