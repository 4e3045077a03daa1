#include "tests/store/store_fixture.hpp"

#include <fmt/core.h>

#include "common/domain/apply.hpp"
#include "common/runtime/config_loader.hpp"

namespace hotline::test {
namespace {

v1::Event next_event(const v1::Ticket& before, const std::string& no, v1::EventKind kind) {
  v1::Event event;
  event.set_ticket_no(no);
  event.set_version(before.version() + 1);
  event.set_at(to_unix_ms(monday));
  event.set_kind(kind);
  event.mutable_actor()->set_user("u1");
  event.mutable_actor()->set_unit("370000");
  event.mutable_actor()->set_role(v1::ROLE_OPERATOR);
  return event;
}

ticket_step step_of(const v1::Ticket& before, v1::Event event) {
  ticket_step step{before, {std::move(event)}};
  domain::apply(step.ticket, step.events.front());
  return step;
}

void set_clock(v1::Clock& clock, const std::string& unit, instant due) {
  clock.set_kind(v1::CLOCK_KIND_HANDLE);
  clock.set_assignment(1);
  clock.set_state(v1::CLOCK_STATE_RUNNING);
  clock.set_unit(unit);
  clock.set_limit("5wd");
  clock.set_started_at(to_unix_ms(monday));
  clock.set_due_at(to_unix_ms(due));
  auto& milestone = *clock.add_milestones();
  milestone.set_rung(v1::RUNG_DUE);
  milestone.set_at(to_unix_ms(due));
}

store::guard_options guard_options_of(const redis_fixture& redis) {
  store::guard_options options;
  options.state_file = redis.directory.path() + "/state";
  options.shards = test_shards();
  options.durable = false;
  return options;
}

/// DEBUG DIGEST tells whether anything at all was changed.
std::vector<std::string> with_digest(std::vector<std::string> config) {
  config.emplace_back("enable-debug-command yes");
  return config;
}

}  // namespace

std::shared_ptr<const domain::province> shipped_province() {
  static const auto land = [] {
    auto config = runtime::load_config(HOTLINE_CONFIG_DIRECTORY);
    if (!config) throw std::runtime_error(to_string(config.error()));
    for (v1::Partner& one : *config->mutable_partners()) one.clear_inactive();
    auto built = domain::build_province(*config);
    if (!built) throw std::runtime_error(to_string(built.error()));
    return std::make_shared<const domain::province>(*std::move(built));
  }();
  return land;
}

ticket_step new_ticket(const ticket_shape& shape) {
  auto event = next_event({}, shape.no, v1::EVENT_KIND_DISPATCHED);
  auto& change = *event.mutable_change();
  change.set_state(v1::STATE_DISPATCHED);
  change.set_desk("370000");
  change.set_created_by("u1");
  change.set_created_at(to_unix_ms(monday));
  change.set_urgency(v1::URGENCY_NORMAL);
  auto& intake = *change.mutable_intake();
  intake.set_title("拖欠工资");
  intake.set_source(v1::SOURCE_PHONE);
  intake.mutable_caller()->set_name("张三");
  intake.mutable_caller()->set_phone(shape.phone);
  intake.mutable_caller()->set_phone_index(shape.phone);  // any text: nothing is sealed here
  intake.mutable_matter()->set_content(std::string(shape.content_bytes, 'x'));
  auto& assignment = *change.add_assignments();
  assignment.set_id(1);
  assignment.set_unit(shape.unit);
  assignment.set_role(v1::ASSIGNMENT_ROLE_MAIN);
  assignment.set_state(v1::ASSIGNMENT_STATE_WAITING);
  assignment.set_dispatched_at(to_unix_ms(monday));
  set_clock(*change.add_clocks(), shape.unit, shape.due);
  return step_of({}, std::move(event));
}

ticket_step annotated(const v1::Ticket& before) {
  auto event = next_event(before, before.no(), v1::EVENT_KIND_ANNOTATED);
  event.mutable_cause()->mutable_annotate()->set_text("called again");
  return step_of(before, std::move(event));
}

ticket_step moved(const v1::Ticket& before, instant due) {
  auto event = next_event(before, before.no(), v1::EVENT_KIND_EXTENSION_DECIDED);
  set_clock(*event.mutable_change()->add_clocks(), before.assignments(0).unit(), due);
  return step_of(before, std::move(event));
}

ticket_step closed(const v1::Ticket& before) {
  auto event = next_event(before, before.no(), v1::EVENT_KIND_CLOSED);
  auto& change = *event.mutable_change();
  change.set_state(v1::STATE_CLOSED);
  auto clock = before.clocks(0);
  clock.set_state(v1::CLOCK_STATE_MET);
  *change.add_clocks() = clock;
  return step_of(before, std::move(event));
}

v1::Command create_command(const std::string& id) {
  v1::Command command;
  command.set_id(id);
  auto& actor = *command.mutable_actor();
  actor.set_user("u1");
  actor.set_unit("370000");
  actor.set_role(v1::ROLE_OPERATOR);
  auto& intake = *command.mutable_create()->mutable_intake();
  intake.set_source(v1::SOURCE_PHONE);
  intake.mutable_call()->set_number("13800001234");
  auto& caller = *intake.mutable_caller();
  caller.set_name("张三");
  caller.set_phone("13800001234");
  caller.set_address("济宁邹城");
  auto& matter = *intake.mutable_matter();
  matter.set_kind(v1::KIND_COMPLAINT);
  matter.set_category("wages.arrears");
  matter.set_content("工地拖欠工资三个月");
  matter.set_region("370883");
  matter.set_occurred_date("2026-11-01");
  intake.mutable_employer()->set_name("某建筑公司");
  return command;
}

v1::Command command_of(const std::string& no, v1::Role role, const std::string& unit) {
  v1::Command command;
  command.set_ticket_no(no);
  command.mutable_actor()->set_user("u-" + unit);
  command.mutable_actor()->set_unit(unit);
  command.mutable_actor()->set_role(role);
  return command;
}

redis::exec_function exec_of(redis::client& client) {
  return [&client](redis::command command) { return client.exec(std::move(command)); };
}

store_fixture::store_fixture(std::vector<std::string> extra_config, bool durable)
    : redis(with_digest(std::move(extra_config)), durable),
      guard(guard_options_of(redis), floor, quiet_log()) {
  const auto started = run(guard.start(exec_of(*redis.client)));
  if (!started) throw std::runtime_error(to_string(started.error()));
  tickets = std::make_unique<store::ticket_store>(*redis.client, floor, options());
  numbers = std::make_unique<store::number_source>(redis.context.get_executor(), *redis.client,
                                                   guard.data_set());
  runner = std::make_unique<store::command_runner>(*tickets, *numbers, clock, province(), vault);
}

void store_fixture::commit(const v1::Ticket* before, const ticket_step& step) {
  const auto done = run(tickets->commit(before, step.ticket, step.events, {}, {}, clock.now()));
  if (!done) throw std::runtime_error(to_string(done.error()));
  if (!std::holds_alternative<store::committed>(*done)) throw std::runtime_error("not committed");
}

std::vector<std::string> store_fixture::fill(const std::string& shard, int count,
                                             const std::string& unit, instant due) {
  std::vector<std::string> filled;
  for (int i = 1; i <= count; ++i) {
    ticket_shape shape;
    shape.no = fmt::format("{}-20261123-{:05}", shard, i);
    shape.unit = unit;
    shape.due = due;
    commit(nullptr, new_ticket(shape));
    filled.push_back(shape.no);
  }
  return filled;
}

std::string store_fixture::digest() { return std::string(exec("DEBUG", "DIGEST").string()); }

}  // namespace hotline::test
