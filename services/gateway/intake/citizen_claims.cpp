#include "services/gateway/intake/citizen_claims.hpp"

#include <string>
#include <utility>
#include <vector>

#include "common/crypto/digest.hpp"
#include "common/domain/citizen.hpp"
#include "common/domain/ticket_no.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

/// What is looked for in the place of something that is no ticket number: there is no such ticket.
constexpr std::string_view no_ticket = "3700-20000101-00001";

net::problem not_proven() {
  return make_problem(422, "claim_not_proven", "工单号与登记电话不符，请核对后重新输入。",
                      "The ticket number and the telephone number do not belong together.");
}

reading<void> check_form(const v1::CitizenClaim& claim) {
  for (const auto& [field, value] :
       {std::pair("claim.ticket_no", &claim.ticket_no()), std::pair("claim.phone", &claim.phone()),
        std::pair("claim.citizen_address", &claim.citizen_address())}) {
    if (!value->empty()) continue;
    net::problem p = make_problem(422, "field_required", "必填内容缺失。", "A field is missing.");
    p.field = field;
    return std::unexpected(std::move(p));
  }
  return {};
}

/// `indexes`: of the ways the number may have been written down.
bool is_caller(const std::vector<std::string>& indexes, const std::optional<v1::Ticket>& ticket) {
  bool same = false;
  for (const auto& index : indexes) {
    // Compared in any case: that there is such a ticket must not show in the time it takes.
    const auto& stored = ticket ? ticket->intake().caller().phone_index() : index;
    if (crypto::equal_in_constant_time(stored, index)) same = !stored.empty();
  }
  return same && ticket;
}

}  // namespace

awaitable<reading<v1::Ticket>> citizen_claims::prove(const call& c, v1::CitizenClaim claim) {
  if (auto formed = check_form(claim); !formed) co_return std::unexpected(formed.error());
  claim.set_ticket_no(domain::plain_ticket_no(claim.ticket_no()));
  const bool could_be = domain::is_ticket_no(claim.ticket_no());
  const std::string no = could_be ? claim.ticket_no() : std::string(no_ticket);
  const auto now = parts_.now.now();
  auto counts = failed_claims(intake_.settings, claim.citizen_address(), no);
  // What is no number is about no ticket that somebody else could be kept from.
  if (!could_be) counts.pop_back();
  const auto full = co_await intake_.limits.take(counts, {}, now);
  if (!full) co_return std::unexpected(net::problem_for(full.error()));
  if (*full) {
    co_return std::unexpected(limit_reached(store::intake_span::hour, now, "too_many_failures",
                                            "查询失败次数过多，请稍后再试，或拨打 12351。",
                                            "Too many failures; try again later or call 12351."));
  }
  auto loaded = co_await parts_.tickets.load(no);
  if (!loaded) co_return std::unexpected(net::problem_for(loaded.error()));
  std::vector<std::string> indexes;
  for (const auto& one : domain::spellings_of(domain::plain_phone(claim.phone()))) {
    indexes.push_back(parts_.vault.phone_index(one));
  }
  if (!is_caller(indexes, *loaded)) {
    co_await record(c, claim);
    co_return std::unexpected(not_proven());
  }
  // What was no failure is not counted; should this fail, the citizen has one try less.
  if (const auto back = co_await intake_.limits.give_back(counts, {}, now); !back) {
    parts_.log.warn("claim not taken back reason=\"{}\"", to_string(back.error()));
  }
  co_return **std::move(loaded);
}

awaitable<void> citizen_claims::record(const call& c, const v1::CitizenClaim& claim) {
  if (parts_.audit == nullptr) co_return;
  v1::AuditRecord record;
  record.set_at(to_unix_ms(parts_.now.now()));
  *record.mutable_actor() = c.actor;
  record.set_action("intake.claim");
  // As typed it may be anything, somebody's telephone number included.
  if (domain::is_ticket_no(claim.ticket_no())) record.set_object(claim.ticket_no());
  record.set_reason("number and telephone do not belong together");
  record.set_request_id(c.request.request_id);
  record.set_address(store::counted_address(claim.citizen_address()));
  const auto recorded = co_await parts_.audit->append(std::move(record));
  // The refusal stands without its record: nothing was told.
  if (!recorded) parts_.log.warn("claim not recorded reason=\"{}\"", to_string(recorded.error()));
}

}  // namespace hotline::gateway
