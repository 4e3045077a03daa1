#include "services/dispatch/merge_keeper.hpp"

#include <utility>

#include "common/domain/derive.hpp"
#include "common/domain/merging.hpp"

namespace hotline::dispatch {

using boost::asio::awaitable;
using runtime::add;
using runtime::handled;

namespace {

v1::Command command_for(std::string no) {
  v1::Command command;
  command.set_ticket_no(std::move(no));
  command.mutable_actor()->set_user("merge");
  command.mutable_actor()->set_role(v1::ROLE_SYSTEM);
  return command;
}

bool has_ended(const v1::Ticket& ticket) {
  return !domain::is_open(ticket.state()) && ticket.state() != v1::STATE_MERGED;
}

}  // namespace

merge_keeper::merge_keeper(store::ticket_store& tickets, store::command_runner& runner,
                           merge_counters& counters, logger log)
    : tickets_(tickets), runner_(runner), counters_(counters), log_(std::move(log)) {}

awaitable<handled> merge_keeper::handle(const v1::Event& event) {
  if (event.kind() == v1::EVENT_KIND_MERGED) {
    co_return co_await list(event.ticket_no(), event.change().main_no());
  }
  if (event.kind() == v1::EVENT_KIND_UNMERGED) {
    co_return co_await part_from(event.ticket_no(), event.version());
  }
  co_return co_await end_children(event.ticket_no());
}

awaitable<handled> merge_keeper::part_from(std::string child_no, std::int64_t version) {
  // The event tells that there is no main ticket any more; the one there was is in the history.
  const auto history = co_await tickets_.history(child_no, 1, version);
  if (!history) co_return runtime::handled_after(history.error());
  std::string main_no;
  for (const v1::Event& event : *history) {
    if (event.kind() == v1::EVENT_KIND_MERGED) main_no = event.change().main_no();
  }
  if (main_no.empty()) co_return handled::impossible;
  co_return co_await list(std::move(child_no), std::move(main_no));
}

awaitable<handled> merge_keeper::list(std::string child_no, std::string main_no) {
  const auto child = co_await tickets_.load(child_no);
  if (!child) co_return runtime::handled_after(child.error());
  if (!*child) co_return handled::impossible;
  const bool belongs = (*child)->main_no() == main_no;
  auto listing = command_for(main_no);
  listing.mutable_add_merged()->set_child_no(child_no);
  listing.mutable_add_merged()->set_remove(!belongs);
  const auto listed = co_await runner_.run(std::move(listing));
  if (!listed && !listed.error().rejection) co_return runtime::handled_after(listed.error().why);
  if (!listed) {
    log_.warn("ticket={} does not list its merged ticket={} rule={}", main_no, child_no,
              listed.error().rejection->rule());
    add(counters_.refused);
  } else if (listed->commit_no > 0) {
    add(counters_.listed);
  }
  if (!belongs) co_return handled::done;
  // Merged into a ticket that has ended before: there will be no event of its end any more.
  const auto main = co_await tickets_.load(main_no);
  if (!main) co_return runtime::handled_after(main.error());
  if (!*main || !has_ended(**main)) co_return handled::done;
  co_return co_await end_child(std::move(child_no), std::move(main_no),
                               domain::how_it_ended(**main));
}

awaitable<handled> merge_keeper::end_children(std::string main_no) {
  const auto main = co_await tickets_.load(main_no);
  if (!main) co_return runtime::handled_after(main.error());
  if (!*main) co_return handled::impossible;
  if (!has_ended(**main)) co_return handled::done;
  for (const auto& child_no : (*main)->merged_nos()) {
    const auto ended = co_await end_child(child_no, main_no, domain::how_it_ended(**main));
    if (ended != handled::done) co_return ended;
  }
  co_return handled::done;
}

awaitable<handled> merge_keeper::end_child(std::string child_no, std::string main_no,
                                           v1::FollowMain how) {
  constexpr int rounds_max = 8;
  for (int round = 0; round < rounds_max; ++round) {
    const auto child = co_await tickets_.load(child_no);
    if (!child) co_return runtime::handled_after(child.error());
    if (!*child || (*child)->main_no() != main_no) co_return handled::done;
    auto follow = command_for(child_no);
    // Parted and merged into another one meanwhile, it has not ended.
    follow.set_expected_version((*child)->version());
    *follow.mutable_follow_main() = how;
    const auto followed = co_await runner_.run(std::move(follow));
    if (followed) {
      if (followed->commit_no > 0) add(counters_.followed);
      co_return handled::done;
    }
    const auto& refused = followed.error();
    if (!refused.rejection) co_return runtime::handled_after(refused.why);
    // Any other refusal: it is archived already.
    if (refused.rejection->code() != v1::REJECT_CODE_VERSION_MISMATCH) co_return handled::done;
  }
  co_return handled::retry;
}

}  // namespace hotline::dispatch
