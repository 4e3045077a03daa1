#include "common/store/queues.hpp"

#include <utility>
#include <variant>

#include "common/domain/derive.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

// The scores domain::is_claimable accepts, as a range Redis can be asked for.
constexpr double claimable_from = 0;
constexpr double claimable_to = 4 * domain::score_band;

std::string queue_name(const std::string& unit) { return "queue:" + unit; }

claim_result failed(failure why) { return std::unexpected(refusal{std::move(why), std::nullopt}); }

/// Whether a refusal only tells that this ticket is not to be had any more. Anything else (the
/// role, the unit) would be said of every ticket of the queue.
bool is_gone(const refusal& no) {
  if (no.why.code == errc::conflict) return true;
  if (!no.rejection) return false;
  switch (no.rejection->code()) {
    case v1::REJECT_CODE_STATE_NOT_ALLOWED:
    case v1::REJECT_CODE_ALREADY_DONE:
    case v1::REJECT_CODE_ALREADY_OPEN:  // its return is being decided
    case v1::REJECT_CODE_NOTHING_OPEN:
    case v1::REJECT_CODE_TICKET_UNKNOWN: return true;
    default: return false;
  }
}

v1::Command sign_by(const v1::Actor& actor, std::string no) {
  v1::Command sign;
  *sign.mutable_actor() = actor;
  sign.set_ticket_no(std::move(no));
  sign.mutable_sign();
  return sign;
}

bool is_refused_unit(const refusal& no) {
  return no.rejection && no.rejection->code() == v1::REJECT_CODE_UNIT_NOT_ALLOWED;
}

}  // namespace

queues::queues(const index_reader& index, ticket_store& store, command_runner& runner,
               const clock& clock)
    : index_(index), store_(store), runner_(runner), clock_(clock) {}

awaitable<result<index_page>> queues::page(std::string unit, std::optional<index_cursor> after,
                                           std::size_t limit) const {
  return index_.page(queue_name(unit), std::move(after), limit, index_order::ascending);
}

awaitable<result<queue_size>> queues::size(std::string unit) const {
  const auto total = co_await index_.count(queue_name(unit));
  if (!total) co_return pass(total);
  const auto claimable =
      co_await index_.count_between(queue_name(unit), claimable_from, claimable_to);
  if (!claimable) co_return pass(claimable);
  co_return queue_size{*total, *claimable};
}

awaitable<claim_result> queues::claim(std::string unit, v1::Actor actor, std::string id,
                                      std::string fingerprint) {
  if (!id.empty()) {
    auto known = co_await store_.find_request(*runner_.request(id, fingerprint), clock_.now());
    if (!known) co_return failed(known.error());
    if (auto* answer = std::get_if<replayed>(&*known)) {
      v1::Command sign = sign_by(actor, answer->answer.ticket_no());
      auto again = co_await runner_.repeat(std::move(sign), std::move(answer->answer));
      if (!again) co_return std::unexpected(std::move(again.error()));
      co_return std::optional<executed>(*std::move(again));
    }
    if (std::holds_alternative<key_reused>(*known)) {
      co_return failed({errc::key_reused, "the idempotency key belongs to another request"});
    }
  }

  std::optional<refusal> last;
  int units_refused = 0;
  for (int round = 0; round < rounds_max; ++round) {
    const auto candidates =
        co_await index_.from_score(queue_name(unit), claimable_from, candidates_per_round);
    if (!candidates) co_return failed(candidates.error());
    bool any = false;
    for (const auto& candidate : *candidates) {
      if (!domain::is_claimable(candidate.score)) break;
      any = true;
      v1::Command sign = sign_by(actor, candidate.no);
      sign.set_id(id);
      auto signed_now = co_await runner_.run(std::move(sign), fingerprint);
      // Without an event it was signed before: somebody else's, even if it is the same person.
      if (signed_now && (signed_now->replayed || signed_now->commit_no > 0)) {
        co_return std::optional<executed>(*std::move(signed_now));
      }
      if (signed_now) continue;
      last = std::move(signed_now.error());
      // Once, the ticket may just have been handed on to another unit; twice, it is the actor.
      if (is_refused_unit(*last) && ++units_refused < 2) continue;
      if (!is_gone(*last)) co_return std::unexpected(*std::move(last));
    }
    if (!any) co_return std::optional<executed>();
  }
  if (last && last->rejection) co_return std::unexpected(*std::move(last));
  co_return failed({errc::conflict, "others claimed every ticket first"});
}

}  // namespace hotline::store
