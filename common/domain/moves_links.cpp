#include <algorithm>

#include "common/domain/form.hpp"
#include "common/domain/move_parts.hpp"
#include "common/domain/moves.hpp"
#include "common/domain/standing.hpp"
#include "common/domain/ticket_no.hpp"

namespace hotline::domain::moves {

refusal merge(move& m) {
  const auto& main = m.command().merge().main_no();
  if (!parse_ticket_no(main)) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "merge.main-no", "main_no");
  }
  // One level only: a main ticket is never merged itself, nor a ticket into itself.
  if (main == m.ticket().no() || !m.ticket().merged_nos().empty()) {
    return reject(v1::REJECT_CODE_MERGE_LOOP, "merge.one-level", "main_no");
  }
  auto& change = m.event(v1::EVENT_KIND_MERGED);
  change.set_main_no(main);
  change.set_state_before(m.ticket().state());
  m.end_ticket(v1::STATE_MERGED, v1::ASSIGNMENT_STATE_CANCELLED);
  return std::nullopt;
}

refusal add_merged(move& m) {
  const auto& words = m.command().add_merged();
  if (!parse_ticket_no(words.child_no())) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "merge.child-no", "child_no");
  }
  if (words.child_no() == m.ticket().no() || m.ticket().state() == v1::STATE_MERGED) {
    return reject(v1::REJECT_CODE_MERGE_LOOP, "merge.one-level", "child_no");
  }
  const auto& list = m.ticket().merged_nos();
  const bool listed = std::ranges::find(list, words.child_no()) != list.end();
  if (listed != words.remove()) return std::nullopt;  // said before: nothing to do
  auto& change = m.event(v1::EVENT_KIND_MERGED_LISTED);
  if (words.remove()) {
    change.set_unmerged_no(words.child_no());
  } else {
    change.set_merged_no(words.child_no());
  }
  return std::nullopt;
}

refusal unmerge(move& m) {
  if (auto no = need(m.command().unmerge().reason(), "unmerge.reason", "reason")) return no;
  // What has ended with its main ticket is reopened there (重办) or taken down anew.
  if (m.ticket().closed_at() != 0) {
    return reject(v1::REJECT_CODE_STATE_NOT_ALLOWED, "unmerge.before-the-end");
  }
  auto& change = m.event(v1::EVENT_KIND_UNMERGED);
  change.set_main_no("");
  if (m.ticket().state_before() == v1::STATE_DRAFT) {
    m.state(v1::STATE_DRAFT);
    m.start_step(v1::CLOCK_KIND_ACCEPT, 0, m.ticket().desk());
  } else {
    await_dispatch(m);
  }
  return std::nullopt;
}

refusal follow_main(move& m) {
  if (m.ticket().closed_at() != 0) return std::nullopt;
  // It stays 并单, so that no measure counts the matter twice; from now on it may be archived.
  m.event(v1::EVENT_KIND_CLOSED).set_closed_at(m.now_ms());
  m.start_archive_clock();
  return std::nullopt;
}

refusal annotate(move& m) {
  if (auto no = need(m.command().annotate().text(), "annotate.text", "text")) return no;
  m.event(v1::EVENT_KIND_ANNOTATED);
  return std::nullopt;
}

refusal add_link(move& m) {
  const auto& link = m.command().add_link().link();
  if (link.kind() == v1::LINK_KIND_UNSPECIFIED) {
    return reject(v1::REJECT_CODE_FIELD_REQUIRED, "link.kind", "link.kind");
  }
  if (!parse_ticket_no(link.ticket_no()) || link.ticket_no() == m.ticket().no()) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "link.ticket-no", "link.ticket_no");
  }
  const bool known = std::ranges::any_of(m.ticket().links(), [&](const v1::Link& l) {
    return l.kind() == link.kind() && l.ticket_no() == link.ticket_no();
  });
  if (known) return reject(v1::REJECT_CODE_ALREADY_DONE, "link.once", "link.ticket_no");
  *m.event(v1::EVENT_KIND_LINKED).mutable_link() = link;
  return std::nullopt;
}

}  // namespace hotline::domain::moves
