#include "services/hotline/register/registrar.hpp"

#include <fmt/core.h>

#include <utility>

#include "common/crypto/digest.hpp"
#include "common/domain/ticket_no.hpp"
#include "common/store/command_runner.hpp"
#include "services/hotline/patient_run.hpp"
#include "services/hotline/words.hpp"

namespace hotline::program {
namespace {

using boost::asio::awaitable;
using place_kind = store::register_place::kind;

row_taken ended(const register_entry& entry, std::string no, row_end end, std::string words) {
  row_taken taken;
  taken.outcome = {entry.line, std::move(no), end, std::move(words)};
  return taken;
}

row_taken broken_off(const register_entry& entry, std::string no, failure why) {
  auto taken = ended(entry, std::move(no), row_end::waiting, "");
  const bool begun = !taken.outcome.ticket_no.empty() && !entry.answer.empty();
  taken.outcome.words = begun ? "已建工单，答复尚未入档；可用同一文件继续" : "可用同一文件继续";
  taken.why = std::move(why);
  return taken;
}

failure stopped() { return {errc::cancelled, "中断"}; }

/// A refusal for who keeps the register: the column as it is called there, and why.
std::string words_for_keeper(const v1::Rejection& why) {
  const auto column = heading_of_field(why.field());
  return fmt::format("{}{}{}（{}）", column, column.empty() ? "" : ": ", why.text(), why.rule());
}

std::string differing_words(const register_entry& entry, const std::string& no) {
  if (entry.order.intake().external_no().empty()) {
    return fmt::format("未答复时已登记为 {}：请在该工单中登记答复", no);
  }
  return fmt::format(
      "编号 {} 此前已登记为 {}，内容与当时不同：要更正或补答复，请在该工单中办理；若是另一件事，"
      "请换一个编号；若是重新编号的台账，请用 --series 给它一个名称",
      entry.order.intake().external_no(), no);
}

std::string words_of(const register_entry& entry, row_end end) {
  const std::string before = end == row_end::known ? "此前已登记" : "";
  const std::string_view between = before.empty() ? "" : "；";
  if (!entry.answer.empty()) return fmt::format("{}{}已答复，待质检", before, between);
  if (!before.empty()) return before;
  return entry.complete ? "已受理" : "待补充";
}

bool has_ended(v1::State state) {
  return state == v1::STATE_CLOSED || state == v1::STATE_REJECTED || state == v1::STATE_WITHDRAWN ||
         state == v1::STATE_TERMINATED || state == v1::STATE_ARCHIVED || state == v1::STATE_MERGED;
}

}  // namespace

registrar::registrar(tool_session& session, v1::Actor actor)
    : session_(session), actor_(std::move(actor)), numbers_(session.register_numbers()) {}

store::register_row registrar::prints_of(const register_identity& identity) {
  auto& vault = session_.store().vault;
  store::register_row prints;
  prints.row = vault.fingerprint(identity.row);
  prints.said = vault.fingerprint(identity.said);
  if (!identity.unanswered.empty()) prints.unanswered = vault.fingerprint(identity.unanswered);
  return prints;
}

/// A number is taken only for a row that has none: a register is mostly rows that were there.
awaitable<std::optional<result<store::register_place>>> registrar::place_of(
    const register_entry& entry) {
  const auto prints = prints_of(entry.identity);
  const auto find = [&] { return numbers_.find(prints); };
  auto place = co_await patiently(session_, find);
  if (!place || !*place || (*place)->how != place_kind::unknown) co_return place;
  const auto shard = store::birth_shard(entry.order.intake(), actor_.unit(), session_.land().org);
  const auto next = [&] { return session_.store().numbers.next(shard, session_.now().now()); };
  const auto no = co_await patiently(session_, next);
  if (!no) co_return std::nullopt;
  if (!*no) co_return std::optional<result<store::register_place>>(pass(*no));
  const auto reserve = [&] { return numbers_.reserve(prints, **no); };
  co_return co_await patiently(session_, reserve);
}

awaitable<row_taken> registrar::take(register_entry entry) {
  const auto place = co_await place_of(entry);
  if (!place) co_return broken_off(entry, {}, stopped());
  if (!*place) co_return broken_off(entry, {}, (*place).error());
  const std::string no = (*place)->ticket_no;
  if ((*place)->how == place_kind::differs) {
    co_return ended(entry, no, row_end::wrong, differing_words(entry, no));
  }
  if ((*place)->how == place_kind::known) {
    const auto load = [&] { return session_.store().tickets.load(no); };
    auto ticket = co_await patiently(session_, load);
    if (!ticket) co_return broken_off(entry, {}, stopped());
    if (!*ticket) co_return broken_off(entry, no, (*ticket).error());
    if (**ticket) co_return co_await go_on(std::move(entry), ***std::move(ticket));
  }
  co_return co_await make(std::move(entry), no);
}

awaitable<row_taken> registrar::make(register_entry entry, std::string no) {
  const auto shard = store::birth_shard(entry.order.intake(), actor_.unit(), session_.land().org);
  if (domain::shard_of_ticket(no) != shard) {
    // A run that was cut off had another unit, or the place was another one then.
    co_return ended(entry, {}, row_end::wrong,
                    fmt::format("已预留工单号 {}，属于另一地市：请用当时的 --unit 再读一次", no));
  }
  const auto print = crypto::to_hex(session_.store().vault.fingerprint(entry.identity.row));
  v1::Command create;
  create.set_id("register-" + print);
  create.set_ticket_no(no);
  *create.mutable_actor() = actor_;
  *create.mutable_create() = entry.order;
  auto made = co_await run_patiently(session_, std::move(create), print);
  if (!made) co_return broken_off(entry, {}, stopped());
  if (!*made && (*made).error().rejection) {
    co_return ended(entry, {}, row_end::wrong, words_for_keeper(*(*made).error().rejection));
  }
  if (!*made) co_return broken_off(entry, {}, (*made).error().why);
  if (entry.answer.empty()) {
    co_return ended(entry, no, row_end::made, words_of(entry, row_end::made));
  }
  v1::Ticket ticket;
  ticket.set_no(no);
  ticket.set_desk(std::string(session_.land().org.desk_of(actor_.unit())));
  co_return co_await answer(std::move(entry), std::move(ticket), row_end::made);
}

/// The ticket is there already; a run that was cut off may not have answered it.
awaitable<row_taken> registrar::go_on(register_entry entry, v1::Ticket ticket) {
  const bool owes = !entry.answer.empty() && ticket.answered_by().empty();
  const bool waits = ticket.state() == v1::STATE_DRAFT || ticket.state() == v1::STATE_ACCEPTED;
  if (owes && waits) co_return co_await answer(std::move(entry), std::move(ticket), row_end::known);
  if (owes && !has_ended(ticket.state())) {
    co_return ended(entry, ticket.no(), row_end::wrong,
                    fmt::format("此前已登记，但答复没有入档，工单已是{}：请把答复写进该工单",
                                word(ticket.state())));
  }
  if (owes) co_return ended(entry, ticket.no(), row_end::known, "此前已登记");
  auto taken = ended(entry, ticket.no(), row_end::known, "此前已登记");
  taken.answered = !entry.answer.empty();
  co_return taken;
}

awaitable<row_taken> registrar::answer(register_entry entry, v1::Ticket ticket, row_end end) {
  const auto print = crypto::to_hex(session_.store().vault.fingerprint(entry.identity.row));
  v1::Command order;
  order.set_id("register-answer-" + print);
  order.set_ticket_no(ticket.no());
  order.mutable_answer_directly()->set_answer(entry.answer);
  *order.mutable_actor() = actor_;
  // A union without dispatchers keeps its register for the desk its calls belong to.
  order.mutable_actor()->set_unit(ticket.desk());
  const auto filed = co_await run_patiently(session_, std::move(order), print);
  if (!filed) co_return broken_off(entry, ticket.no(), stopped());
  if (!*filed && (*filed).error().rejection) {
    co_return ended(
        entry, ticket.no(), row_end::wrong,
        fmt::format("已建工单，答复没有入档：{}", words_for_keeper(*(*filed).error().rejection)));
  }
  if (!*filed) co_return broken_off(entry, ticket.no(), (*filed).error().why);
  auto taken = ended(entry, ticket.no(), end, words_of(entry, end));
  taken.answered = true;
  co_return taken;
}

}  // namespace hotline::program
