// What a partner is sent, and what it and we answer, in the partner's format.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "common/exchange/fault.hpp"
#include "common/exchange/partner.hpp"
#include "hotline/v1/exchange.pb.h"

namespace hotline::exchange {

struct written {
  std::string body;
  std::string content_type;
};

/// An event by the partner's outbound mapping. The fault names the first field that cannot be
/// written: one that is required and empty, a code without a word, a personal value that is still
/// sealed.
std::expected<written, fault> write_message(const partner& to, const v1::PartnerEvent& event);

/// A partner's answer to what we sent.
struct partner_answer {
  enum class verdict {
    accepted,  ///< done, now or before
    refused,   ///< sending it again would change nothing; a person must look
    unclear,   ///< perhaps done, perhaps not: to be sent again
  };
  verdict outcome = verdict::unclear;
  std::string code;  ///< theirs; empty where the answer has none
  std::string message;
  std::string external_no;  ///< their number of the ticket, where they tell it
};
/// Never fails: an answer that cannot be read is unclear, whatever its status.
partner_answer read_answer(const partner& from, int http_status, std::string_view body);

/// The reference of a file, from the answer to its upload; empty when it names none.
std::string read_upload_reference(const partner& from, std::string_view body);

enum class answer_kind {
  ok,
  duplicate,
  refused,
  again,  ///< nothing was taken in, and the same later may be: no code of theirs says that
};
/// What we answer to a push, in the format the partner pushes in.
written write_answer(const partner& to, answer_kind kind, std::string_view message,
                     std::string_view ticket_no);

}  // namespace hotline::exchange
