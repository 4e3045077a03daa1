#include "services/sla/recalculator.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <utility>

#include "common/crypto/digest.hpp"
#include "common/store/keys.hpp"

namespace hotline::sla {

using boost::asio::awaitable;

namespace {

constexpr std::string_view done = "done";

void append_stable(std::string& out, const google::protobuf::Message& message) {
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializePartialToCodedStream(&coded);
}

}  // namespace

std::string terms_of_time(const v1::HotlineConfig& config) {
  std::string bytes;
  append_stable(bytes, config.calendar());
  append_stable(bytes, config.policies().sla());
  append_stable(bytes, config.policies().ladder());
  return crypto::to_hex(crypto::as_bytes(crypto::digest(v1::HASH_SUITE_SHA_256).of(bytes)));
}

recalculator::recalculator(redis::client& redis, const store::index_reader& index,
                           store::command_runner& runner, recalculator_options options,
                           recalculation_counters& counters, logger log)
    : redis_(redis),
      index_(index),
      runner_(runner),
      options_(std::move(options)),
      counters_(counters),
      log_(std::move(log)) {}

awaitable<void> recalculator::run(runtime::stop_signal& stopping) {
  while (!stopping.raised()) {
    const auto did = co_await work();
    if (did && *did == step::finished) co_return;
    if (!did) log_.warn("recalculation waits reason=\"{}\"", to_string(did.error()));
    const bool works = did && *did == step::more;
    if (!co_await stopping.sleep_for(works ? options_.pause : options_.look_again)) co_return;
  }
}

awaitable<result<recalculator::step>> recalculator::work() {
  const auto before = co_await progress();
  if (!before) co_return pass(before);
  if (*before && **before == done) co_return step::finished;
  const auto mine = co_await take_turn();
  if (!mine) co_return pass(mine);
  if (!*mine) co_return step::waits;
  // Read again: whoever had the turn before may have gone on.
  const auto where = co_await progress();
  if (!where) co_return pass(where);
  if (*where && **where == done) co_return step::finished;

  std::optional<store::index_cursor> after;
  if (*where && !(*where)->empty()) {
    const auto cursor = store::parse_cursor(**where);
    if (!cursor) co_return pass(cursor);
    after = *cursor;
  } else {
    log_.info("calendar or rules about time have changed: open tickets are computed again");
  }
  const auto page =
      co_await index_.page("all", after, options_.page, store::index_order::ascending);
  if (!page) co_return pass(page);
  for (const auto& ticket : page->members) {
    const auto ok = co_await recalculate(ticket.no);
    if (!ok) co_return pass(ok);
  }
  const auto kept =
      co_await keep_progress(page->next ? store::format_cursor(*page->next) : std::string(done));
  if (!kept) co_return pass(kept);
  if (page->next) co_return step::more;
  log_.info("recalculation finished looked_at={} moved={}", counters_.looked_at.load(),
            counters_.moved.load());
  co_return step::finished;
}

awaitable<result<bool>> recalculator::take_turn() {
  const auto set =
      co_await redis_.exec(redis::command("SET", store::recalculation_turn_key(), options_.consumer,
                                          "NX", "PX", options_.turn.count()));
  if (!set) co_return pass(set);
  if (!set->is_nil()) co_return true;
  auto holder = co_await redis_.exec(redis::command("GET", store::recalculation_turn_key()));
  if (!holder) co_return pass(holder);
  if (holder->is_nil() || holder->string() != options_.consumer) co_return false;
  const auto longer = co_await redis_.exec(
      redis::command("PEXPIRE", store::recalculation_turn_key(), options_.turn.count()));
  if (!longer) co_return pass(longer);
  co_return true;
}

awaitable<result<std::optional<std::string>>> recalculator::progress() {
  const auto kept = co_await redis_.exec(redis::command("GET", store::recalculation_key()));
  if (!kept) co_return pass(kept);
  if (kept->is_nil()) co_return std::optional<std::string>();
  const auto text = kept->string();
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos || text.substr(0, blank) != options_.terms) {
    co_return std::optional<std::string>();
  }
  co_return std::optional<std::string>(text.substr(blank + 1));
}

awaitable<result<void>> recalculator::keep_progress(std::string where) {
  const auto kept = co_await redis_.exec(
      redis::command("SET", store::recalculation_key(), options_.terms + " " + where));
  if (!kept) co_return pass(kept);
  co_return result<void>{};
}

awaitable<result<void>> recalculator::recalculate(std::string no) {
  v1::Command command;
  command.set_ticket_no(std::move(no));
  command.mutable_actor()->set_user("sla");
  command.mutable_actor()->set_role(v1::ROLE_SYSTEM);
  command.mutable_recalculate()->set_reason("工作日历或时限规则变更");
  const auto run = co_await runner_.run(std::move(command));
  runtime::add(counters_.looked_at);
  if (run && run->commit_no > 0) runtime::add(counters_.moved);
  // A refusal by the rules: the ticket has ended, or is gone.
  if (!run && !run.error().rejection) co_return std::unexpected(run.error().why);
  co_return result<void>{};
}

}  // namespace hotline::sla
