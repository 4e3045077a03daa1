#include "services/gateway/answers.hpp"

#include <array>

#include "hotline/v1/api.pb.h"
#include "hotline/v1/audit.pb.h"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/files_api.pb.h"
#include "hotline/v1/identity.pb.h"
#include "hotline/v1/intake_api.pb.h"
#include "hotline/v1/letter.pb.h"
#include "hotline/v1/organisation.pb.h"
#include "hotline/v1/partner_health.pb.h"
#include "hotline/v1/review_api.pb.h"

namespace hotline::gateway {

net::response make_answer(const google::protobuf::Message& message, body_format format,
                          const json::codec& codec) {
  net::response answer;
  if (format == body_format::protobuf) {
    answer.content_type = "application/x-protobuf";
    answer.body = message.SerializeAsString();
  } else {
    answer.content_type = "application/json";
    answer.body.reserve(1024);
    codec.write(message, answer.body);
  }
  return answer;
}

void set_version(net::response& answer, std::int64_t version) {
  answer.headers.emplace_back("ETag", '"' + std::to_string(version) + '"');
}

json::codec make_api_codec() {
  const std::array roots{
      v1::Command::descriptor(),
      v1::CommandAnswer::descriptor(),
      v1::TicketView::descriptor(),
      v1::Revealed::descriptor(),
      v1::HistoryPage::descriptor(),
      v1::TicketPage::descriptor(),
      v1::QueuePage::descriptor(),
      v1::Board::descriptor(),
      v1::ClockView::descriptor(),
      v1::SetClock::descriptor(),
      v1::UnitView::descriptor(),
      v1::CallerHistory::descriptor(),
      v1::RouteProposal::descriptor(),
      v1::RegionGuess::descriptor(),
      v1::OrganisationConfig::descriptor(),
      v1::CreateSession::descriptor(),
      v1::SessionView::descriptor(),
      v1::ChangePassword::descriptor(),
      v1::EnrolTotp::descriptor(),
      v1::TotpSecret::descriptor(),
      v1::ConfirmTotp::descriptor(),
      v1::CreateUser::descriptor(),
      v1::ChangeUser::descriptor(),
      v1::UserOrder::descriptor(),
      v1::UserAnswer::descriptor(),
      v1::UserPage::descriptor(),
      v1::AuditPage::descriptor(),
      v1::DeadLetter::descriptor(),
      v1::DeadLetters::descriptor(),
      v1::ResendLetter::descriptor(),
      v1::DismissLetter::descriptor(),
      v1::PartnerReviews::descriptor(),
      v1::ResolveReview::descriptor(),
      v1::RevealReview::descriptor(),
      v1::RevealedReview::descriptor(),
      v1::ReviewResolved::descriptor(),
      v1::PartnerHealthList::descriptor(),
      v1::ReconciliationPage::descriptor(),
      v1::ReconcilePartner::descriptor(),
      v1::CitizenRequest::descriptor(),
      v1::UploadedFile::descriptor(),
      v1::CitizenReceipt::descriptor(),
      v1::ProgressQuery::descriptor(),
      v1::CitizenSupplement::descriptor(),
      v1::CitizenUrge::descriptor(),
      v1::CitizenWithdrawal::descriptor(),
      v1::CitizenRating::descriptor(),
      v1::Progress::descriptor(),
  };
  return json::codec(roots);
}

}  // namespace hotline::gateway
