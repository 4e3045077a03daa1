#include <fmt/core.h>

#include <algorithm>

#include "common/domain/reaction.hpp"
#include "common/domain/ticket_no.hpp"
#include "common/store/keys.hpp"
#include "common/store/records.hpp"
#include "common/store/stream_keeper.hpp"
#include "common/store/verifier.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

bool lists(const v1::Ticket& main, const std::string& child) {
  return std::ranges::find(main.merged_nos(), child) != main.merged_nos().end();
}

/// A main ticket that has become read-only, or was merged itself, takes no more.
bool takes_no_more(const v1::Ticket& main) {
  return main.state() == v1::STATE_ARCHIVED || main.state() == v1::STATE_MERGED;
}

bool is_idle(const stream_report& stream) {
  return std::ranges::all_of(stream.groups, [&](const group_position& group) {
    return group.pending == 0 && group.last_delivered == stream.newest;
  });
}

}  // namespace

void verifier::note_merges(const v1::Ticket& ticket) {
  if (!ticket.main_no().empty()) merges_[{ticket.no(), ticket.main_no()}].says_child = true;
  for (const auto& child : ticket.merged_nos()) merges_[{child, ticket.no()}].says_main = true;
}

verifier::step verifier::check_merges() {
  for (const auto& [pair, said] : merges_) {
    if (said.says_child == said.says_main) continue;
    const auto checked = co_await check_merge(pair.child, pair.main);
    if (!checked) co_return checked;
  }
  co_return result<void>();
}

/// The list of the main ticket follows the child's event. Only when nobody has such events of the
/// child's shard to handle, before and after the two were read, do they have to agree.
verifier::step verifier::check_merge(std::string child, std::string main) {
  const auto shard = std::string(domain::shard_of_ticket(child));
  const std::string lane(domain::dispatch_lane);
  const auto before = co_await report_stream(redis_, shard, lane);
  if (!before) co_return pass(before);
  std::vector<redis::command> reads;
  reads.emplace_back("GET", ticket_key(child));
  reads.emplace_back("GET", ticket_key(main));
  const auto values = co_await redis_.exec_all(std::move(reads));
  const auto after = co_await report_stream(redis_, shard, lane);
  if (!after) co_return pass(after);
  if (!is_idle(*before) || before->newest != after->newest) co_return result<void>();
  // What cannot be read is reported where it was read first.
  if (!values[0] || !values[1] || !values[0]->is_string()) co_return result<void>();
  const auto child_ticket = decode_ticket(child, values[0]->string());
  if (!child_ticket) co_return result<void>();
  const bool belongs = child_ticket->main_no() == main;
  if (!values[1]->is_string()) {
    if (belongs) {
      report({damage::merge_differs, ticket_key(child), child,
              fmt::format("its main ticket {} does not exist", main)});
    }
    co_return result<void>();
  }
  const auto main_ticket = decode_ticket(main, values[1]->string());
  if (!main_ticket || takes_no_more(*main_ticket)) co_return result<void>();
  if (lists(*main_ticket, child) != belongs) {
    report({damage::merge_differs, ticket_key(main), child,
            belongs ? fmt::format("is merged into {} and not listed there", main)
                    : fmt::format("is listed on {} and not merged into it", main)});
  }
  co_return result<void>();
}

}  // namespace hotline::store
