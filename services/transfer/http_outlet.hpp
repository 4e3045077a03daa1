// Messages to a partner as signed POSTs.
#pragma once

#include <string>

#include "common/exchange/partner.hpp"
#include "common/exchange/signature.hpp"
#include "common/store/attachment_store.hpp"
#include "services/transfer/file_upload.hpp"
#include "services/transfer/message_writer.hpp"
#include "services/transfer/outlet.hpp"
#include "services/transfer/partner_http.hpp"

namespace hotline::transfer {

/// Everything given outlives it.
class http_outlet final : public outlet {
 public:
  http_outlet(const exchange::partner& to, store::personal_vault& vault,
              const store::file_links& links, const store::attachment_store& files,
              exchange::secret_source secrets, boost::asio::io_context& context);

  /// The same message has the same field `Message-Id: <ticket number>:<version>` each time, for the
  /// partner to know it by.
  boost::asio::awaitable<telling> tell(const store::taken_message& message, instant now) override;
  void stop() override { http_.stop(); }

 private:
  boost::asio::awaitable<telling> post(std::string message_id, exchange::written content,
                                       instant now);

  const exchange::partner& to_;
  exchange::secret_source secrets_;
  message_writer writer_;
  partner_http http_;
  file_upload upload_;
  std::string target_;  ///< path and query of Outbound.url: what is signed
};

/// Messages to this partner at the same time: Outbound.in_flight_max.
std::size_t in_flight_max(const v1::Outbound& rules);
/// How long an answer may take: Outbound.timeout_ms.
milliseconds answer_limit(const v1::Outbound& rules);

}  // namespace hotline::transfer
