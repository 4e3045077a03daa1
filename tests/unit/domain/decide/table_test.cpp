// Who may make which move in which state: the whole table, written down a second time from the
// rules of the trade (moves, roles and states) and compared cell by cell.
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

#include "common/domain/decide.hpp"

namespace v1 = hotline::v1;
using body = v1::Command::BodyCase;

namespace {

struct line {
  std::string states;  // first letters: see `letters`
  std::string
      roles;  // o operator, d dispatcher, f officer, l lead, s supervisor, a, y, p, c channel
};

// n none, D draft, A accepted, W answered, Q dispatched, H handling, S suspended, R replied,
// V reviewed, X rework, C closed, Z archived, J rejected, I withdrawn, M merged, T terminated,
// O transferred.
const std::map<char, v1::State> letters = {
    {'n', v1::STATE_UNSPECIFIED}, {'D', v1::STATE_DRAFT},      {'A', v1::STATE_ACCEPTED},
    {'W', v1::STATE_ANSWERED},    {'Q', v1::STATE_DISPATCHED}, {'H', v1::STATE_HANDLING},
    {'S', v1::STATE_SUSPENDED},   {'R', v1::STATE_REPLIED},    {'V', v1::STATE_REVIEWED},
    {'X', v1::STATE_REWORK},      {'C', v1::STATE_CLOSED},     {'Z', v1::STATE_ARCHIVED},
    {'J', v1::STATE_REJECTED},    {'I', v1::STATE_WITHDRAWN},  {'M', v1::STATE_MERGED},
    {'T', v1::STATE_TERMINATED},  {'O', v1::STATE_TRANSFERRED}};

const std::map<char, v1::Role> role_letters = {
    {'-', v1::ROLE_UNSPECIFIED},   {'o', v1::ROLE_OPERATOR}, {'d', v1::ROLE_DISPATCHER},
    {'f', v1::ROLE_OFFICER},       {'l', v1::ROLE_LEAD},     {'s', v1::ROLE_SUPERVISOR},
    {'a', v1::ROLE_ADMINISTRATOR}, {'y', v1::ROLE_SYSTEM},   {'p', v1::ROLE_PARTNER},
    {'c', v1::ROLE_CHANNEL}};

const std::string open = "DAWQHSRVXO";
const std::string all_but_archived = open + "CJITM";

const std::map<body, line> expected = {
    {body::kCreate, {"n", "odflypc"}},
    {body::kSupplement, {"DAQHSXO", "odpyc"}},
    {body::kAnswerDirectly, {"DA", "od"}},
    {body::kCheckAnswer, {"W", "ds"}},
    {body::kRefuse, {"DA", "od"}},
    {body::kDecideRefusal, {"DA", "s"}},
    {body::kChangeUrgency, {"DAWQHRVX", "dsl"}},
    {body::kDispatch, {"A", "dy"}},
    {body::kSign, {"Q", "fl"}},
    {body::kReturnTicket, {"QH", "l"}},
    {body::kDecideReturn, {"QH", "dsl"}},
    {body::kRedispatch, {"QH", "ds"}},
    {body::kHandDown, {"H", "fld"}},
    {body::kAddCoHandler, {"QHX", "fldsy"}},
    {body::kReleaseCoHandler, {"QHXS", "fldsy"}},
    {body::kGiveOpinion, {"QHXS", "fldp"}},
    {body::kRecordContact, {"HXS", "fl"}},
    {body::kReportProgress, {"HX", "fl"}},
    {body::kRequestExtension, {"H", "fl"}},
    {body::kDecideExtension, {"H", "dsl"}},
    {body::kRequestSuspension, {"H", "fl"}},
    {body::kDecideSuspension, {"H", "dsl"}},
    {body::kResume, {"S", "fldsy"}},
    {body::kUrge, {open, "odspyc"}},
    {body::kSupervise, {"QHXS", "dsp"}},
    {body::kAnswerSupervision, {open, "flds"}},
    {body::kCloseSupervision, {open, "dsl"}},
    {body::kTakeOver, {"QHX", "dsl"}},
    {body::kRequestTakeOver, {"QH", "l"}},
    {body::kDecideTakeOver, {"QH", "dsl"}},
    {body::kReply, {"HX", "fl"}},
    {body::kReview, {"R", "dsl"}},
    {body::kRecordVisit, {"VC", "odpc"}},
    {body::kRework, {"VC", "odsp"}},
    {body::kRequestTermination, {"HXS", "l"}},
    {body::kDecideTermination, {"HXS", "ds"}},
    {body::kRequestExclusion, {"HXRVC", "l"}},
    {body::kDecideExclusion, {all_but_archived, "ds"}},
    {body::kMerge, {"DAQH", "od"}},
    {body::kAddMerged, {all_but_archived, "ody"}},
    {body::kUnmerge, {"M", "od"}},
    {body::kFollowMain, {"M", "y"}},
    {body::kWithdraw, {open, "odpc"}},
    {body::kTransferOut, {"AQH", "ds"}},
    {body::kRecordPartnerAnswer, {"O", "pdy"}},
    {body::kDecidePartnerExtension, {"O", "ds"}},
    {body::kSetPartnerDue, {open, "dpy"}},
    {body::kEscalate, {open, "y"}},
    {body::kAnnotate, {all_but_archived, "odflspyc"}},
    {body::kAddAttachment, {open + "C", "odflpy"}},
    {body::kAddLink, {all_but_archived, "odflsyc"}},
    {body::kArchive, {"CJIT", "ay"}},
    {body::kRecalculate, {open, "ay"}},
    {body::kTick, {open + "CJITM", "y"}},
    {body::kReveal, {all_but_archived + "Z", "odfls"}},
};

}  // namespace

TEST_CASE("every move is in the table, and the table has no others") {
  const auto* words = v1::Command::descriptor()->FindOneofByName("body");
  CHECK(words->field_count() == std::ssize(expected));
  std::set<int> listed;
  for (const auto& [which, rule] : expected) listed.insert(static_cast<int>(which));
  for (int i = 0; i < words->field_count(); ++i) {
    CHECK_MESSAGE(listed.contains(words->field(i)->number()), words->field(i)->name());
  }
}

TEST_CASE("every move in every state by every role is allowed or not as the trade has it") {
  int cells = 0;
  for (const auto& [which, rule] : expected) {
    for (const auto& [state_letter, state] : letters) {
      for (const auto& [role_letter, role] : role_letters) {
        const bool wanted = rule.states.find(state_letter) != std::string::npos &&
                            rule.roles.find(role_letter) != std::string::npos;
        INFO("body " << static_cast<int>(which) << " in " << v1::State_Name(state) << " by "
                     << v1::Role_Name(role));
        CHECK(hotline::domain::may_move(which, state, role) == wanted);
        ++cells;
      }
    }
  }
  CHECK(cells == std::ssize(expected) * 17 * 10);
}
