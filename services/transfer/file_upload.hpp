// Files of ours for a partner (附件转出): uploaded first, then referred to as the partner says.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <expected>
#include <string>

#include "common/base/clock.hpp"
#include "common/exchange/partner.hpp"
#include "common/exchange/signature.hpp"
#include "common/store/attachment_store.hpp"
#include "services/transfer/outlet.hpp"
#include "services/transfer/partner_http.hpp"

namespace hotline::transfer {

/// Everything given outlives it.
class file_upload {
 public:
  file_upload(const exchange::partner& to, partner_http& http, const store::attachment_store& files,
              exchange::secret_source secrets);

  /// Uploads what the event refers to and we keep, and puts the partner's references in its place.
  /// Nothing where the partner takes no uploads. A repeat uploads again: what the partner does with
  /// a file nobody refers to is its own affair. The error says how the telling ends.
  boost::asio::awaitable<std::expected<void, telling>> run(v1::PartnerEvent& event, instant now);

 private:
  boost::asio::awaitable<std::expected<std::string, telling>> upload(v1::Attachment file,
                                                                     std::string sha256,
                                                                     instant now);

  const exchange::partner& to_;
  partner_http& http_;
  const store::attachment_store& files_;
  exchange::secret_source secrets_;
};

}  // namespace hotline::transfer
