// A message as the partner reads it: with the personal values that may go out, opened just before.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/exchange/partner.hpp"
#include "common/exchange/write_message.hpp"
#include "common/store/exchange_queue.hpp"
#include "common/store/file_link.hpp"
#include "common/store/personal_vault.hpp"
#include "hotline/v1/letter.pb.h"

namespace hotline::transfer {

/// Everything given outlives it.
class message_writer {
 public:
  message_writer(const exchange::partner& to, store::personal_vault& vault,
                 const store::file_links& links)
      : to_(to), vault_(vault), links_(links) {}

  /// Puts addresses of ours in place of files that are kept here, and leaves out those that have
  /// none: how many.
  std::size_t place_files(std::string_view ticket_no, v1::PartnerEvent& event, instant now) const;

  /// `external_no` is the partner's number of the ticket where the event has none yet. Fails where
  /// the same message would fail again: a person has to mend it or the configuration.
  std::expected<exchange::written, v1::SendFailure> write(const store::message_id& id,
                                                          v1::PartnerEvent event,
                                                          const std::string& external_no);

 private:
  const exchange::partner& to_;
  store::personal_vault& vault_;
  const store::file_links& links_;
};

}  // namespace hotline::transfer
