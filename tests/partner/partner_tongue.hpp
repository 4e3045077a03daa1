// A partner's documents, written and read on the partner's side in the formats it is configured
// with.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/exchange/partner.hpp"
#include "common/exchange/read_message.hpp"
#include "common/exchange/signature.hpp"
#include "common/exchange/write_message.hpp"
#include "common/net/http_message.hpp"

namespace hotline::test {

/// Events keep our names of the numbers on this side too: `external_no` is the partner's.
class partner_tongue {
 public:
  /// Throws when the mirrored configuration does not compile. The province outlives it.
  partner_tongue(const v1::Partner& ours, const domain::province& land,
                 exchange::secret_source secrets);

  /// One document with these events; `next_cursor` where it is a page of a pull.
  std::string write(std::span<const v1::PartnerEvent> events,
                    std::string_view next_cursor = {}) const;
  /// How many events a document may hold.
  bool holds_several() const;
  /// The header fields of a push of ours, signed, with its Content-Type.
  net::field_list signed_headers(std::string_view target, std::string_view body, instant now,
                                 std::string nonce) const;
  /// What the hotline has answered; `external_no` is the hotline's number of the ticket.
  exchange::partner_answer read_answer(int status, std::string_view body) const;

  /// What the hotline tells in one message; otherwise why it cannot be read.
  std::expected<v1::PartnerEvent, std::string> read_told(std::string_view body) const;
  /// Whether a request of the hotline carries the agreed signature.
  std::expected<void, exchange::signature_fault> check_signature(const net::request& request,
                                                                 instant now) const;
  exchange::written answer(exchange::answer_kind kind, std::string_view message,
                           std::string_view external_no) const;

  struct listed {
    std::string external_no;
    std::string state;
  };
  /// The list of a reconciliation (对账).
  std::string write_list(std::span<const listed> tickets) const;

 private:
  v1::Partner ours_;
  exchange::partner theirs_;
  exchange::secret_source secrets_;
};

}  // namespace hotline::test
